/* SPDX-License-Identifier: GPL-2.0-or-later */
#define COMMON_HELP                                                                                \
	"  --profile FILE       what to program into what: see h7gang-profile(5)\n"                \
	"  --audit FILE         the log, instead of the profile's audit.file\n"                    \
	"  --lot ID             the order; replaces {lot} in the log's name\n"                     \
	"  --operator NAME      who\n"                                                             \
	"  --station NAME       where; default: the host's name\n"                                 \
	"  --tag KEY=VALUE      into the log; may be repeated\n"                                   \
	"  --slot NAME          only this slot; may be repeated\n"                                 \
	"  --uid HEX            only this board, by its 24 digits; may be repeated\n"              \
	"  --trace DIR          the last transfers of each failed attempt, for Wireshark\n"         \
	"  --store URL          where the log's rows also go: see h7gang help store\n"              \
	"  --json               one JSON object a line on standard output\n"                       \
	"  --quiet              no progress\n"                                                     \
	"  --no-color           no colour (NO_COLOR does the same)\n"                              \
	"  --log-level LEVEL    error, warning, info (default) or debug\n"

static const char run_help[] =
	"h7gang run --profile FILE [OPTIONS]\n"
	"\n"
	"Programs and verifies the boards that are there, one row in the log for each attempt.\n"
	"\n"
	"  --once               to the end of this tray (the default): newcomers are taken until\n"
	"                       none has come for 2 s\n"
	"  --watch              stays: a board that appears in a free slot is started, and has to be\n"
	"                       taken out before the slot starts again; ends by a signal\n"
	"  --count N            start only when N boards are there; with --watch: end after N units\n"
	"                       of any result\n"
	"  --wait S             for the first board, or for N of them: seconds, default 10\n"
	"  --all-slots          start only when every slot of the profile is filled\n"             \
	"  --commands           with --watch: takes commands on standard input, a line each:\n"
	"                       acknowledge SLOT\n"
	"  --rework             boards that passed in this lot are programmed again, though the\n" \
	"                       profile says once_per_lot; their rows say rework\n" COMMON_HELP
	"\n"
	"--watch goes with none of --once, --wait and --all-slots. A board that left into its\n"
	"application still lies in its slot: the same one back in its bootloader is known by its UID\n"
	"and not done twice. Where no UID can be read, the next board in that slot waits until it was\n"
	"out for 5 s, or the operator acknowledges: by a key of the panel, or --commands.\n"
	"\n"
	"First SIGINT or SIGTERM: what runs is finished, nothing is started. Second: stops at the\n"
	"next safe point, the rows say ABORTED.\n"
	"\n"
	"Exit status: 0 every unit passed; 1 a unit failed or was aborted; 2 usage, profile or\n"
	"image; 3 no target, or fewer than asked for; 4 the log; 5 internal error.\n";

static const char verify_help[] =
	"h7gang verify --profile FILE [OPTIONS]\n"
	"\n"
	"Compares the boards that are there with the profile's image. Writes nothing to them and\n"
	"never starts the application; `erase` is ignored. One row in the log for each attempt.\n"
	"\n" COMMON_HELP "\n"
	"Exit status: as for run.\n";

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "feeding.h"
#include "commands.h"
#include "h7gang/gang/gang.h"
#include "store.h"

#define LOT_MARK "{lot}"
#define WHY_SIZE 512
#define SEAL_MS 10000 /* what a disk is given for a signature */

/* A kernel port name: BUS-PORT[.PORT]... */
static bool port_path_ok(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || text[digits] != '-' || strlen(text) >= USB_PATH_SIZE)
		return false;
	do {
		text += digits + 1;
		digits = strspn(text, "0123456789");
		if (digits == 0)
			return false;
	} while (text[digits] == '.');
	return text[digits] == 0;
}

static bool slot_known(const struct profile *profile, const char *name)
{
	if (profile->slots == 0)
		return port_path_ok(name);
	for (unsigned i = 0; i < profile->slots; i++)
		if (strcmp(profile->slot[i].name, name) == 0)
			return true;
	return false;
}

/* What the profile asks of the command line. */
static enum h7_exit check_demands(const struct cli_options *options, const char *command,
				  const struct profile *profile)
{
	enum h7_exit status = H7_EXIT_OK;

	if (profile->require_lot && !options->lot)
		status = cli_usage(command, "the profile requires --lot");
	if (profile->require_operator && !options->operator_name)
		status = cli_usage(command, "the profile requires --operator");
	for (unsigned i = 0; i < options->slots; i++) {
		if (slot_known(profile, options->slot[i]))
			continue;
		status = cli_usage(command,
				   profile->slots ? "the profile has no slot \"%s\""
						  : "\"%s\" is no port path such as 1-1.4",
				   options->slot[i]);
	}
	if ((options->given & CLI_WATCH) &&
	    (options->given & (CLI_ONCE | CLI_WAIT | CLI_ALL_SLOTS)))
		status = cli_usage(command, "--watch goes with none of --once, --wait, --all-slots");
	if ((options->given & CLI_COMMANDS) && !(options->given & CLI_WATCH))
		status = cli_usage(command, "--commands goes with --watch");
	if ((options->given & CLI_ALL_SLOTS) && profile->slots == 0)
		status = cli_usage(command, "--all-slots: the profile has no slots");
	return status;
}

