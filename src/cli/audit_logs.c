/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several files as logs, each read once, to be judged and used. */
#include <stdlib.h>
#include <string.h>

#include "h7gang/audit/logs.h"
#include "audit.h"

/* The position of the first row in its chain; false: there is no row. */
static bool first_row(const char *path, bool *starts, char prev[SHA256_HEX_SIZE])
{
	struct audit_reader *reader;
	const struct audit_record *record;
	bool row;
	char why[200];

	if (audit_reader_open_any(path, &reader, why, sizeof(why)) != AUDIT_OK)
		return false;
	row = audit_reader_next(reader, &record) == AUDIT_READ_ROW;
	if (row) {
		*starts = strcmp(record->field[0], "1") == 0;
		memcpy(prev, record->field[record->count - 2], SHA256_HEX_SIZE);
	}
	audit_reader_close(reader);
	return row;
}

static void keep_first(void *user, const char *text)
{
	struct report_log *log = user;

	if (!*log->finding)
		snprintf(log->finding, sizeof(log->finding), "%s", text);
}

static void judge(struct report_log *log, char *const *files, const struct audit_key *key,
		  const struct audit_row_sink *rows)
{
	struct audit_report_sink sink = {keep_first, log};
	struct audit_check check;
	char prev[SHA256_HEX_SIZE];
	bool starts = true, row = first_row(files[0], &starts, prev);

	log->intact = audit_verify_rows((const char *const *)files, log->files,
					row && !starts ? prev : NULL, key, &sink, rows, &check);
	log->head = check.head;
	log->open_marks = check.open_marks;
	log->sealed = key && log->intact;
	log->sealed_seq = check.sealed_seq;
}

/* Whether `file` is "LOG.0001" or the like. */
static bool is_older_file(const char *file, const char *log)
{
	size_t length = strlen(log);

	return strncmp(file, log, length) == 0 && strrchr(file, '.') == file + length &&
	       audit_is_rotated(file);
}

char **cli_audit_order(char *const *files, size_t count)
{
	char **ordered = calloc(count + 1, sizeof(*ordered));

	for (size_t i = 0; ordered && i < count; i++) {
		size_t at = 0;

		while (at < i && !is_older_file(files[i], ordered[at]))
			at++;
		memmove(ordered + at + 1, ordered + at, (i - at) * sizeof(*ordered));
		ordered[at] = files[i];
	}
	return ordered;
}

struct report_log *cli_audit_logs(char *const *files, size_t count, size_t *logs)
{
	struct report_log *log = calloc(count, sizeof(*log));

	*logs = 0;
	for (size_t i = 0; log && i < count; i++) {
		char prev[SHA256_HEX_SIZE];
		bool starts = false;

		first_row(files[i], &starts, prev);
		if (i == 0 || starts)
			log[(*logs)++].first = files[i];
		log[*logs - 1].last = files[i];
		log[*logs - 1].files++;
	}
	return log;
}

/* --- rows --- */

struct reading {
	const struct cli_audit_rows *rows;
	uint64_t count, known; /* rows of the log so far; those that were given already */
	bool lost;             /* no memory */
};

static bool give_again(void *user, const char *path, const struct audit_reader *reader,
		       const struct audit_record *record)
{
	struct reading *reading = user;

	if (reading->count++ >= reading->known && !reading->lost)
		reading->lost = !reading->rows->row(reading->rows->user, path, reader, record);
	return !reading->lost;
}

static void give(void *user, const char *path, const struct audit_reader *reader,
		 const struct audit_record *record)
{
	give_again(user, path, reader, record);
}

enum h7_exit cli_audit_read_log(struct report_log *log, char *const *files,
				const struct audit_key *key, const struct cli_audit_rows *rows)
{
	struct reading reading = {.rows = rows};
	const struct audit_row_sink sink = {give, &reading};
	const struct cli_audit_rows again = {give_again, &reading};

	judge(log, files, key, &sink);
	if (reading.lost)
		return H7_EXIT_INTERNAL;
	if (log->intact)
		return H7_EXIT_OK;
	/* The rows behind the first finding. */
	reading.known = reading.count;
	reading.count = 0;
	return cli_first_of(cli_audit_rows(&again, files, log->files), H7_EXIT_FAILED);
}
