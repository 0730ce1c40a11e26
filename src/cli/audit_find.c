/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the rows that match every option given. An option given twice matches either value. */
#include <inttypes.h>
#include <string.h>

#include "audit.h"
#include "h7gang/base/text.h"
#include "h7gang/report/story.h"

#define SHOWN 200 /* bytes of a text on one line */

enum place { SERIAL, SLOT, USB_PATH, UID, LOT, FINISHED, RESULT, ERROR, DETAIL, STATION, PLACES };

static const char *const names[PLACES] = {
	[SERIAL] = "unit_serial",
	[SLOT] = "slot",
	[USB_PATH] = "usb_path",
	[UID] = "uid",
	[LOT] = "lot",
	[FINISHED] = "finished_at",
	[RESULT] = "result",
	[ERROR] = "error",
	[DETAIL] = "detail",
	[STATION] = "station",
};

struct find {
	const struct cli_options *options;
	struct story *story; /* NULL: no board's history is asked for */
	uint64_t found;
};

static const char *field(const struct audit_reader *reader, const struct audit_record *record,
			 const char *name)
{
	int column = audit_reader_column(reader, name);

	return column < 0 ? "" : record->field[column];
}

/* No text of the command line holds a NUL: a field that does never matches. */
static bool equal(const struct audit_reader *reader, const struct audit_record *record,
		  const char *name, const char *wanted)
{
	int column = audit_reader_column(reader, name);

	return column >= 0 && strlen(wanted) == record->field_length[column] &&
	       memcmp(record->field[column], wanted, record->field_length[column]) == 0;
}

static bool any_of(const struct audit_reader *reader, const struct audit_record *record,
		   const char *name, const char *const *wanted, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (equal(reader, record, name, wanted[i]))
			return true;
	}
	return false;
}

static bool matches(const struct cli_options *options, const struct audit_reader *reader,
		    const struct audit_record *record)
{
	const struct {
		const char *wanted, *name;
	} texts[] = {{options->serial, names[SERIAL]},
		     {options->lot, names[LOT]},
		     {options->error, names[ERROR]},
		     {options->result, names[RESULT]}};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i].wanted && !equal(reader, record, texts[i].name, texts[i].wanted))
			return false;
	}
	if (options->uids && !any_of(reader, record, names[UID], options->uid, options->uids))
		return false;
	if (options->slots && !any_of(reader, record, names[SLOT], options->slot, options->slots) &&
	    !any_of(reader, record, names[USB_PATH], options->slot, options->slots))
		return false;
	/* Times are texts that sort as they pass. */
	return !options->since ||
	       strcmp(field(reader, record, names[FINISHED]), options->since) >= 0;
}

static bool of_an_attempt(const struct audit_reader *reader, const struct audit_record *record)
{
	static const char *const commands[] = {"run", "rework", "verify"};

	return any_of(reader, record, "command", commands, sizeof(commands) / sizeof(commands[0]));
}

static void say(const char *name, const char *text)
{
	char shown[SHOWN];

	if (!*text)
		return;
	text_terminal(text, shown, sizeof(shown));
	printf(" %s%s", name, shown);
}

static void print_row(const char *path, const struct audit_reader *reader,
		      const struct audit_record *record)
{
	char shown[SHOWN];

	text_terminal(path, shown, sizeof(shown));
	printf("%s:%" PRIu64 ":", shown, record->line);
	say("", field(reader, record, names[FINISHED]));
	say("", field(reader, record, names[RESULT]));
	say("", field(reader, record, names[ERROR]));
	say("station=", field(reader, record, names[STATION]));
	say("lot=", field(reader, record, names[LOT]));
	say("slot=", field(reader, record, names[SLOT]));
	say("uid=", field(reader, record, names[UID]));
	say("serial=", field(reader, record, names[SERIAL]));
	say("operator=", field(reader, record, "operator"));
	say("attempt=", field(reader, record, "attempt"));
	say("attempts_allowed=", field(reader, record, "attempts_allowed"));
	say("firmware=", field(reader, record, "firmware_version"));
	say("row_hash=", field(reader, record, "row_hash"));
	say("detail: ", field(reader, record, names[DETAIL]));
	putchar('\n');
}

static bool tell(struct story *story, const char *path, const struct audit_reader *reader,
		 const struct audit_record *record)
{
	char where[SHOWN + 24];
	struct report_map map;
	struct report_row row;

	report_map_reader(&map, reader);
	report_row_take(&row, &map, record, 0);
	snprintf(where, sizeof(where), "%.*s:%" PRIu64, SHOWN, path, record->line);
	return story_row(story, &row, where);
}

static bool find_row(void *user, const char *path, const struct audit_reader *reader,
		     const struct audit_record *record)
{
	struct find *find = user;

	if (!of_an_attempt(reader, record) || !matches(find->options, reader, record))
		return true;
	find->found++;
	if (find->options->given[CLI_JSON])
		audit_record_json(stdout, path, reader, record);
	else
		print_row(path, reader, record);
	return !find->story || tell(find->story, path, reader, record);
}

/* The beginning of a time as it stands in the log, ending where one of its numbers does. */
static bool since_ok(const char *text)
{
	static const char form[] = "0000-00-00T00:00:00.000Z";
	size_t length = strlen(text);

	if (length >= sizeof(form) || length < 4)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
			return false;
	}
	return form[length] != '0' && text[length - 1] >= '0';
}

static enum h7_exit run(const struct cli_options *options, char *const *files, size_t count)
{
	struct find find = {.options = options};
	const struct cli_audit_rows rows = {.row = find_row, .user = &find};
	enum h7_exit status;

	if (cli_given_beyond(options, CLI_LIST(CLI_JSON)) == CLI_OPTIONS)
		return cli_usage(
			"audit",
			"audit find: an option is missing that says what to find, such as --uid");
	if (options->since && !since_ok(options->since))
		return cli_usage("audit", "--since: a time in UTC as in the log, or its beginning: "
					  "2026-11-22 or 2026-11-22T14:03");
	if (options->result && strcmp(options->result, "PASS") != 0 &&
	    strcmp(options->result, "FAIL") != 0 && strcmp(options->result, "ABORTED") != 0)
		return cli_usage("audit", "--result must be PASS, FAIL or ABORTED");
	if ((options->uids || options->serial) && !options->given[CLI_JSON]) {
		find.story = story_new();
		if (!find.story) {
			cli_say("no memory");
			return H7_EXIT_INTERNAL;
		}
	}
	status = cli_audit_rows(&rows, files, count);
	if (find.story)
		story_print(stderr, find.story);
	story_free(find.story);
	return cli_first_of(status, find.found ? H7_EXIT_OK : H7_EXIT_FAILED);
}

const struct cli_audit_kind cli_audit_find = {
	.name = "find",
	.accepts = CLI_LIST(CLI_UID, CLI_SERIAL, CLI_SLOT, CLI_LOT, CLI_SINCE, CLI_ERROR,
			    CLI_RESULT, CLI_JSON),
	.run = run,
};