/* The log's path with the lot in it; owned. NULL: status tells. */
static char *path_of_log(const struct cli_options *options, const char *command,
		      const struct profile *profile, enum h7_exit *status)
{
	const char *from = options->audit ? options->audit : profile->audit_file;
	size_t marks = 0, lot = options->lot ? strlen(options->lot) : 0;
	char *path, *to;

	*status = H7_EXIT_USAGE;
	if (!from) {
		cli_usage(command, "no log: neither --audit nor audit.file in the profile");
		return NULL;
	}
	for (const char *at = from; (at = strstr(at, LOT_MARK)); at += strlen(LOT_MARK))
		marks++;
	if (marks && !options->lot) {
		cli_usage(command, "the log \"%s\" needs --lot", from);
		return NULL;
	}
	if (marks && !profile_name_ok(options->lot)) {
		cli_usage(command, "--lot: in a file name at most 64 letters, digits, . _ - "
				   "and a letter or digit first");
		return NULL;
	}
	path = malloc(strlen(from) + marks * lot + 1);
	if (!path) {
		*status = H7_EXIT_INTERNAL;
		cli_say("no memory");
		return NULL;
	}
	for (to = path; *from;) {
		if (strncmp(from, LOT_MARK, strlen(LOT_MARK)) == 0) {
			memcpy(to, options->lot, lot);
			to += lot;
			from += strlen(LOT_MARK);
		} else {
			*to++ = *from++;
		}
	}
	*to = 0;
	return path;
}

/* False: --trace names no folder that can be written to. */
static bool open_trace(const struct cli_options *options, const char *command,
		       struct trace_folder **folder)
{
	char why[WHY_SIZE];

	*folder = NULL;
	if (!options->trace)
		return true;
	*folder = trace_folder_open(options->trace, why, sizeof(why));
	if (!*folder)
		cli_usage(command, "--trace: %s: %s", options->trace, why);
	return *folder != NULL;
}

static struct audit_log *open_log(const struct cli_options *options,
				  const struct profile *profile, const char *path,
				  const struct cli_feeding *feed, enum h7_exit *failure)
{
	const char *lot = options->lot ? options->lot : "";
	const struct audit_options kept = {
		.key = profile->audit_key,
		.seal_every = profile->audit_seal_every,
		.rotate_bytes = profile->audit_rotate_mb * UINT64_C(1000000),
		.lot = profile->audit_rotate_lot ? lot : NULL,
		.synced = feed->feed ? store_feed_wake : NULL,
		.synced_user = feed->feed,
	};
	struct audit_log *log = NULL;
	unsigned recovered = 0;
	char why[WHY_SIZE] = "";
	enum audit_status status = audit_open_with(path, &kept, &log, &recovered, why,
						   sizeof(why));

	if (status != AUDIT_OK) {
		cli_say("%s", why);
		*failure = status == AUDIT_MEMORY ? H7_EXIT_INTERNAL
			   : status == AUDIT_KEY  ? H7_EXIT_USAGE
						  : H7_EXIT_LOG;
		return NULL;
	}
	if (audit_notice(log)[0])
		cli_say("%s: put right: %s", path, audit_notice(log));
	if (recovered)
		cli_say("%s: %u interrupted attempt%s of an earlier run recovered as ABORTED row%s",
			path, recovered, recovered == 1 ? "" : "s", recovered == 1 ? "" : "s");
	return log;
}

/* The end of a run is signed, whatever became of it. */
static enum h7_exit seal_log(struct audit_log *log, const char *path)
{
	char why[WHY_SIZE] = "";

	if (audit_seal(log, clock_after_ms(SEAL_MS)) == AUDIT_OK)
		return H7_EXIT_OK;
	audit_usable(log, why, sizeof(why));
	cli_say("%s: not sealed: %s", path, why);
	return H7_EXIT_LOG;
}

static struct ui *open_ui(const struct cli_options *options, const char *command,
			  const struct profile *profile, const char *path,
			  struct gang_control *control)
{
	const struct ui_options wanted = {
		.out = STDOUT_FILENO,
		.err = STDERR_FILENO,
		.json = options->given & CLI_JSON,
		.quiet = options->given & CLI_QUIET,
		.colour = !(options->given & CLI_NO_COLOR) && ui_colour_wanted(),
		.level = options->level,
		.command = command,
		.profile = profile->name,
		.part = profile->part->name,
		.lot = options->lot ? options->lot : "",
		.log = path,
		.panel = !(options->given & CLI_COMMANDS) || !isatty(STDIN_FILENO), /* keys are its own */
		.slots = profile->slot,
		.slot_count = profile->slots,
		.watch = options->given & CLI_WATCH,
		.count = options->count,
		.control = control,
	};

	setlocale(LC_CTYPE, ""); /* what the panel may draw with */

	return ui_open(&wanted);
}

