/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "recover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "h7gang/base/clock.h"
#include "h7gang/base/durable.h"

#define TORN_MODE 0640

__attribute__((format(printf, 2, 3))) static void note(struct audit_log *log, const char *format,
						       ...)
{
	size_t used = strlen(log->notice);
	va_list args;

	if (used > 0 && used < sizeof(log->notice) - 2)
		used += (size_t)snprintf(log->notice + used, sizeof(log->notice) - used, "; ");
	va_start(args, format);
	vsnprintf(log->notice + used, sizeof(log->notice) - used, format, args);
	va_end(args);
}

/* --- FILE.torn --- */

/* New text starts on a line of its own, also behind one that a kill has cut off. */
static int torn_open(struct audit_log *log)
{
	int fd = durable_open(log->file.folder, log->torn_name, O_RDWR | O_APPEND | O_CREAT,
			      TORN_MODE);
	int rc;

	if (fd < 0)
		return fd;
	rc = durable_end_line(fd);
	if (rc == 0)
		return fd;
	close(fd);
	return rc;
}

static int torn_close(struct audit_log *log, int fd, int rc)
{
	if (rc == 0)
		rc = durable_sync(fd);
	close(fd);
	return rc == 0 ? durable_sync_folder(log->file.folder) : rc;
}

int recover_torn_line(struct audit_log *log, off_t keep)
{
	struct stat st;
	size_t length;
	char *tail;
	int fd, rc;

	if (fstat(log->file.fd, &st) < 0)
		return -errno;
	if (st.st_size < keep || st.st_size - keep > AUDIT_TORN_MAX)
		return -ESTALE;
	length = (size_t)(st.st_size - keep);
	tail = malloc(length + 1);
	if (!tail)
		return -ENOMEM;
	rc = durable_read_at(log->file.fd, tail, length, keep);
	tail[length] = '\n';
	fd = rc < 0 ? rc : torn_open(log);
	rc = fd < 0 ? fd : torn_close(log, fd, durable_write_all(fd, tail, length + 1));
	free(tail);
	if (rc < 0)
		return rc;
	if (ftruncate(log->file.fd, keep) < 0)
		return -errno;
	note(log, "a torn last line of %zu bytes was moved to %s", length, log->torn_name);
	return durable_sync(log->file.fd);
}

/* --- FILE.begun --- */

/* Columns with a value before the first erase or write. Nothing else of a mark gets into a row: a
 * mark proves that its bytes are whole, not that h7gang wrote it. */
static bool known_at_the_start(enum audit_column column)
{
	switch (column) {
	case COL_erase_ms:
	case COL_program_ms:
	case COL_verify_ms:
	case COL_total_ms:
	case COL_bank1_bytes:
	case COL_bank1_readback_sha256:
	case COL_bank2_bytes:
	case COL_bank2_readback_sha256:
	case COL_leave:
	case COL_boot:
		return false;
	default:
		return true;
	}
}

static void bank_not_reached(struct row_fields *fields, enum audit_column result)
{
	if (strcmp(fields->text[result], "NONE") != 0)
		row_fields_set(fields, result, "UNREACHED");
}

/* The ABORTED row of a mark: the facts from the beginning of the attempt, and how it ended. */
static int build_row(const struct audit_log *log, const struct mark *mark, struct row_body *body)
{
	struct csv_row csv;
	struct row_fields fields;
	char now[CLOCK_TEXT_SIZE], detail[2 * AUDIT_TEXT_MAX];
	bool forged;

	if (csv_split(&csv, mark->body, mark->length - 1) || csv.count > BODY_END - BODY_FIRST)
		return -EINVAL;
	row_fields_from_csv(&fields, &csv, BODY_FIRST);
	forged = strcmp(fields.text[COL_result], "ABORTED") != 0 ||
		 strcmp(fields.text[COL_error], h7_error_name(H7_ABORTED)) != 0;
	for (size_t i = BODY_FIRST; i < BODY_END; i++) {
		if (!known_at_the_start((enum audit_column)i))
			row_fields_set(&fields, (enum audit_column)i, "");
	}
	bank_not_reached(&fields, COL_bank1_result);
	bank_not_reached(&fields, COL_bank2_result);
	clock_wall_text(now);
	snprintf(detail, sizeof(detail), "found open in %.255s: ended without a row%s%s%s",
		 log->begun_name,
		 forged ? "; the mark claimed another result: h7gang did not write it" : "",
		 *fields.text[COL_detail] ? "; known before: " : "", fields.text[COL_detail]);
	row_fields_set(&fields, COL_finished_at, now);
	row_fields_set(&fields, COL_result, "ABORTED");
	row_fields_set(&fields, COL_error, h7_error_name(H7_ABORTED));
	row_fields_set(&fields, COL_detail, detail);
	return row_build(body, &fields, true) == AUDIT_OK ? 0 : -EINVAL;
}

static int write_rows(struct audit_log *log, struct marks *marks)
{
	struct row_body body;
	int rc = 0;

	marks_sort(marks);
	for (size_t i = 0; i < marks->count && rc == 0; i++) {
		rc = build_row(log, &marks->mark[i], &body);
		if (rc == 0)
			rc = logfile_put(&log->file, body.text, body.length);
	}
	return rc == 0 ? logfile_commit(&log->file) : rc;
}

struct keep {
	struct audit_log *log;
	int fd; /* of FILE.torn, -1: nothing to keep so far */
	unsigned lines;
};

static int keep_line(void *user, uint64_t line, const char *text, size_t length)
{
	struct keep *keep = user;
	int rc;

	(void)line;
	if (keep->fd < 0)
		keep->fd = torn_open(keep->log);
	if (keep->fd < 0)
		return keep->fd;
	keep->lines++;
	rc = durable_write_all(keep->fd, text, length);
	if (rc == 0 && text[length - 1] != '\n')
		rc = durable_write_all(keep->fd, "\n", 1);
	return rc;
}

static int keep_unreadable(struct audit_log *log)
{
	struct keep keep = {.log = log, .fd = -1};
	struct marks again = {0};
	int rc = begun_load(log->file.folder, log->begun_name, &again, keep_line, &keep);

	marks_free(&again);
	if (keep.fd >= 0)
		rc = torn_close(log, keep.fd, rc);
	if (rc == 0 && keep.lines > 0)
		note(log, "%u unreadable lines of %s were moved to %s", keep.lines, log->begun_name,
		     log->torn_name);
	return rc;
}

/* Removes the rest of a compaction or a rotation that was killed. */
static int remove_fresh(struct audit_log *log, const char *name)
{
	char *fresh;
	int rc;

	if (asprintf(&fresh, "%s.new", name) < 0)
		return -ENOMEM;
	rc = durable_remove(log->file.folder, fresh);
	free(fresh);
	return rc;
}

static int remove_files(struct audit_log *log)
{
	int rc = remove_fresh(log, log->begun_name);

	if (rc == 0)
		rc = remove_fresh(log, log->file.name);
	if (rc == 0)
		rc = durable_remove(log->file.folder, log->begun_name);
	return rc == 0 ? durable_sync_folder(log->file.folder) : rc;
}

int recover_marks(struct audit_log *log, struct marks *marks)
{
	int rc = marks->count > 0 ? write_rows(log, marks) : 0;

	if (rc == 0)
		rc = keep_unreadable(log);
	return rc == 0 ? remove_files(log) : rc;
}
