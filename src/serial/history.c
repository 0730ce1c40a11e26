/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/serial/history.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

#define LOT_MARK "{lot}"

/* `logs` and `ending`, with any lot in the place of {lot} and everything else in `logs` that means
 * something to glob taken literally. To be freed. */
static char *pattern_of(const char *logs, const char *ending)
{
	char *pattern = malloc(2 * strlen(logs) + strlen(ending) + 1), *to = pattern;

	if (!pattern)
		return NULL;
	while (*logs) {
		if (strncmp(logs, LOT_MARK, strlen(LOT_MARK)) == 0) {
			*to++ = '*';
			logs += strlen(LOT_MARK);
			continue;
		}
		if (strchr("*?[]\\", *logs))
			*to++ = '\\';
		*to++ = *logs++;
	}
	strcpy(to, ending);
	return pattern;
}

/* Every log of that pattern, in the order of their names; FILE.begun and FILE.torn are none. */
static bool read_all(const char *logs, const char *ending, history_sink *sink, void *user,
		     size_t *unread, char *why, size_t why_size)
{
	char *pattern = pattern_of(logs, ending);
	glob_t found = {0};
	bool good = pattern != NULL;

	if (!good)
		snprintf(why, why_size, "out of memory");
	if (good && glob(pattern, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc && good; i++) {
			struct audit_reader *reader;
			enum audit_status status =
				audit_reader_open(found.gl_pathv[i], &reader, why, why_size);

			if (status != AUDIT_OK) {
				*unread += status == AUDIT_IO;
				continue;
			}
			audit_reader_close(reader);
			good = read_one(found.gl_pathv[i], sink, user, why, why_size);
		}
		globfree(&found);
	}
	free(pattern);
	return good;
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
