/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Queries as SQL: the kind of query chooses among constant pieces of text, its values are bound. */
#include "h7gang/store/read.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "h7gang/audit/text.h"
#include "h7gang/base/text.h"
#include "h7gang/store/columns.h"
#include "h7gang/store/store.h"

#define PAGE 500 /* rows held at a time */
#define SQL_SIZE 4096
#define FIELDS (STORE_FIELD_COUNT + 2) /* and the hashes */

/* The columns before and behind the fields in an answer. */
enum { AT_LOG, AT_FIELDS, AT_MORE = AT_FIELDS + FIELDS, AT_FINISHED, AT_WIDTH };

struct statement {
	char sql[SQL_SIZE];
	size_t length;
	struct db_value value[DB_VALUES_MAX];
	size_t count;
	unsigned terms;
};

/* Decoded fields of one row. */
struct decoded {
	const char *field[FIELDS];
	size_t length[FIELDS];
	char text[4 * AUDIT_ROW_MAX];
};

static void put(struct statement *statement, const char *text)
{
	int n = snprintf(statement->sql + statement->length, SQL_SIZE - statement->length, "%s",
			 text);

	statement->length += (size_t)n < SQL_SIZE - statement->length ? (size_t)n : 0;
}

/* A parameter, and its number into the text. */
static void put_value(struct statement *statement, struct db_value value)
{
	char number[16];

	if (statement->count == DB_VALUES_MAX)
		return;
	statement->value[statement->count++] = value;
	snprintf(number, sizeof(number), "$%zu", statement->count);
	put(statement, number);
}

static void term(struct statement *statement, const char *text)
{
	put(statement, statement->terms++ ? " AND " : " WHERE ");
	put(statement, text);
}

static void term_value(struct statement *statement, const char *text, struct db_value value)
{
	term(statement, text);
	put_value(statement, value);
}

struct words {
	char *word[8 + 2 * STORE_WORDS_MAX];
	size_t count;
	bool lost;
};

/* Texts are in the store as they are in a log. */
static struct db_value word(struct words *words, const char *text)
{
	bool room = words->count < sizeof(words->word) / sizeof(words->word[0]);
	char *copy = room ? store_escaped(text, strlen(text)) : NULL;

	if (!copy) {
		words->lost = true;
		return db_null();
	}
	words->word[words->count++] = copy;
	return db_text(copy);
}

static void words_free(struct words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->word[i]);
}

static void any_of(struct statement *statement, struct words *words, const char *column,
		   const char *const *texts, unsigned count)
{
	put(statement, column);
	put(statement, " IN (");
	for (unsigned i = 0; i < count && i < STORE_WORDS_MAX; i++) {
		put(statement, i ? "," : "");
		put_value(statement, word(words, texts[i]));
	}
	put(statement, ")");
}

static void ask(struct statement *statement, struct words *words,
		const struct store_question *question)
{
	const struct {
		const char *text, *wanted;
	} texts[] = {
		{"unit_serial = ", question->serial},
		{"lot = ", question->lot},
		{"firmware_version = ", question->firmware},
		{"error = ", question->error},
		{"result = ", question->result},
		{"station = ", question->station},
	};

	if (question->uids) {
		term(statement, "");
		any_of(statement, words, "uid", question->uid, question->uids);
	}
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i].wanted)
			term_value(statement, texts[i].text, word(words, texts[i].wanted));
	}
	if (question->slots) {
		term(statement, "(");
		any_of(statement, words, "slot", question->slot, question->slots);
		put(statement, " OR ");
		any_of(statement, words, "usb_path", question->slot, question->slots);
		put(statement, ")");
	}
	if (question->since_ms)
		term_value(statement, "finished_ms >= ", db_int(question->since_ms));
	if (question->until_ms)
		term_value(statement, "finished_ms < ", db_int(question->until_ms));
	if (question->log_id)
		term_value(statement, "log_id = ", db_int(question->log_id));
}

/* --- a row --- */

static bool decode(struct decoded *decoded, const struct db_rows *rows, size_t row)
{
	size_t used = 0;

	for (size_t i = 0; i < FIELDS; i++) {
		const char *text = db_get_text(rows, row, AT_FIELDS + i);
		size_t length = strlen(text);
		char *copy = decoded->text + used;

		if (length >= sizeof(decoded->text) - used)
			return false;
		memcpy(copy, text, length + 1);
		used += length + 1;
		if (!audit_text_unescape(copy, &length))
			return false;
		decoded->field[i] = copy;
		decoded->length[i] = length;
	}
	return true;
}

static enum db_error give(struct db *db, const struct db_rows *rows, size_t at,
			  bool (*row)(void *user, const struct store_row *row), void *user,
			  bool *stop)
{
	struct decoded decoded;
	struct store_row given = {
		.log_id = db_get_int(rows, at, AT_LOG),
		.more = db_get_text(rows, at, AT_MORE),
		.width = (size_t)db_get_int(rows, at, AT_WIDTH),
		.record = {.count = FIELDS, .field = decoded.field, .field_length = decoded.length},
	};

	if (!decode(&decoded, rows, at))
		return db_fail(db, DB_DAMAGED, "log %" PRId64 ": row %s is no row of a log",
			       given.log_id, db_get_text(rows, at, AT_FIELDS));
	given.record.line = (uint64_t)db_get_int(rows, at, AT_FIELDS) + 1;
	*stop = !row(user, &given);
	return DB_OK;
}

