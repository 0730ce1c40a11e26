/* SPDX-License-Identifier: GPL-2.0-or-later */
static const char help_text[] =
	"h7gang characterize --path PORT --output FILE [--trace FILE] [--resident] [--resume]\n"
	"h7gang characterize --path PORT --output FILE --destructive --audit FILE|--store URL\n"
	"                    [--confirm TEXT] [--trace FILE] [--resident] [--resume]\n"
	"\n"
	"Measures what the board at PORT (a path as list prints it) does and writes it into a\n"
	"JSON file, from which h7gang-sim --twin FILE makes virtual boards that do the same. It\n"
	"ends with a page of findings: which public statements about these ROM bootloaders the\n"
	"board confirms and which it contradicts. The file contains no UID, only its hash, and no\n"
	"contents of the flash.\n"
	"\n"
	"Without --destructive nothing is erased or written; the board may need a power cycle\n"
	"afterwards. Each step is bounded. The file is written after each step: if the board\n"
	"hangs, switch its power off and on and use --resume. If another board takes its place,\n"
	"or if no UID shows after a re-attach that it is the same board, nothing further is\n"
	"erased or written.\n"
	"\n"
	"  --path PORT     port of the board\n"
	"  --output FILE   the file, new unless --resume is given\n"
	"  --destructive   also erase, program and start the board: its flash is lost\n"
	"  --confirm TEXT  the last four digits of the board's UID, or PORT where the UID cannot\n"
	"                  be read; without it, you are asked on the terminal\n"
	"  --audit FILE    a log: a board that passed there is refused\n"
	"  --store URL     a store: a board that passed there is refused\n"
	"  --resident      measure a program in flash that is not the ROM bootloader\n"
	"  --resume        continue after the steps that FILE contains\n"
	"  --quiet         print no progress\n"
	"  --trace FILE    write the last USB transfers into a new pcapng file, which contains "
	"the\n"
	"                  UID\n"
	"\n"
	"Exit status: 0 success; 1 the board could not be measured to the end (the reason is\n"
	"printed and in the file); 2 usage, not confirmed, a board that passed, or a file that\n"
	"cannot be resumed; 3 no board at that port; 5 internal error, or the file cannot be\n"
	"written.\n";

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cli.h"
#include "file.h"
#include "h7gang/base/durable.h"
#include "h7gang/characterize/characterize.h"
#include "h7gang/serial/history.h"
#include "store.h"

enum { DIGITS = 4 };

struct guard {
	const struct cli_options *options;
	const char *uid;
	bool passed;
};

static bool look_at_row(void *user, const struct history_row *row)
{
	struct guard *guard = user;

	if (row->passed && row->uid && strcmp(row->uid, guard->uid) == 0)
		guard->passed = true;
	return true;
}

static bool look_at_store_row(void *user, const struct store_row *row)
{
	struct guard *guard = user;

	(void)row;
	guard->passed = true;
	return false;
}

static bool ask_log(struct guard *guard, char *why, size_t size)
{
	const char *log = guard->options->audit;

	if (access(log, F_OK) != 0)
		cli_say("%s: %s: no board has passed there", log, strerror(errno));
	return history_read(log, look_at_row, guard, why, size);
}

static bool ask_store(struct guard *guard, char *why, size_t size)
{
	const struct store_question question = {.uid = &guard->uid, .uids = 1, .result = "PASS"};
	struct db *db = NULL;
	bool more, good;

	if (store_open(guard->options->store, STORE_PATIENCE_MS, &db, why, size) != DB_OK)
		return false;
	good = store_find(db, &question, 1, look_at_store_row, guard, &more) == DB_OK;
	if (!good)
		snprintf(why, size, "store: %s", db_why(db));
	db_close(db);
	return good;
}

static bool asked_on_terminal(const char *question, char *answer, size_t size)
{
	if (!isatty(STDIN_FILENO))
		return false;
	fprintf(stderr, "%s: ", question);
	fflush(stderr);
	if (!fgets(answer, (int)size, stdin))
		return false;
	answer[strcspn(answer, "\r\n")] = '\0';
	return true;
}

static bool confirmed(const struct cli_options *options, const char *uid, char *why, size_t size)
{
	const char *wanted = *uid ? uid + strlen(uid) - DIGITS : options->path;
	char typed[64], question[160];
	const char *text = options->confirm;

	snprintf(question, sizeof(question), "The flash of the board at %s will be lost. Type %s",
		 options->path,
		 *uid ? "the last four digits of its UID"
		      : "its port, since its UID cannot be read");
	if (!text && asked_on_terminal(question, typed, sizeof(typed)))
		text = typed;
	if (text && strcasecmp(text, wanted) == 0)
		return true;
	snprintf(why, size, "not confirmed: %s %s",
		 text ? "that is not" : "--confirm must be given:",
		 *uid ? "the last four digits of its UID" : "the port (its UID cannot be read)");
	return false;
}

static bool may_destroy(void *user, const char *uid, char *why, size_t size)
{
	struct guard guard = {.options = user, .uid = uid};

	if (*uid && guard.options->audit && !ask_log(&guard, why, size))
		return false;
	if (*uid && guard.options->store && !guard.passed && !ask_store(&guard, why, size))
		return false;
	if (guard.passed) {
		snprintf(
			why, size,
			"this board passed according to the %s: it is a product, and is not erased",
			guard.options->audit ? "log" : "store");
		return false;
	}
	return confirmed(guard.options, uid, why, size);
}

