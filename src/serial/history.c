/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/serial/history.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "h7gang/audit/logs.h"
#include "h7gang/audit/read.h"

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

static bool read_one(const char *path, history_sink *sink, void *user, char *why, size_t why_size)
{
	struct audit_reader *reader;
	const struct audit_record *record;
	bool good = true, more = true;

	if (audit_reader_open(path, &reader, why, why_size) != AUDIT_OK)
		return false;
	while (good && more) {
		switch (audit_reader_next(reader, &record)) {
		case AUDIT_READ_ROW:
			good = hand_out(reader, record, sink, user);
			if (!good)
				snprintf(why, why_size, "out of memory");
			break;
		case AUDIT_READ_BAD: /* skipped: audit_verify judges the chain */
			break;
		case AUDIT_READ_END:
		case AUDIT_READ_PARTIAL:
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

/* Reading all logs of a pattern. */
struct logs {
	history_sink *sink;
	void *user;
	size_t *unread;
	char *why;
	size_t why_size;
};

/* FILE.begun and FILE.torn are no logs. */
static bool read_log(void *user, const char *path)
{
	const struct logs *logs = user;
	struct audit_reader *reader;
	enum audit_status status = audit_reader_open(path, &reader, logs->why, logs->why_size);

	if (status != AUDIT_OK) {
		*logs->unread += status == AUDIT_IO;
		return true;
	}
	audit_reader_close(reader);
	return read_one(path, logs->sink, logs->user, logs->why, logs->why_size);
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
	size_t unread = 0;

	return read_all(log, ".*", sink, user, &unread, why, why_size) &&
	       (access(log, F_OK) != 0 || read_one(log, sink, user, why, why_size));
}

bool history_read_lots(const char *logs, history_sink *sink, void *user, size_t *unread, char *why,
		       size_t why_size)
{
	*unread = 0;
	return read_all(logs, ".*", sink, user, unread, why, why_size) &&
	       read_all(logs, "", sink, user, unread, why, why_size);
}
