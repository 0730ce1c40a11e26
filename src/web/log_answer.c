/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers from the log: units, one row, the row of a unit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/audit/text.h"
#include "h7gang/station/event.h"
#include "log_private.h"
#include "log_seals.h"

#define SCANS_MAX 20000 /* rows that one query may read from the disk */

/* Where a row is. */
struct place {
	struct log_entry entry;
	char file[STATION_PATH_SIZE];
};

/* The next row that may match, from `seq` down; 0: none. */
static uint64_t find(struct follow_log *log, const struct log_question *question, uint64_t seq,
		     struct place *place)
{
	const struct log_entry *entry = NULL;

	pthread_mutex_lock(&log->lock);
	for (; seq > 0 && (entry = index_at(&log->index, seq)); seq--)
		if (index_matches(entry, question))
			break;
	if (seq == 0 || !entry || entry->file >= log->files) {
		seq = 0;
	} else {
		place->entry = *entry;
		snprintf(place->file, sizeof(place->file), "%s", log->file[entry->file]);
	}
	pthread_mutex_unlock(&log->lock);
	return seq;
}

static bool at(struct follow_log *log, uint64_t seq, struct place *place)
{
	const struct log_entry *entry;
	bool found;

	pthread_mutex_lock(&log->lock);
	entry = index_at(&log->index, seq);
	found = entry && entry->file < log->files;
	if (found) {
		place->entry = *entry;
		snprintf(place->file, sizeof(place->file), "%s", log->file[entry->file]);
	}
	pthread_mutex_unlock(&log->lock);
	return found;
}

/* An open file of the log, for rows that stand in the same one. */
struct row_reader {
	struct audit_reader *reader;
	char file[STATION_PATH_SIZE];
};

static void close_reader(struct row_reader *rows)
{
	audit_reader_close(rows->reader);
	rows->reader = NULL;
}

static bool open_reader(struct row_reader *rows, const char *file)
{
	char why[200];

	if (rows->reader && strcmp(rows->file, file) == 0)
		return true;
	close_reader(rows);
	snprintf(rows->file, sizeof(rows->file), "%s", file);
	return audit_reader_open_any(file, &rows->reader, why, sizeof(why)) == AUDIT_OK;
}

/* The row at a place, as an object, with its bytes if `text`. NULL: it is not there any more. */
static json_t *read_row(struct row_reader *rows, const struct place *place, uint64_t seq,
			char **text)
{
	const struct audit_record *record;
	json_t *object = NULL;
	char *bytes = NULL;
	size_t length;
	FILE *to;

	if (!open_reader(rows, place->file))
		return NULL;
	audit_reader_seek(rows->reader, place->entry.offset, place->entry.line);
	if (audit_reader_next(rows->reader, &record) == AUDIT_READ_ROW &&
	    (to = open_memstream(&bytes, &length))) {
		audit_record_json(to, place->file, rows->reader, record);
		if (fclose(to) == 0)
			object = json_loads(bytes, 0, NULL);
		if (text)
			*text = strndup(record->text, record->length);
	}
	free(bytes);
	if (object && (uint64_t)station_get_number(object, "seq", 0, INT64_MAX, 0) == seq)
		return object;
	json_decref(object);
	return NULL;
}

static bool field_is(const json_t *row, const char *name, const char *wanted)
{
	const char *text = json_string_value(json_object_get(row, name));

	return !wanted || (text && strcmp(text, wanted) == 0);
}

/* Hashes may agree by chance. */
static bool is_answer(const json_t *row, const struct log_question *question)
{
	return field_is(row, "uid", question->uid) &&
	       field_is(row, "unit_serial", question->serial) &&
	       field_is(row, "lot", question->lot) && field_is(row, "slot", question->slot);
}

json_t *log_units(struct follow_log *log, const struct log_question *question, uint64_t *next)
{
	struct row_reader rows = {.reader = NULL};
	struct log_state state;
	struct place place;
	json_t *list = json_array(), *row;
	unsigned reads = 0;
	uint64_t seq;

	log_state(log, &state);
	seq = question->before ? question->before - 1 : state.last;
	*next = 0;
	for (; list && (seq = find(log, question, seq, &place)); seq--) {
		if (json_array_size(list) == question->limit || reads++ == SCANS_MAX) {
			*next = seq + 1;
			break;
		}
		row = read_row(&rows, &place, seq, NULL);
		if (!row || !is_answer(row, question)) {
			json_decref(row);
		} else if (!station_set_flag(row, "sealed", seq <= state.sealed_seq) ||
			   json_array_append_new(list, row) != 0) {
			json_decref(list);
			list = NULL;
		}
	}
	close_reader(&rows);
	return list;
}

/* The seals of a log are beside its last file, also those of rows in earlier files. An earlier file
 * may also have been sealed by itself. */
static json_t *find_seal(struct follow_log *log, const struct place *place, uint64_t seq)
{
	char file[STATION_PATH_SIZE];
	json_t *seal = NULL;
	bool there = true;

	for (size_t i = place->entry.file; there && !seal; i++) {
		pthread_mutex_lock(&log->lock);
		there = i < log->files;
		if (there)
			snprintf(file, sizeof(file), "%s", log->file[i]);
		pthread_mutex_unlock(&log->lock);
		seal = there ? seals_find(file, seq) : NULL;
	}
	return seal;
}

json_t *log_row(struct follow_log *log, uint64_t seq)
{
	struct row_reader rows = {.reader = NULL};
	struct place place;
	json_t *row, *answer, *seal, *before;
	char *text = NULL;
	bool good;

	row = at(log, seq, &place) ? read_row(&rows, &place, seq, &text) : NULL;
	close_reader(&rows);
	if (!row) {
		free(text);
		return NULL;
	}
	seal = find_seal(log, &place, seq);
	before = json_object();
	answer = json_object();
	good = answer && before && text && station_set_number(before, "seq", (int64_t)seq - 1) &&
	       station_set_text(before, "row_hash",
				json_string_value(json_object_get(row, "prev_hash"))) &&
	       station_set_text(answer, "text", text) &&
	       station_set_flag(answer, "sealed", seal != NULL);
	/* These take their value even if they fail. */
	good = json_object_set_new(answer, "previous", before) == 0 && good;
	good = json_object_set_new(answer, "row", row) == 0 && good;
	good = json_object_set_new(answer, "seal", seal ? seal : json_null()) == 0 && good;
	free(text);
	if (good)
		return answer;
	json_decref(answer);
	return NULL;
}

uint64_t log_unit_seq(struct follow_log *log, const char *run_id, const char *unit_id, bool *sealed)
{
	uint64_t unit = index_hash(unit_id, strlen(unit_id), index_hash(run_id, strlen(run_id), 0));
	uint64_t seq = 0;

	pthread_mutex_lock(&log->lock);
	for (uint64_t back = 1; unit_id[0] && back <= log->index.count && back < 20000; back++) {
		uint64_t one = log->index.first + log->index.count - back;

		if (index_at(&log->index, one)->unit != unit)
			continue;
		seq = one;
		break;
	}
	*sealed = seq && seq <= log->state.sealed_seq;
	pthread_mutex_unlock(&log->lock);
	return seq;
}
