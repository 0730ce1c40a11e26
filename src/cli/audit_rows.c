/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "audit.h"

#define TOLD_MAX 5 /* bad lines of a file; the others are counted */

static void tell(const char *path, uint64_t line, const char *what)
{
	char text[1024];

	snprintf(text, sizeof(text), "%s:%" PRIu64 ": %s", path, line, what);
	cli_line(text);
}

static enum h7_exit one_file(const struct cli_audit_rows *rows, const char *path)
{
	struct audit_reader *reader;
	const struct audit_record *record;
	enum h7_exit status = H7_EXIT_OK;
	uint64_t bad = 0;
	bool more = true;
	char why[200];

	if (audit_reader_open_any(path, &reader, why, sizeof(why)) != AUDIT_OK) {
		cli_say("%s: %s", path, why);
		return H7_EXIT_LOG;
	}
	while (more) {
		switch (audit_reader_next(reader, &record)) {
		case AUDIT_READ_ROW:
			more = rows->row(rows->user, path, reader, record);
			if (!more)
				status = H7_EXIT_INTERNAL;
			break;
		case AUDIT_READ_BAD:
			if (bad++ < TOLD_MAX)
				tell(path, record->line, audit_reader_why(reader));
			status = H7_EXIT_LOG;
			break;
		case AUDIT_READ_PARTIAL:
			if (!audit_reader_being_written(reader))
				tell(path, record->line, "a line without an end, skipped");
			more = false;
			break;
		case AUDIT_READ_ERROR:
			tell(path, record->line, audit_reader_why(reader));
			status = H7_EXIT_LOG;
			more = false;
			break;
		case AUDIT_READ_END:
			more = false;
			break;
		}
	}
	audit_reader_close(reader);
	if (bad > TOLD_MAX)
		cli_say("%s: %" PRIu64 " more lines are no rows", path, bad - TOLD_MAX);
	return status;
}

enum h7_exit cli_audit_rows(const struct cli_audit_rows *rows, char *const *files, size_t count)
{
	enum h7_exit status = H7_EXIT_OK;

	for (size_t i = 0; i < count && status != H7_EXIT_INTERNAL; i++)
		status = cli_first_of(status, one_file(rows, files[i]));
	if (status == H7_EXIT_INTERNAL)
		cli_say("no memory");
	return status;
}
