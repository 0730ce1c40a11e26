/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/serial/history.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "h7gang/audit/logs.h"
#include "h7gang/audit/read.h"
#include "h7gang/audit/text.h"
#include "h7gang/base/sha256.h"

#define DAMAGE_SIZE 240

static bool hand_out(struct audit_reader *reader, const struct audit_record *record,
		     history_sink *sink, void *user)
{
	static const char *const names[] = {
		"run_id", "unit_id",     "command", "profile",          "lot",
		"uid",    "unit_serial", "result",  "firmware_version", "image_sha256"};
	const char *text[sizeof(names) / sizeof(names[0])];
	struct history_row row;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int column = audit_reader_column(reader, names[i]);

		text[i] = column >= 0 ? record->field[column] : "";
	}
	row = (struct history_row){
		.run_id = text[0],
		.unit_id = text[1],
		.command = text[2],
		.profile = text[3],
		.lot = text[4],
		.uid = text[5],
		.unit_serial = text[6],
		.firmware_version = text[8],
		.image_sha256 = text[9],
		.written = strcmp(text[2], "run") == 0 || strcmp(text[2], "rework") == 0,
		.passed = strcmp(text[7], "PASS") == 0,
	};
	return sink(user, &row);
}

/* Whether the row has the hash that it states, and follows the one before it in this file. */
static bool is_chained(const struct audit_record *record, char head[SHA256_HEX_SIZE])
{
	const char *prev = record->field[record->count - 2];
	const char *stated = record->field[record->count - 1];
	const size_t hashes = 2 * (SHA256_HEX_SIZE - 1) + 1; /* with the comma between them */
	char hash[SHA256_HEX_SIZE];
	bool follows = head[0] == '\0' || strcmp(head, prev) == 0;

	if (record->length <= hashes ||
	    audit_row_hash(prev, record->text, record->length - hashes, hash) < 0)
		return false;
	memcpy(head, hash, sizeof(hash));
	return follows && strcmp(hash, stated) == 0;
}

/* Closes the reader of `path`. `damage`: what is wrong with it as a log, "" nothing; its good rows
 * are handed out all the same. False: no memory, or it cannot be read: `why`. */
static bool read_rows(struct audit_reader *reader, const char *path, history_sink *sink, void *user,
		      char damage[DAMAGE_SIZE], char *why, size_t why_size)
{
	const struct audit_record *record;
	char head[SHA256_HEX_SIZE] = "";
	bool good = true, more = true;

	damage[0] = '\0';
	while (good && more) {
		switch (audit_reader_next(reader, &record)) {
		case AUDIT_READ_ROW:
			if (!is_chained(record, head) && !damage[0])
				snprintf(damage, DAMAGE_SIZE, "line %" PRIu64 " was changed",
					 record->line);
			good = hand_out(reader, record, sink, user);
			if (!good)
				snprintf(why, why_size, "out of memory");
			break;
		case AUDIT_READ_BAD:
			if (!damage[0])
				snprintf(damage, DAMAGE_SIZE, "line %" PRIu64 ": %.100s",
					 record->line, audit_reader_why(reader));
			break;
		case AUDIT_READ_PARTIAL:
			/* Another run may be writing a log that was not rotated away. */
			if (!damage[0] && audit_is_rotated(path))
				snprintf(damage, DAMAGE_SIZE, "its last line is torn");
			more = false;
			break;
		case AUDIT_READ_END:
			more = false;
			break;
		case AUDIT_READ_ERROR:
			snprintf(why, why_size, "%s", audit_reader_why(reader));
			good = false;
			break;
		}
	}
	audit_reader_close(reader);
	return good;
}

/* Whether the file names a column of a log. A spreadsheet or an editor changes the first line of a
 * log, and keeps the names in it. */
static bool was_log(const char *path)
{
	char text[4096];
	FILE *file = fopen(path, "re");
	size_t got = file ? fread(text, 1, sizeof(text), file) : 0;

	if (file)
		fclose(file);
	return memmem(text, got, "prev_hash", strlen("prev_hash")) != NULL;
}

/* Reading all logs of a pattern. */
struct logs {
	history_sink *sink;
	void *user;
	size_t *unread; /* NULL: a rotated file that is damaged is an error */
	char *why;
	size_t why_size;
};

/* FILE.begun and FILE.torn are no logs. */
static bool read_log(void *user, const char *path)
{
	const struct logs *logs = user;
	struct audit_reader *reader;
	char damage[DAMAGE_SIZE] = "", why[DAMAGE_SIZE];
	enum audit_status status = audit_reader_open(path, &reader, why, sizeof(why));

	if (status == AUDIT_OK) {
		if (!read_rows(reader, path, logs->sink, logs->user, damage, logs->why,
			       logs->why_size))
			return false;
	} else if (status == AUDIT_IO || audit_is_rotated(path) || was_log(path)) {
		snprintf(damage, sizeof(damage), "%s", why);
	}
	if (!damage[0])
		return true;
	if (logs->unread) {
		++*logs->unread;
		return true;
	}
	if (!audit_is_rotated(path))
		return true;
	snprintf(logs->why, logs->why_size,
		 "%s: %s; limits and numbers need the rows of this file: restore it. "
		 "h7gang audit verify shows what is wrong",
		 path, damage);
	return false;
}

static bool read_all(const char *pattern, const char *ending, history_sink *sink, void *user,
		     size_t *unread, char *why, size_t why_size)
{
	struct logs logs = {sink, user, unread, why, why_size};

	snprintf(why, why_size, "out of memory");
	return audit_logs_each(pattern, ending, read_log, &logs);
}

bool history_read(const char *log, history_sink *sink, void *user, char *why, size_t why_size)
{
	char damage[DAMAGE_SIZE]; /* the writer tells of it */
	struct audit_reader *reader;

	return read_all(log, ".*", sink, user, NULL, why, why_size) &&
	       (access(log, F_OK) != 0 ||
		(audit_reader_open(log, &reader, why, why_size) == AUDIT_OK &&
		 read_rows(reader, log, sink, user, damage, why, why_size)));
}

bool history_read_lots(const char *logs, history_sink *sink, void *user, size_t *unread, char *why,
		       size_t why_size)
{
	*unread = 0;
	return read_all(logs, ".*", sink, user, unread, why, why_size) &&
	       read_all(logs, "", sink, user, unread, why, why_size);
}
