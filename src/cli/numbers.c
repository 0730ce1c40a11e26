/* SPDX-License-Identifier: GPL-2.0-or-later */
static const char help_text[] =
	"h7gang numbers set-next --profile FILE [--lot ID | --audit FILE] --next N\n"
	"h7gang numbers set-next --profile FILE [--lot ID | --audit FILE] --taken FILE\n"
	"\n"
	"Declares which serial numbers are taken. Use it at a station without a store after a "
	"whole\n"
	"disk was restored or cloned, and if the second place of the number file is missing: then\n"
	"it makes a new one. Numbers in the number file, its second place or a log stay taken. "
	"The\n"
	"log gets a row with command `note`.\n"
	"\n"
	"  --next N             for a counter: the next number\n"
	"  --taken FILE         for a list: more taken numbers, one on each line; /dev/null if\n"
	"                       there are none\n"
	"  --profile FILE       the profile whose numbers are declared\n"
	"  --lot ID             the lot, if audit.file has {lot}\n"
	"  --audit FILE         the log, instead of the profile's audit.file\n"
	"  --operator NAME      recorded in the log\n"
	"  --station NAME       recorded in the log; default: the host name\n"
	"  --tag KEY=VALUE      recorded in the log; may be repeated\n"
	"\n"
	"Without --next and --taken, it prints the lowest number that the files and logs allow,\n"
	"changes nothing, and ends with status 2.\n"
	"\n"
	"Exit status: 0 done; 2 usage or profile; 4 the log; 5 internal error.\n";

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "h7gang/audit/audit.h"
#include "h7gang/base/clock.h"
#include "h7gang/serial/numbers.h"
#include "log_path.h"

#define WHY_SIZE 640
#define DISK_MS 10000 /* for the disk to write the row */

/* The numbers of a file, a line each; owned. */
struct taken {
	char *text;
	const char **number;
	size_t count;
};

static void taken_free(struct taken *taken)
{
	free(taken->number);
	free(taken->text);
}

static bool taken_read(struct taken *taken, const char *path)
{
	FILE *file = fopen(path, "re");
	size_t size = 0;
	ssize_t n = 0;

	*taken = (struct taken){.count = 0};
	if (!file)
		return false;
	if (getdelim(&taken->text, &size, '\0', file) < 0 && ferror(file))
		n = -1;
	fclose(file);
	for (char *rest = taken->text, *line; n == 0 && rest && (line = strsep(&rest, "\n"));) {
		const char **more;

		line[strcspn(line, "\r")] = '\0';
		if (!line[0])
			continue;
		more = reallocarray(taken->number, taken->count + 1, sizeof(*more));
		if (!more)
			n = -1;
		else
			(taken->number = more)[taken->count++] = line;
	}
	return n == 0;
}

struct act {
	const struct cli_options *options;
	const struct profile *profile;
	struct audit_log *log;
	bool log_failed;
};

static bool put_note(void *user, const char *text, char *why, size_t why_size)
{
	struct act *act = user;
	const struct cli_options *options = act->options;
	char host[256] = "";
	const struct audit_event event = {
		.station = options->station ? options->station : host,
		.operator_name = options->operator_name,
		.lot = options->lot,
		.tags = options->tags,
		.profile = act->profile->name,
		.profile_sha256 = act->profile->sha256,
		.text = text,
	};

	if (!options->station && gethostname(host, sizeof(host) - 1) != 0)
		host[0] = '\0';
	if (audit_note(act->log, &event, clock_after_ms(DISK_MS)) == AUDIT_OK &&
	    audit_seal(act->log, clock_after_ms(DISK_MS)) == AUDIT_OK)
		return true;
	act->log_failed = true;
	audit_usable(act->log, why, why_size);
	return false;
}

static bool parse_next(const char *text, uint64_t *next)
{
	size_t digits = strspn(text, "0123456789");

	*next = strtoull(text, NULL, 10);
	return digits > 0 && digits <= 16 && text[digits] == '\0';
}

