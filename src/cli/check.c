/* SPDX-License-Identifier: GPL-2.0-or-later */
static const char help_text[] =
	"h7gang check --profile FILE [--boards N] [--store URL] [--json]\n"
	"\n"
	"Checks a profile and its images without touching a board. Prints the plan of a run, or\n"
	"every mistake as FILE:LINE:COLUMN. For a store, it prints whether the store answers and\n"
	"whether its schema matches this program; it writes nothing there and waits a few seconds\n"
	"at most.\n"
	"\n"
	"  --profile FILE  the profile: see h7gang-profile(5)\n"
	"  --store URL     the store to ask, instead of store.url in the profile or H7GANG_STORE\n"
	"  --json          print the plan, or the mistakes, as one JSON object\n"
	"  --boards N      print how long a tray of N boards is expected to take: in the first N "
	"slots\n"
	"                  of the profile on the hubs of this computer, else on one hub\n"
	"\n"
	"Exit status: 0 success; 2 the profile or an image is wrong, or the second place of the\n"
	"number file is missing.\n";

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "h7gang/base/text.h"
#include "h7gang/serial/numbers.h"
#include "h7gang/usb/port.h"
#include "plan.h"
#include "store.h"
#include "tray_time.h"
#include "version_images.h"

static bool print_json(json_t *object)
{
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
	bool done = text != NULL;

	if (text) {
		text_json_document(stdout, text);
		done = putchar('\n') != EOF;
	}
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

struct tray {
	const char *hub, *hub_words; /* for scripts, and for people */
	double blank_s, dirty_s;
};

/* By the typical times of the datasheet: chips and hosts differ. In the first slots of the profile,
 * or, where it has fewer, on two kinds of hub. Returns how many there are; 0: no memory. */
static unsigned forecast_trays(const struct profile *profile, unsigned boards, struct tray tray[2])
{
	struct tray_port *ports = calloc(boards, sizeof(*ports));
	bool in_slots = profile->slots >= boards;
	char path[USB_PATH_SIZE];

	for (unsigned i = 0; ports && in_slots && i < boards; i++) {
		const struct profile_slot *slot = &profile->slot[i];

		tray_port(profile_slot_port(slot, path) ? path : slot->path, &ports[i]);
	}
	if (!ports)
		return 0;
	tray[0] = (struct tray){.hub = "slots", .hub_words = "in the first slots"};
	if (!in_slots) {
		tray[0] = (struct tray){"multi_tt", "a hub with one translator a port",
					tray_time_own_wires(profile, ports, boards, false),
					tray_time_own_wires(profile, ports, boards, true)};
		tray[1] =
			(struct tray){.hub = "single_tt", .hub_words = "a hub with one translator"};
	}
	tray[!in_slots].blank_s = tray_time(profile, ports, boards, false);
	tray[!in_slots].dirty_s = tray_time(profile, ports, boards, true);
	free(ports);
	return in_slots ? 1 : 2;
}

static void print_trays(const struct profile *profile, unsigned boards)
{
	struct tray tray[2];
	unsigned count = forecast_trays(profile, boards, tray);

	for (unsigned i = 0; i < count; i++)
		printf("%u boards%s %s: about %.0f s blank, %.0f s with other firmware in flash\n",
		       boards, count > 1 ? "," : "", tray[i].hub_words, tray[i].blank_s,
		       tray[i].dirty_s);
}

static json_t *json_trays(const struct profile *profile, unsigned boards)
{
	json_t *list = json_array();
	struct tray tray[2];
	unsigned count = forecast_trays(profile, boards, tray);

	for (unsigned i = 0; i < count; i++)
		json_array_append_new(list, tray_time_json(tray[i].hub, boards, tray[i].blank_s,
							   tray[i].dirty_s));
	return list;
}

static json_t *json_of(const struct cli_options *options, const struct profile *profile,
		       const struct plan_store *store, const struct profile_problems *problems)
{
	json_t *object = profile ? plan_json(profile, store) : json_problems(problems);

	if (object && profile && options->given[CLI_BOARDS])
		json_object_set_new(object, "trays", json_trays(profile, options->boards));
	return object;
}

/* Only a warning: a profile may be checked on another computer than its station. */
static void warn_of_missing_key(const struct profile *profile)
{
	if (profile->audit_key && access(profile->audit_key, F_OK) != 0 && errno == ENOENT)
		cli_say("warning: the key %s is not here: a run does not start without it; "
			"h7gang audit keygen makes one",
			profile->audit_key);
}

static enum h7_exit run(const struct cli_options *options)
{
	struct profile_problems problems = {0};
	struct profile *profile = cli_profile(options->profile, &problems);
	enum h7_exit status = profile ? H7_EXIT_OK : H7_EXIT_USAGE;
	struct plan_store store;
	char warning[512];
	bool done = true;

	if (profile &&
	    cli_version_has_other_image(profile, profile->audit_file, warning, sizeof(warning)))
		cli_say("warning: %s", warning);
	if (profile)
		warn_of_missing_key(profile);
	if (profile && profile->serial && !cli_store_url(options, profile->store_url) &&
	    !numbers_place_is_there(profile, warning, sizeof(warning))) {
		cli_say("%s. h7gang numbers set-next --profile %s says how to go on", warning,
			options->profile);
		status = H7_EXIT_USAGE;
	}
	if (profile)
		plan_store_look(cli_store_url(options, profile->store_url), &store);
	if (options->given[CLI_JSON])
		done = print_json(json_of(options, profile, &store, &problems));
	else if (profile)
		done = plan_print(profile, &store);
	if (profile && done && options->given[CLI_BOARDS] && !options->given[CLI_JSON])
		print_trays(profile, options->boards);
	if (!done) {
		cli_say("no memory, or standard output cannot be written");
		status = H7_EXIT_INTERNAL;
	}
	profile_free(profile);
	profile_problems_free(&problems);
	return status;
}

const struct cli_command cli_check = {
	.name = "check",
	.summary = "check a profile and its images, and print the plan",
	.help = help_text,
	.accepts = CLI_LIST(CLI_PROFILE, CLI_JSON, CLI_STORE, CLI_BOARDS),
	.run = run,
};
