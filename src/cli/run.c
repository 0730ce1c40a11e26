/* SPDX-License-Identifier: GPL-2.0-or-later */
#define COMMON_HELP                                                                                \
	"  --profile FILE       the profile: see h7gang-profile(5)\n"                              \
	"  --audit FILE         the log, instead of the profile's audit.file\n"                    \
	"  --lot ID             the lot; replaces {lot} in the log's name\n"                       \
	"  --operator NAME      recorded in the log\n"                                             \
	"  --station NAME       recorded in the log; default: the host name\n"                     \
	"  --tag KEY=VALUE      recorded in the log; may be repeated\n"                            \
	"  --slot NAME          only this slot; may be repeated\n"                                 \
	"  --uid HEX            only this board, by its 24 digits; may be repeated\n"              \
	"  --trace DIR          keep the last USB transfers of each failed attempt, for "          \
	"Wireshark\n"                                                                              \
	"  --store URL          also push the rows to this store: see h7gang help store\n"         \
	"  --scanner DEVICE     read scans from an input device or a serial port\n"                \
	"  --json               print one JSON object on each line of standard output\n"           \
	"  --events WHERE       write the same into a FILE, or to readers of unix:PATH, beside "   \
	"any\n"                                                                                    \
	"                       other display; a slow reader is dropped\n"                         \
	"  --clock-ok           the clock is right although it is behind the log; rows say so\n"   \
	"  --quiet              print no progress\n"                                               \
	"  --no-color           use no colour (NO_COLOR does the same)\n"                          \
	"  --no-wait            end with the run: do not wait for F10 on the page of results\n"    \
	"  --language CODE      of the panel: en, de, es, pl or zh_CN; default: the environment\n" \
	"  --log-level LEVEL    error, warning, info (default) or debug\n"

static const char run_help[] =
	"h7gang run --profile FILE [OPTIONS]\n"
	"\n"
	"Programs and verifies the connected boards. The log gets one row for each attempt.\n"
	"\n"
	"  --once               end when no new board has appeared for 2 s (the default)\n"
	"  --watch              stay: start each board that appears in a free slot, and wait for\n"
	"                       its removal before the slot starts again; a signal ends the run\n"
	"  --count N            start only when N boards are connected; with --watch: end after N\n"
	"                       finished units\n"
	"  --wait S             wait S seconds for the first board, or for N boards (10)\n"
	"  --all-slots          start only when every slot of the profile is filled\n"
	"  --commands           with --watch: read commands from standard input, one on each\n"
	"                       line: scan TEXT, scan SLOT TEXT, scan - TEXT, select SLOT, undo,\n"
	"                       lot TEXT, operator TEXT, acknowledge SLOT, unlock [SLOT], stop,\n"
	"                       quit;\n"
	"                       an event answers each command\n"
	"  --socket PATH        with --watch: serve the station to h7gang panel, status and web\n"
	"                       there; default: station.sock in RUNTIME_DIRECTORY, if it is set;\n"
	"                       the profile's key `control` says which commands are taken\n"
	"  --rework             program boards again that passed in this lot, although the\n"
	"                       profile says once_per_lot; their rows say rework\n" COMMON_HELP "\n"
	"--watch excludes --once, --wait and --all-slots. A board that started its application is\n"
	"still in its slot: if it returns in its bootloader, its UID identifies it, and it is not\n"
	"programmed twice. If a UID cannot be read, the next board in that slot waits until it "
	"was\n"
	"removed for 5 s, or until the operator acknowledges it with a key of the panel or with\n"
	"--commands.\n"
	"\n"
	"The first SIGINT or SIGTERM lets running units finish and starts no other. The second\n"
	"stops units at the next safe point; their rows say ABORTED.\n"
	"\n"
	"Exit status: 0 every unit passed; 1 a unit failed or was aborted; 2 mistake in options,\n"
	"profile or image; 3 no board, or fewer than asked for; 4 the log cannot be written;\n"
	"5 internal error.\n";

static const char verify_help[] =
	"h7gang verify --profile FILE [OPTIONS] [--commands]\n"
	"\n"
	"Compares the connected boards with the profile's image. Writes nothing to them and\n"
	"never starts the application; `erase` is ignored. One row in the log for each attempt.\n"
	"\n"
	"  --commands           read commands from standard input, as with run\n" COMMON_HELP "\n"
	"Exit status: as for run.\n";

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "feeding.h"
#include "log_path.h"
#include "h7gang/audit/overrides.h"
#include "commands.h"
#include "h7gang/gang/gang.h"
#include "h7gang/scanner/scanner.h"
#include "run_log.h"
#include "socket.h"
#include "store.h"

