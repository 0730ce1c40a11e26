/* SPDX-License-Identifier: GPL-2.0-or-later */
/* h7gang store find: the rows of all stations that match every option. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "h7gang/report/story.h"
#include "h7gang/store/columns.h"
#include "h7gang/store/read.h"
#include "h7gang/base/text.h"
#include "store.h"

#define SHOWN 200 /* bytes of a text on one line */
#define LIMIT_DEFAULT 1000
#define WHY_SIZE 640

struct find {
	struct story *story; /* NULL: no board's history is asked for */
	struct report_map map;
	bool json;
	uint64_t found;
};

/* The columns of a line, in their order. */
static const struct {
	enum store_field field;
	const char *before;
} shown[] = {
	{STORE_finished_at, ""},
	{STORE_command, ""},
	{STORE_result, ""},
	{STORE_error, ""},
	{STORE_station, "station="},
	{STORE_lot, "lot="},
	{STORE_slot, "slot="},
	{STORE_uid, "uid="},
	{STORE_unit_serial, "serial="},
	{STORE_operator, "operator="},
	{STORE_attempt, "attempt="},
	{STORE_attempts_allowed, "attempts_allowed="},
	{STORE_firmware_version, "firmware="},
	{STORE_detail, "detail: "},
};

#define SHOWN_FIELDS (sizeof(shown) / sizeof(shown[0]))

static uint64_t shown_columns(void)
{
	uint64_t columns = STORE_COLUMN(STORE_seq);

	for (size_t i = 0; i < SHOWN_FIELDS; i++)
		columns |= STORE_COLUMN(shown[i].field);
	return columns;
}

/* As audit find shows a row, with the log's number in the store for its name. */
static void print_row(const struct store_row *row)
{
	printf("log %" PRId64 " row %s:", row->log_id, row->record.field[STORE_seq]);
	for (size_t i = 0; i < SHOWN_FIELDS; i++) {
		const char *text = row->record.field[shown[i].field];
		char printable[SHOWN];

		if (!*text)
			continue;
		text_terminal(text, printable, sizeof(printable));
		printf(" %s%s", shown[i].before, printable);
	}
	putchar('\n');
}

static int index_of(const void *source, const char *name)
{
	(void)source;
	for (size_t i = 0; i < STORE_FIELD_COUNT + 2; i++) {
		if (strcmp(store_column_name(i), name) == 0)
			return (int)i;
	}
	return -1;
}

static bool tell(struct find *find, const struct store_row *from)
{
	char where[40];
	struct report_row row;

	report_row_take(&row, &find->map, &from->record, from->log_id);
	snprintf(where, sizeof(where), "log %" PRId64, from->log_id);
	return story_row(find->story, &row, where);
}

static bool found(void *user, const struct store_row *row)
{
	struct find *find = user;

	find->found++;
	if (find->json)
		cli_store_json(row);
	else
		print_row(row);
	return !find->story || tell(find, row);
}

static enum h7_exit run(const struct cli_options *options, const char *url, char *const *files,
			size_t count)
{
	const enum cli_option *indexed =
		CLI_LIST(CLI_UID, CLI_SERIAL, CLI_LOT, CLI_FIRMWARE, CLI_SINCE);
	struct find find = {.json = options->given[CLI_JSON]};
	size_t limit = options->limit ? options->limit : LIMIT_DEFAULT;
	struct store_question question;
	char why[WHY_SIZE];
	struct db *db;
	enum db_error error;
	enum h7_exit status = cli_store_question(options, &question);
	bool more;

	(void)files;
	(void)count;
	if (status != H7_EXIT_OK)
		return status;
	if (cli_given_of(options, indexed) == CLI_OPTIONS)
		return cli_usage(
			"store",
			"store find: one of these options is required: --uid, --serial, --lot, "
			"--firmware or --since");
	if (!find.json && !options->uids && !options->serial)
		question.columns = shown_columns();
	error = store_open(url, STORE_PATIENCE_LONG_MS, &db, why, sizeof(why));
	if (error != DB_OK)
		return cli_store_failed(error, why);
	if (!find.json && (options->uids || options->serial)) {
		report_map_make(&find.map, index_of, NULL);
		find.story = story_new();
	}
	error = store_find(db, &question, limit, found, &find, &more);
	if (error != DB_OK)
		status = cli_store_failed(error, db_why(db));
	else if (find.found == 0)
		status = H7_EXIT_FAILED;
	if (find.story && error == DB_OK)
		story_print(stderr, find.story);
	story_free(find.story);
	if (error == DB_OK && more)
		cli_say("these are the newest %zu; there are more (--limit)", limit);
	db_close(db);
	return status;
}

const struct cli_store_kind cli_store_find = {
	.name = "find",
	.accepts = CLI_LIST(CLI_STORE, CLI_UID, CLI_SERIAL, CLI_SLOT, CLI_LOT, CLI_FIRMWARE,
			    CLI_SINCE, CLI_ERROR, CLI_RESULT, CLI_STATION, CLI_LIMIT, CLI_JSON),
	.run = run,
};