static enum h7_exit set_next(struct act *act, struct numbers *numbers,
			     const struct numbers_station *station, struct numbers_word *word)
{
	char why[WHY_SIZE] = "";
	bool good = numbers_set_next(numbers, station, word, why, sizeof(why));

	for (size_t i = 0; numbers_notice(numbers, i); i++)
		cli_say("%s", numbers_notice(numbers, i));
	if (good) {
		printf("the next number is set\n");
		return H7_EXIT_OK;
	}
	cli_say("%s", why);
	return act->log_failed ? H7_EXIT_LOG : H7_EXIT_USAGE;
}

static enum h7_exit with_log(struct act *act, const char *path, struct numbers_word *word)
{
	const struct audit_options kept = {.key = act->profile->audit_key,
					   .seal_every = act->profile->audit_seal_every};
	char why[WHY_SIZE] = "", which[256];
	const struct numbers_station station = {
		.logs = {act->profile->audit_file, act->options->audit},
		.state_dir = act->profile->state_dir,
		.which_log = cli_which_log(act->options, which, sizeof(which)),
	};
	struct numbers *numbers;
	enum h7_exit status = H7_EXIT_USAGE;

	if (audit_open_with(path, &kept, &act->log, NULL, why, sizeof(why)) != AUDIT_OK) {
		cli_say("%s", why);
		return H7_EXIT_LOG;
	}
	numbers = numbers_open(act->profile, path, true, why, sizeof(why));
	if (numbers)
		status = set_next(act, numbers, &station, word);
	else
		cli_say("%s", why);
	numbers_close(numbers);
	if (!audit_close(act->log))
		status = H7_EXIT_LOG;
	return status;
}

/* Changes nothing. */
static enum h7_exit propose(const struct act *act, const char *path)
{
	char why[WHY_SIZE] = "";
	struct numbers *numbers = numbers_open(act->profile, path, false, why, sizeof(why));
	uint64_t next = numbers ? numbers_peek(numbers) : 0;

	numbers_close(numbers);
	if (!numbers)
		return cli_usage("numbers", "%s", why);
	if (act->profile->serial->from_list)
		return cli_usage("numbers",
				 "set-next: --taken FILE is missing: the numbers that were "
				 "given and that neither the number file nor a log knows");
	return cli_usage("numbers",
			 "set-next: --next is missing; by the number file and the log it "
			 "is at least %" PRIu64,
			 next);
}

static enum h7_exit with_profile(const struct cli_options *options, const struct profile *profile)
{
	struct act act = {.options = options, .profile = profile};
	struct numbers_word word = {.note = put_note, .user = &act};
	struct taken taken = {.count = 0};
	enum h7_exit status;
	char *path;

	if (!profile->serial)
		return cli_usage("numbers", "the profile has no serial:");
	if (options->next && !parse_next(options->next, &word.next))
		return cli_usage("numbers", "--next: \"%s\" is not a number", options->next);
	if (options->next && options->taken)
		return cli_usage("numbers", "--next is for a counter, --taken for a list");
	if (options->taken && !taken_read(&taken, options->taken)) {
		taken_free(&taken);
		return cli_usage("numbers", "--taken: %s cannot be read", options->taken);
	}
	word.has_next = options->next != NULL;
	word.taken = taken.number;
	word.count = taken.count;
	path = cli_log_path(options, "numbers", profile, &status);
	if (path)
		status = options->next || options->taken ? with_log(&act, path, &word)
							 : propose(&act, path);
	free(path);
	taken_free(&taken);
	return status;
}

static enum h7_exit run(const struct cli_options *options)
{
	struct profile_problems problems = {0};
	struct profile *profile;
	enum h7_exit status = H7_EXIT_USAGE;

	if (options->operands != 1 || strcmp(options->operand[0], "set-next") != 0)
		return cli_usage("numbers", "the only command of numbers is set-next");
	profile = cli_profile(options->profile, &problems);
	if (profile)
		status = with_profile(options, profile);
	profile_free(profile);
	profile_problems_free(&problems);
	return status;
}

const struct cli_command cli_numbers = {
	.name = "numbers",
	.summary = "declare taken serial numbers after a loss",
	.help = help_text,
	.accepts = CLI_LIST(CLI_PROFILE, CLI_LOT, CLI_AUDIT, CLI_OPERATOR, CLI_STATION, CLI_TAG,
			    CLI_NEXT, CLI_TAKEN),
	.operands = true,
	.run = run,
};