static enum h7_exit run_gang(const struct cli_options *options, enum gang_command command,
			     const struct profile *profile, struct audit_log *log,
			     const char *log_path, const struct trace_folder *trace,
			     struct cli_feeding *feed, struct gang_control *control)
{
	char host[256] = "";
	struct gang_options gang = {
		.command = command,
		.profile = profile,
		.log = log,
		.log_path = log_path,
		.store_url = cli_store_url(options, profile->store_url),
		.rework = options->given & CLI_REWORK,
		.station = options->station,
		.operator_name = options->operator_name ? options->operator_name : "",
		.lot = options->lot ? options->lot : "",
		.tags = options->tags,
		.watch = options->given & CLI_WATCH,
		.count = options->count,
		.wait_s = options->wait_s,
		.all_slots = options->given & CLI_ALL_SLOTS,
		.control = control,
		.only_slots = options->slot,
		.only_slot_count = options->slots,
		.only_uids = options->uid,
		.only_uid_count = options->uids,
		.trace = trace,
		.sink = cli_feeding_event,
		.sink_user = feed,
	};

	if (!gang.station) {
		if (gethostname(host, sizeof(host) - 1) != 0)
			host[0] = 0;
		gang.station = host;
	}
	return gang_run(&gang);
}

/* For as long as the process lives: a store that hangs keeps a thread in there. */
static struct cli_feeding feeding;

/* Of a display that could not be closed: somebody may still type. */
static struct gang_control *volatile left;

/* From a checked profile to the end: first the log, then the boards. */
static enum h7_exit with_profile(const struct cli_options *options, enum gang_command command,
				 const char *name, const struct profile *profile)
{
	enum h7_exit status = check_demands(options, name, profile);
	struct trace_folder *trace = NULL;
	struct audit_log *log = NULL;
	struct gang_control *control = NULL;
	struct commands *commands = NULL;
	struct ui *ui = NULL;
	struct store_fed fed = {.in_time = true};
	bool closed;
	char *path = NULL;

	if (status != H7_EXIT_OK)
		return status;
	if (!open_trace(options, name, &trace))
		return H7_EXIT_USAGE;
	path = path_of_log(options, name, profile, &status);
	if (!path)
		goto out;
	status = cli_feeding_open(&feeding, cli_store_url(options, profile->store_url), path,
				  options->station);
	if (status != H7_EXIT_OK)
		goto out;
	log = open_log(options, profile, path, &feeding, &status);
	if (!log)
		goto out;
	control = gang_control_new();
	ui = control ? open_ui(options, name, profile, path, control) : NULL;
	if (ui && (options->given & CLI_COMMANDS))
		commands = commands_open(STDIN_FILENO, control);
	if (!ui || (!commands && (options->given & CLI_COMMANDS))) {
		cli_say("no memory or no thread");
		status = H7_EXIT_INTERNAL;
		goto out;
	}
	status = cli_feeding_start(&feeding, log, ui);
	if (status != H7_EXIT_OK)
		goto out;
	status = run_gang(options, command, profile, log, path, trace, &feeding, control);
	status = cli_first_of(status, seal_log(log, path));
out:
	cli_feeding_stop(&feeding, &fed);
	closed = !log || audit_close(log);
	if (!closed) {
		cli_say("%s: the log could not be closed in time", path);
		status = cli_first_of(status, H7_EXIT_LOG);
	}
	commands_close(commands);
	if (ui_close(ui))
		gang_control_free(control);
	else
		left = control;
	if (status == H7_EXIT_NO_TARGET)
		cli_say("no target, or not all that were asked for, within %u s; nothing was "
			"touched",
			options->wait_s);
	trace_folder_close(trace);
	cli_feeding_tell(&feeding, &fed);
	cli_feeding_close(&feeding, &fed, closed);
	free(path);
	return status;
}

static enum h7_exit load_and_go(const struct cli_options *options, enum gang_command command,
				const char *name)
{
	struct profile_problems problems = {0};
	struct profile *profile = cli_profile(options->profile, &problems);
	enum h7_exit status = H7_EXIT_USAGE;

	if (profile)
		status = with_profile(options, command, name, profile);
	profile_free(profile);
	profile_problems_free(&problems);
	return status;
}

static enum h7_exit run(const struct cli_options *options)
{
	return load_and_go(options, GANG_RUN, "run");
}

static enum h7_exit verify(const struct cli_options *options)
{
	return load_and_go(options, GANG_VERIFY, "verify");
}

const struct cli_command cli_run = {
	.name = "run",
	.summary = "program and verify the boards that are there",
	.help = run_help,
	.accepts = CLI_COMMON | CLI_STORE | CLI_ONCE | CLI_WATCH | CLI_COUNT | CLI_WAIT | CLI_ALL_SLOTS |
		   CLI_REWORK | CLI_COMMANDS,
	.drains = true,
	.run = run,
};

const struct cli_command cli_verify = {
	.name = "verify",
	.summary = "compare the boards with the image; writes nothing to them",
	.help = verify_help,
	.accepts = CLI_COMMON | CLI_STORE,
	.drains = true,
	.run = verify,
};