static void say(void *user, const char *text)
{
	const struct cli_options *options = user;

	if (!options->given[CLI_QUIET])
		cli_line(text);
}

static enum h7_exit check(const struct cli_options *options)
{
	if (!options->path || !options->output)
		return cli_usage("characterize", "--path and --output are required");
	if (options->given[CLI_DESTRUCTIVE] && !options->audit && !options->store)
		return cli_usage("characterize", "--destructive needs --audit or --store: a board "
						 "that passed must not be erased");
	if (options->given[CLI_CONFIRM] && !options->given[CLI_DESTRUCTIVE])
		return cli_usage("characterize", "--confirm belongs to --destructive");
	if (options->given[CLI_RESUME]) {
		if (access(options->output, R_OK) == 0)
			return H7_EXIT_OK;
		cli_say("%s: %s: nothing to resume", options->output, strerror(errno));
		return H7_EXIT_USAGE;
	}
	return file_check_new(options->output);
}

/* The folder and the name of the trace, which is a new file. */
static enum h7_exit open_trace(const struct cli_options *options, struct trace **trace,
			       struct trace_folder **folder)
{
	char why[256], *place;

	if (!options->trace)
		return H7_EXIT_OK;
	if (file_check_new(options->trace) != H7_EXIT_OK)
		return H7_EXIT_USAGE;
	place = durable_place(options->trace);
	*folder = place ? trace_folder_open(place, why, sizeof(why)) : NULL;
	*trace = trace_new(NULL, 0);
	if (place && !*folder)
		cli_say("--trace: %s", why);
	free(place);
	return *folder && *trace ? H7_EXIT_OK : H7_EXIT_USAGE;
}

static void keep_trace(const struct cli_options *options, const struct trace *trace,
		       const struct trace_folder *folder)
{
	const char *slash = options->trace ? strrchr(options->trace, '/') : NULL;
	char why[256];

	if (trace &&
	    !trace_keep(trace, folder, slash ? slash + 1 : options->trace, why, sizeof(why)))
		cli_say("--trace: %s", why);
}

static enum h7_exit finish(const struct cli_options *options, const struct characterize *job,
			   enum characterize_end end)
{
	static const enum h7_exit exits[] = {
		[CHARACTERIZE_DONE] = H7_EXIT_OK,
		[CHARACTERIZE_NO_BOARD] = H7_EXIT_NO_TARGET,
		[CHARACTERIZE_REFUSED] = H7_EXIT_USAGE,
		[CHARACTERIZE_FAILED] = H7_EXIT_FAILED,
		[CHARACTERIZE_EXCHANGED] = H7_EXIT_FAILED,
		[CHARACTERIZE_UNPROVED] = H7_EXIT_FAILED,
		[CHARACTERIZE_INTERNAL] = H7_EXIT_INTERNAL,
	};

	static const char *const advice[] = {
		[CHARACTERIZE_FAILED] = "switch the board's power off and on and use --resume",
		[CHARACTERIZE_EXCHANGED] =
			"connect the board that was measured and use --resume. Nothing was erased "
			"or written on the board that is there now",
		[CHARACTERIZE_UNPROVED] =
			"check that the board at the port is the one that was measured, and use "
			"--resume. Nothing was erased or written since it was attached again",
		[CHARACTERIZE_INTERNAL] = NULL,
	};

	if (end != CHARACTERIZE_DONE)
		cli_say("%s: %s", options->path, job->why);
	if (advice[end])
		cli_say("%s: %s contains the steps so far; to continue, %s", options->path,
			options->output, advice[end]);
	return exits[end];
}

static enum h7_exit run(const struct cli_options *options)
{
	struct characterize job = {
		.path = options->path,
		.output = options->output,
		.filter = {.vid = USB_VID_ST, .pid = USB_PID_ST_DFU},
		.destructive = options->given[CLI_DESTRUCTIVE],
		.resume = options->given[CLI_RESUME],
		.resident = options->given[CLI_RESIDENT],
		.user = (void *)(uintptr_t)options,
		.may_destroy = may_destroy,
		.tell = say,
		.page = stdout,
	};
	struct trace_folder *folder = NULL;
	struct trace *trace = NULL;
	enum h7_exit status = check(options);
	enum characterize_end end;

	if (status == H7_EXIT_OK)
		status = open_trace(options, &trace, &folder);
	if (status == H7_EXIT_OK) {
		job.trace = trace;
		end = characterize_run(&job);
		keep_trace(options, trace, folder);
		status = finish(options, &job, end);
	}
	trace_free(trace);
	if (folder)
		trace_folder_close(folder);
	return status;
}

const struct cli_command cli_characterize = {
	.name = "characterize",
	.summary = "measure a board for a virtual twin",
	.help = help_text,
	.accepts = CLI_LIST(CLI_PATH, CLI_OUTPUT, CLI_TRACE, CLI_DESTRUCTIVE, CLI_CONFIRM,
			    CLI_AUDIT, CLI_STORE, CLI_RESIDENT, CLI_RESUME, CLI_QUIET),
	.run = run,
};