#define WHY_SIZE 512

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
	return profile->slots == 0 ? port_path_ok(name) : profile_slot_find(profile, name) != NULL;
}

/* Whether a client of the socket may tell it. */
static bool asks_by_socket(const struct cli_options *options, const struct profile *profile,
			   enum profile_scan_kind kind)
{
	const char *command = profile_scan_name(kind);
	char why[200];

	return options->socket && profile->control.allow &&
	       (profile_control_allows(&profile->control, profile->control.user[0], command, why,
				       sizeof(why)) ||
		profile_control_allows(&profile->control, profile->control.user[0], "scan", why,
				       sizeof(why)));
}

/* Whether it can be told once the run goes on: by a command, or by a scan. */
static bool may_ask(const struct cli_options *options, const struct profile *profile,
		    enum profile_scan_kind kind)
{
	bool scans = options->scanner || (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO));

	return options->given[CLI_WATCH] &&
	       (options->given[CLI_COMMANDS] || asks_by_socket(options, profile, kind) ||
		(scans && profile->scan.pattern[kind].text));
}

/* Options that the profile requires. */
static enum h7_exit check_demands(const struct cli_options *options, const char *command,
				  const struct profile *profile)
{
	enum h7_exit status = H7_EXIT_OK;
	unsigned first, second;

	if (options->lot && profile_name_hides(options->lot))
		status = cli_usage(command, "--lot: it %s", profile_name_hides(options->lot));
	if (options->operator_name && profile_name_hides(options->operator_name))
		status = cli_usage(command, "--operator: it %s",
				   profile_name_hides(options->operator_name));
	if (profile->require_lot && !options->lot && !may_ask(options, profile, PROFILE_SCAN_LOT))
		status = cli_usage(command, "the profile requires --lot");
	if (profile->require_operator && !options->operator_name &&
	    !may_ask(options, profile, PROFILE_SCAN_OPERATOR))
		status = cli_usage(command, "the profile requires --operator");
	if (!run_log_pattern(options, profile))
		status =
			cli_usage(command, "no log: neither --audit nor audit.file in the profile");
	else if (run_log_by_lot(options, profile) && !options->lot &&
		 !may_ask(options, profile, PROFILE_SCAN_LOT))
		status = cli_usage(command, "the log \"%s\" needs --lot",
				   run_log_pattern(options, profile));
	if (profile_slot_twins(profile, &first, &second))
		status = cli_usage(command,
				   "slots %s and %s of the profile name the same port: %s is %s",
				   profile->slot[first].name, profile->slot[second].name,
				   profile->slot[first].path, profile->slot[second].path);
	for (unsigned i = 0; i < options->slots; i++) {
		if (slot_known(profile, options->slot[i]))
			continue;
		status = cli_usage(command,
				   profile->slots ? "the profile has no slot \"%s\""
						  : "\"%s\" is no port path such as 1-1.4",
				   options->slot[i]);
	}
	if (options->given[CLI_WATCH] &&
	    cli_given_of(options, CLI_LIST(CLI_ONCE, CLI_WAIT, CLI_ALL_SLOTS)) != CLI_OPTIONS)
		status = cli_usage(command, "--watch excludes --once, --wait and --all-slots");
	if (options->given[CLI_COMMANDS] && !options->given[CLI_WATCH] &&
	    strcmp(command, "verify") != 0)
		status = cli_usage(command, "--commands requires --watch");
	if (options->socket && !options->given[CLI_WATCH])
		status = cli_usage(command, "--socket requires --watch");
	if (options->given[CLI_ALL_SLOTS] && profile->slots == 0)
		status = cli_usage(command, "--all-slots: the profile has no slots");
	return status;
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

static struct ui *open_ui(const struct cli_options *options, const char *command,
			  const struct profile *profile, const char *path,
			  struct gang_control *control, struct cli_socket *socket,
			  enum h7_exit *failure)
{
	char why[WHY_SIZE];
	struct ui *ui;
	const struct ui_options wanted = {
		.out = STDOUT_FILENO,
		.err = STDERR_FILENO,
		.json = options->given[CLI_JSON],
		.quiet = options->given[CLI_QUIET],
		.colour = !options->given[CLI_NO_COLOR] && ui_colour_wanted(),
		.level = options->level,
		.command = command,
		.profile = profile->name,
		.part = profile->part->name,
		.lot = options->lot ? options->lot : "",
		.log = path ? path : run_log_pattern(options, profile),
		.panel = !options->given[CLI_COMMANDS] ||
			 !isatty(STDIN_FILENO), /* the panel reads the keys */
		.slots = profile->slot,
		.slot_count = profile->slots,
		.watch = options->given[CLI_WATCH],
		.count = options->count,
		.control = control,
		.events = options->events,
		.also = cli_socket_event,
		.also_user = socket,
		.operator_name = options->operator_name ? options->operator_name : "",
		.firmware_version = profile->firmware_version,
		.bell = profile->bell,
		.stays = !options->given[CLI_WATCH] && !options->given[CLI_NO_WAIT],
	};

	ui_choose_language(options->language);
	ui = ui_open(&wanted, why, sizeof(why));
	if (!ui) {
		*failure = options->events ? H7_EXIT_USAGE : H7_EXIT_INTERNAL;
		cli_say("%s", why);
	}
	return ui;
}

static enum h7_exit run_gang(const struct cli_options *options, enum gang_command command,
			     const struct profile *profile, const struct run_log *run_log,
			     const struct trace_folder *trace, struct gang_control *control,
			     char nothing[WHY_SIZE])
{
	char host[256] = "", which[WHY_SIZE];
	struct gang_options gang = {
		.command = command,
		.profile = profile,
		.log = run_log->log,
		.log_path = run_log->path,
		.lots = &run_log->lots,
		.log_pattern = {profile->audit_file, options->audit},
		.which_log = cli_which_log(options, which, sizeof(which)),
		.store_url = cli_store_url(options, profile->store_url),
		.log_refused = cli_feeding_refused,
		.log_user = run_log->feeding,
		.rework = options->given[CLI_REWORK],
		.overrides =
			profile_overrides(profile) |
			(run_log->log && audit_clock_overridden(run_log->log) ? AUDIT_OVERRIDE_CLOCK
									      : 0),
		.station = options->station,
		.operator_name = options->operator_name ? options->operator_name : "",
		.lot = options->lot ? options->lot : "",
		.tags = options->tags,
		.watch = options->given[CLI_WATCH],
		.count = options->count,
		.wait_s = options->wait_s,
		.all_slots = options->given[CLI_ALL_SLOTS],
		.control = control,
		.only_slots = options->slot,
		.only_slot_count = options->slots,
		.only_uids = options->uid,
		.only_uid_count = options->uids,
		.trace = trace,
		.nothing = nothing,
		.nothing_size = WHY_SIZE,
		.sink = cli_feeding_event,
		.sink_user = run_log->feeding,
	};

	if (!gang.station) {
		if (gethostname(host, sizeof(host) - 1) != 0)
			host[0] = 0;
		gang.station = host;
	}
	return gang_run(&gang);
}

static enum h7_exit no_memory(void)
{
	cli_say("no memory or no thread");
	return H7_EXIT_INTERNAL;
}

/* The inputs of the run beside the panel. */
struct inputs {
	struct commands *commands;
	struct scanner *scanner;
	struct gang_control *control;
};

static void take_scan(void *user, const char *text)
{
	struct inputs *inputs = user;

	if (gang_control_scan(inputs->control, text))
		return;
	cli_say("%s", strlen(text) < GANG_COMMAND_SIZE
			      ? "a scan came while the run takes none; scan it again"
			      : "a scan was too long");
}

static void tell_scanner(void *user, const char *text)
{
	(void)user;
	cli_say("%s", text);
}

static enum h7_exit inputs_open(struct inputs *inputs, const struct cli_options *options,
				const char *command, const struct profile *profile,
				struct gang_control *control)
{
	char why[WHY_SIZE];

	inputs->control = control;
	if (options->given[CLI_COMMANDS]) {
		inputs->commands = commands_open(STDIN_FILENO, control);
		if (!inputs->commands)
			return no_memory();
	}
	if (!options->scanner)
		return H7_EXIT_OK;
	inputs->scanner = scanner_open(&(struct scanner_options){.device = options->scanner,
								 .layout = profile->scan.layout,
								 .scan = take_scan,
								 .tell = tell_scanner,
								 .user = inputs},
				       why, sizeof(why));
	return inputs->scanner ? H7_EXIT_OK : cli_usage(command, "--scanner: %s", why);
}

static void inputs_close(struct inputs *inputs)
{
	scanner_close(inputs->scanner);
	commands_close(inputs->commands);
}

/* For as long as the process lives: a store that hangs keeps a thread in there. */
static struct cli_feeding feeding;

/* The control of a display that could not be closed: the operator may still type. */
static struct gang_control *volatile left;

/* From a checked profile to the end: first the log, then the boards. */
static enum h7_exit with_profile(const struct cli_options *options, enum gang_command command,
				 const char *name, const struct profile *profile)
{
	enum h7_exit status = check_demands(options, name, profile);
	struct run_log run_log = {.options = options,
				  .profile = profile,
				  .command = name,
				  .feeding = &feeding,
				  .lock = PTHREAD_MUTEX_INITIALIZER};
	struct trace_folder *trace = NULL;
	struct gang_control *control = NULL;
	struct inputs inputs = {.commands = NULL};
	struct cli_socket socket = {.options = options, .profile = profile, .run_log = &run_log};
	struct store_fed fed = {.in_time = true};
	char nothing[WHY_SIZE] = "";
	bool closed, ran = false;

	if (status != H7_EXIT_OK)
		return status;
	if (!open_trace(options, name, &trace))
		return H7_EXIT_USAGE;
	status = run_log_open(&run_log);
	if (status != H7_EXIT_OK)
		goto out;
	control = gang_control_new();
	if (control)
		status = cli_socket_open(&socket, control);
	if (control && status == H7_EXIT_OK)
		run_log.ui =
			open_ui(options, name, profile, run_log.path, control, &socket, &status);
	if (control && !run_log.ui)
		goto out;
	if (control)
		status = inputs_open(&inputs, options, name, profile, control);
	else
		status = no_memory();
	if (status == H7_EXIT_OK)
		status = cli_feeding_start(&feeding, run_log.log, run_log.ui);
	if (status != H7_EXIT_OK)
		goto out;
	status = run_gang(options, command, profile, &run_log, trace, control, nothing);
	ran = true;
	status = cli_first_of(status, run_log_seal(&run_log));
	status = cli_first_of(status, run_log.failure);
out:
	inputs_close(&inputs);
	cli_feeding_stop(&feeding, &fed);
	if (command == GANG_RUN && profile_has_counters(profile) &&
	    cli_feeding_refused(&feeding, NULL, 0))
		status = cli_first_of(status, H7_EXIT_LOG);
	cli_socket_close(&socket);
	run_log_hide(&run_log);
	closed = !run_log.log || audit_close(run_log.log);
	if (!closed) {
		cli_say("%s: the log could not be closed in time", run_log.path);
		status = cli_first_of(status, H7_EXIT_LOG);
	}
	if (run_log.ui && ran)
		ui_wait_result(run_log.ui);
	if (ui_close(run_log.ui))
		gang_control_free(control);
	else
		left = control;
	if (status == H7_EXIT_NO_TARGET)
		cli_say("%s", nothing[0] ? nothing : "nothing was touched");
	trace_folder_close(trace);
	cli_feeding_tell(&feeding, &fed);
	cli_feeding_close(&feeding, &fed, closed);
	free(run_log.path);
	return status;
}

static enum h7_exit load_and_go(const struct cli_options *options, enum gang_command command,
				const char *name)
{
	struct profile_problems problems = {0};
	struct profile *profile =
		cli_profile_for_work(options->profile, command == GANG_VERIFY, &problems);
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
	.summary = "program and verify the connected boards",
	.help = run_help,
	.accepts = CLI_LIST(CLI_COMMON, CLI_STORE, CLI_ONCE, CLI_WATCH, CLI_COUNT, CLI_WAIT,
			    CLI_ALL_SLOTS, CLI_REWORK, CLI_COMMANDS, CLI_SOCKET, CLI_EVENTS,
			    CLI_SCANNER, CLI_NO_WAIT, CLI_LANGUAGE, CLI_CLOCK_OK),
	.drains = true,
	.run = run,
};

const struct cli_command cli_verify = {
	.name = "verify",
	.summary = "compare the boards with the image, writing nothing",
	.help = verify_help,
	.accepts = CLI_LIST(CLI_COMMON, CLI_STORE, CLI_EVENTS, CLI_COMMANDS, CLI_SCANNER,
			    CLI_CLOCK_OK, CLI_NO_WAIT, CLI_LANGUAGE),
	.drains = true,
	.run = verify,
};
