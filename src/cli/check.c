/* SPDX-License-Identifier: GPL-2.0-or-later */
static const char help_text[] =
	"h7gang check --profile FILE [--store URL] [--json]\n"
	"\n"
	"Reads a profile and its images as run does, and touches no board. Prints the plan, or\n"
	"every error as FILE:LINE:COLUMN. Of a store it says whether it answers, and whether its\n"
	"schema is this program's; it writes nothing there and waits for some seconds at most.\n"
	"\n"
	"Exit status: 0; 2 the profile or an image is wrong.\n";

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "plan.h"
#include "store.h"

static bool print_json(json_t *object)
{
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
	bool done = text && puts(text) >= 0;

	free(text);
	json_decref(object);
	return done;
}

static json_t *json_problems(const struct profile_problems *problems)
{
	json_t *list = json_array();

	for (size_t i = 0; i < problems->count; i++) {
		const struct profile_problem *problem = &problems->problem[i];

		json_array_append_new(list, json_pack("{s:o, s:I, s:I, s:o}", "file",
						      plan_text(problem->file), "line",
						      (json_int_t)problem->line, "column",
						      (json_int_t)problem->column, "what",
						      plan_text(problem->what)));
	}
	return json_pack("{s:i, s:b, s:o}", "v", 1, "ok", 0, "problems", list);
}

static enum h7_exit run(const struct cli_options *options)
{
	struct profile_problems problems = {0};
	struct profile *profile = cli_profile(options->profile, &problems);
	enum h7_exit status = profile ? H7_EXIT_OK : H7_EXIT_USAGE;
	struct plan_store store;
	bool done = true;

	if (profile)
		plan_store_look(cli_store_url(options, profile->store_url), &store);
	if (options->given & CLI_JSON)
		done = print_json(profile ? plan_json(profile, &store) : json_problems(&problems));
	else if (profile)
		done = plan_print(profile, &store);
	if (!done) {
		cli_say("no memory, or standard output takes nothing");
		status = H7_EXIT_INTERNAL;
	}
	profile_free(profile);
	profile_problems_free(&problems);
	return status;
}

const struct cli_command cli_check = {
	.name = "check",
	.summary = "a profile and its images: what is wrong, or the plan",
	.help = help_text,
	.accepts = CLI_PROFILE | CLI_JSON | CLI_STORE,
	.run = run,
};