/* Unwanted columns are not fetched, because most of a row's bytes are hashes. The others keep their
 * position. */
static void put_columns(struct statement *statement, uint64_t wanted)
{
	for (size_t i = 0; i < STORE_FIELD_COUNT; i++) {
		put(statement, wanted & STORE_COLUMN(i) ? store_columns[i].name : "NULL");
		put(statement, ",");
	}
	put(statement, "NULL,NULL,NULL,NULL,width");
}

static void begin(struct statement *statement, struct words *words,
		  const struct store_question *question)
{
	put(statement, "SELECT log_id,");
	if (question->columns)
		put_columns(statement, question->columns);
	else
		put(statement, store_column_list);
	put(statement, " FROM v_attempts");
	ask(statement, words, question);
}

enum db_error store_find(struct db *db, const struct store_question *question, size_t limit,
			 bool (*row)(void *user, const struct store_row *row), void *user,
			 bool *more)
{
	struct statement statement = {.length = 0};
	struct words words = {.count = 0};
	struct db_rows *rows = NULL;
	enum db_error error = DB_OK;
	bool stop = false;

	*more = false;
	begin(&statement, &words, question);
	/* A board or a number has few rows: sorting them is nothing, while a plan that looks for
	 * them among all rows in the order of time would be everything. */
	put(&statement, question->uids || question->serial ? " ORDER BY finished_ms + 0 DESC"
							   : " ORDER BY finished_ms DESC");
	put(&statement, ", log_id DESC, seq DESC LIMIT ");
	put_value(&statement, db_int((int64_t)limit + 1));
	if (words.lost)
		error = db_fail(db, DB_MEMORY, "no memory");
	else
		error = db_query(db, statement.sql, statement.value, statement.count, &rows);
	for (size_t i = 0; error == DB_OK && i < db_rows_count(rows) && !stop; i++) {
		*more = i == limit;
		if (*more)
			break;
		error = give(db, rows, i, row, user, &stop);
	}
	db_rows_free(rows);
	words_free(&words);
	return error;
}

enum db_error store_each(struct db *db, const struct store_question *question,
			 bool (*row)(void *user, const struct store_row *row), void *user)
{
	int64_t log_id = 0, seq = 0;
	enum db_error error = DB_OK;
	bool stop = false, last = false;

	while (error == DB_OK && !stop && !last) {
		struct statement statement = {.length = 0};
		struct words words = {.count = 0};
		struct db_rows *rows = NULL;

		begin(&statement, &words, question);
		term_value(&statement, "(log_id, seq) > (", db_int(log_id));
		put(&statement, ",");
		put_value(&statement, db_int(seq));
		put(&statement, ") ORDER BY log_id, seq LIMIT ");
		put_value(&statement, db_int(PAGE));
		if (words.lost)
			error = db_fail(db, DB_MEMORY, "no memory");
		else
			error = db_query(db, statement.sql, statement.value, statement.count,
					 &rows);
		last = error == DB_OK && db_rows_count(rows) < PAGE;
		for (size_t i = 0; error == DB_OK && !stop && i < db_rows_count(rows); i++) {
			log_id = db_get_int(rows, i, AT_LOG);
			seq = db_get_int(rows, i, AT_FIELDS);
			error = give(db, rows, i, row, user, &stop);
		}
		db_rows_free(rows);
		words_free(&words);
	}
	return error;
}

/* --- back to a line --- */

size_t store_line(const struct store_row *row, char *line, size_t size, bool *intact)
{
	const struct audit_record *record = &row->record;
	const char *prev = record->field[STORE_FIELD_COUNT];
	const char *wanted = record->field[STORE_FIELD_COUNT + 1];
	char hash[SHA256_HEX_SIZE];
	size_t used = 0;
	int n;

	*intact = false;
	for (size_t i = 0; i < STORE_FIELD_COUNT && i < row->width; i++) {
		size_t length = audit_text_field(line + used, size - used - 1, record->field[i],
						 record->field_length[i]);

		if (length == TEXT_NO_ROOM || used + length + 2 > size)
			return 0;
		used += length;
		line[used++] = ',';
	}
	if (*row->more) {
		n = snprintf(line + used, size - used, "%s,", row->more);
		if (n < 0 || (size_t)n >= size - used)
			return 0;
		used += (size_t)n;
	}
	if (strlen(prev) != SHA256_HEX_SIZE - 1 || audit_row_hash(prev, line, used, hash) < 0)
		return 0;
	*intact = strcmp(hash, wanted) == 0;
	n = snprintf(line + used, size - used, "%s,%s", prev, wanted);
	return n < 0 || (size_t)n >= size - used ? 0 : used + (size_t)n;
}

const char *store_column_name(size_t column)
{
	if (column == STORE_FIELD_COUNT)
		return "prev_hash";
	if (column == STORE_FIELD_COUNT + 1)
		return "row_hash";
	return column < STORE_FIELD_COUNT ? store_columns[column].name : "";
}

bool store_column_is_number(size_t column)
{
	return column < STORE_FIELD_COUNT && store_columns[column].number;
}
