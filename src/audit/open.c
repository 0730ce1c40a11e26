/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "h7gang/audit/logs.h"
#include "h7gang/base/clock.h"
#include "h7gang/base/durable.h"
#include "clockcheck.h"
#include "lock.h"
#include "log.h"
#include "reader.h"
#include "recover.h"
#include "rotate.h"
#include "scan.h"
#include "seals.h"

#define LOG_MODE 0640
#define OPEN_TRIES 16 /* rotations that may come between opening and locking */

struct why {
	char *text;
	size_t size;
	const char *path;
};

static enum audit_status failed(const struct why *why, enum audit_status status, const char *text)
{
	snprintf(why->text, why->size, "%s: %s", why->path,
		 text[0] ? text : audit_status_text(status));
	return status;
}

static enum audit_status io_failed(const struct why *why, const char *doing, int rc)
{
	const char *text = rc == -ELOOP    ? "it is a symbolic link, which is not followed"
			   : rc == -EINVAL ? "it is not a regular file"
			   : rc == -ESTALE ? "it was changed or moved by another program"
			   : rc == -EFBIG  ? "too long to be what this program wrote"
					   : strerror(-rc);

	snprintf(why->text, why->size, "%s: %s: %s", why->path, doing, text);
	return rc == -ENOMEM ? AUDIT_MEMORY : AUDIT_IO;
}

static void log_free(struct audit_log *log)
{
	begun_close(&log->begun);
	if (log->file.fd >= 0)
		close(log->file.fd);
	if (log->file.folder >= 0)
		close(log->file.folder);
	free(log->file.place);
	sha256_free(log->file.sha);
	pthread_cond_destroy(&log->done);
	pthread_cond_destroy(&log->wake);
	pthread_mutex_destroy(&log->mutex);
	audit_key_free(log->key);
	free(log->seal_name);
	free(log->torn_name);
	free(log->begun_name);
	free(log->path);
	free(log);
}

static struct audit_log *log_new(const char *path)
{
	struct audit_log *log = calloc(1, sizeof(*log));

	if (!log)
		return NULL;
	if (pthread_mutex_init(&log->mutex, NULL) != 0)
		goto err_log;
	if (clock_cond_init(&log->wake) != 0)
		goto err_mutex;
	if (clock_cond_init(&log->done) != 0)
		goto err_wake;
	log->file.fd = log->file.folder = log->begun.fd = -1;
	chain_start(&log->file.chain);
	chain_start(&log->file.written);
	log->path = strdup(path);
	log->file.sha = sha256_new();
	if (log->path && log->file.sha)
		return log;
	log_free(log);
	return NULL;
err_wake:
	pthread_cond_destroy(&log->wake);
err_mutex:
	pthread_mutex_destroy(&log->mutex);
err_log:
	free(log);
	return NULL;
}

/* Opens and locks the file that has the log's name. Another process may rotate the log in between:
 * then the name stands for another file by now. */
static int open_and_lock(struct audit_log *log)
{
	struct logfile *file = &log->file;
	int rc = -ESTALE;

	for (int i = 0; i < OPEN_TRIES && rc == -ESTALE; i++) {
		if (file->fd >= 0)
			close(file->fd);
		file->fd = durable_open(file->folder, file->name, O_RDWR | O_CREAT, LOG_MODE);
		if (file->fd < 0)
			return file->fd;
		rc = lock_take(file->fd);
		if (rc == 0)
			rc = durable_still_named(file->folder, file->name, file->fd, -1);
	}
	return rc;
}

static enum audit_status open_files(struct audit_log *log, const struct why *why)
{
	struct logfile *file = &log->file;
	int rc;

	file->folder = durable_folder(log->path, true, &file->name);
	if (file->folder < 0)
		return io_failed(why, "its folder", file->folder);
	file->place = durable_place(log->path);
	if (!file->place)
		return io_failed(why, "its folder", -ENOMEM);
	if (asprintf(&log->begun_name, "%s.begun", file->name) < 0) {
		log->begun_name = NULL;
		return io_failed(why, "open", -ENOMEM);
	}
	if (asprintf(&log->torn_name, "%s.torn", file->name) < 0) {
		log->torn_name = NULL;
		return io_failed(why, "open", -ENOMEM);
	}
	if (asprintf(&log->seal_name, "%s.seal", file->name) < 0) {
		log->seal_name = NULL;
		return io_failed(why, "open", -ENOMEM);
	}
	log->begun.folder = file->folder;
	log->begun.name = log->begun_name;
	rc = open_and_lock(log);
	if (rc == -EAGAIN) {
		snprintf(why->text, why->size, "%s: another process is writing it", why->path);
		return AUDIT_LOCKED;
	}
	return rc < 0 ? io_failed(why, "open", rc) : AUDIT_OK;
}

struct seen {
	struct marks *marks;
	struct seals *seals;
	bool old_header;
	size_t length; /* of the last row */
	char last[AUDIT_ROW_MAX];
};

static void row_seen(void *user, const struct chain *head, const char *line, size_t length)
{
	struct seen *seen = user;

	marks_remove_row(seen->marks, line, length);
	seals_row(seen->seals, head);
	memcpy(seen->last, line, length);
	seen->length = length;
}

/* The words of docs/troubleshooting.md, and what to do next. */
static enum audit_status damaged(const struct why *why, enum audit_status status)
{
	size_t length = strlen(why->text);

	if (status == AUDIT_DAMAGED || status == AUDIT_HEADER)
		snprintf(why->text + length, why->size - length,
			 ". The log is damaged%s. No board was touched. Put the rows back from a "
			 "copy, or move the log, its rotated files and its seals away to begin a "
			 "new log",
			 status == AUDIT_HEADER ? ", or the file is no log" : "");
	return status;
}

/* Goes through the whole chain; afterwards `marks` holds those that have no row in it. */
static enum audit_status check_chain(struct audit_log *log, struct seen *seen, struct scan *scan,
				     enum scan_end *end, const struct why *why)
{
	struct audit_reader *reader;
	char text[512];
	enum audit_status status = reader_open_fd(log->file.fd, &reader, text, sizeof(text));

	if (status != AUDIT_OK) {
		snprintf(why->text, why->size, "%s:1: %s", why->path, text);
		return damaged(why, status);
	}
	*scan = (struct scan){.row = row_seen, .user = seen};
	text[0] = '\0';
	status = rotate_origin(log, scan, text, sizeof(text));
	if (status != AUDIT_OK) {
		audit_reader_close(reader);
		return damaged(why, failed(why, status, text));
	}
	scan->rows = 0;
	*end = scan_file(scan, reader, log->file.sha);
	seen->old_header = !reader->current;
	audit_reader_close(reader);
	if (*end == SCAN_WHOLE || *end == SCAN_EMPTY || *end == SCAN_PARTIAL) {
		if (seals_hold(seen->seals, &scan->chain, text, sizeof(text)))
			return AUDIT_OK;
		return damaged(why, failed(why, AUDIT_DAMAGED, text));
	}
	scan_describe(scan, *end, text, sizeof(text));
	snprintf(why->text, why->size, "%s:%" PRIu64 ": %s", why->path, scan->line, text);
	return damaged(why, *end == SCAN_IO ? AUDIT_IO : AUDIT_DAMAGED);
}

/* Brings the file to the state the writer goes on from: whole rows only, all of them on disk. */
static int settle(struct audit_log *log, const struct scan *scan, enum scan_end end)
{
	struct logfile *file = &log->file;
	int rc = 0;

	if (end == SCAN_PARTIAL)
		rc = recover_torn_line(log, scan->end);
	if (rc < 0)
		return rc;
	file->size = file->end = scan->end;
	file->chain = file->written = scan->chain;
	if (scan->end == 0)
		return logfile_put_header(file);
	/* A killed writer may have left rows that only the page cache knows; marks go by them. */
	rc = logfile_commit(file);
	return rc < 0 ? rc : durable_sync_folder(file->folder);
}

/* Whether the last row is of another lot. */
static bool other_lot(const struct seen *seen, const char *lot)
{
	struct csv_row csv;

	return !csv_split(&csv, seen->last, seen->length) && csv.count > COL_lot &&
	       (csv.length[COL_lot] != strlen(lot) ||
		memcmp(csv.field[COL_lot], lot, csv.length[COL_lot]) != 0);
}

/* Whether this clock may be believed, by the last row and by when the file was changed. */
static enum audit_status check_clock(struct audit_log *log, const struct seen *seen,
				     const struct audit_options *options, const struct why *why)
{
	char problem[300], now[CLOCK_TEXT_SIZE];

	if (!clockcheck_wrong(log->file.fd, seen->last, seen->length, problem, sizeof(problem)) &&
	    !(options->lots && clockcheck_wrong_by_lots(options->lots, problem, sizeof(problem))))
		return AUDIT_OK;
	log->clock_overridden = options->clock_ok;
	if (options->clock_ok)
		return AUDIT_OK;
	clock_wall_text(now);
	snprintf(why->text, why->size,
		 "%s: the clock of this computer says %s, but %s. No board was touched. Set the "
		 "clock, or confirm it with --clock-ok",
		 why->path, now, problem);
	return AUDIT_CLOCK;
}

static enum audit_status take_over(struct audit_log *log, const struct audit_options *options,
				   unsigned *recovered, const struct why *why)
{
	const char *lot = options ? options->lot : NULL;
	struct marks marks = {0};
	struct seals seals = {0};
	struct seen seen = {.marks = &marks, .seals = &seals};
	struct scan scan;
	enum scan_end end = SCAN_IO;
	enum audit_status status;
	int rc = begun_load(log->file.folder, log->begun_name, &marks, NULL, NULL);

	if (rc < 0) {
		status = io_failed(why, log->begun_name, rc);
		goto out;
	}
	/* Also without a key: a log that was cut below a seal must not grow over the gap. */
	rc = seals_load(&seals, log->path, log->file.folder, log->seal_name, log->key);
	if (rc < 0) {
		status = io_failed(why, log->seal_name, rc);
		goto out;
	}
	rc = rotate_undo_number(log);
	if (rc < 0) {
		status = io_failed(why, "an interrupted rotation", rc);
		goto out;
	}
	status = check_chain(log, &seen, &scan, &end, why);
	if (status != AUDIT_OK)
		goto out;
	if (options && options->check_clock)
		status = check_clock(log, &seen, options, why);
	if (status != AUDIT_OK)
		goto out;
	if (log->key)
		log->sealed_seq = seals.own_seq;
	rc = rotate_lift_answered(log, &marks);
	if (rc == 0)
		rc = settle(log, &scan, end);
	if (rc == 0 && recovered)
		*recovered = (unsigned)marks.count;
	/* Rows of this version do not go under an older header. */
	if (rc == 0 && seen.old_header)
		rc = rotate(log);
	if (rc == 0)
		rc = recover_marks(log, &marks);
	if (rc == 0 && lot && scan.rows > 0 && other_lot(&seen, lot))
		rc = rotate(log);
	if (rc == ROTATE_FULL)
		status = failed(
			why, AUDIT_IO,
			"it was rotated 9999 times: keep it with its files, and name a new log");
	else if (rc != 0)
		status = io_failed(why, "putting it right", rc == ROTATE_LOST ? -ESTALE : rc);
out:
	seals_free(&seals);
	marks_free(&marks);
	return status;
}

/* Whether another log uses this name for one of its own files. */
static bool is_companion(const char *path)
{
	const char *dot = strrchr(path, '.');
	char *log;
	bool rotated;

	if (dot && audit_is_companion(dot))
		return true;
	if (!audit_is_rotated(path))
		return false;
	log = strndup(path, (size_t)(dot - path));
	rotated = log && access(log, F_OK) == 0;
	free(log);
	return rotated;
}

static enum audit_status take_options(struct audit_log *log, const struct audit_options *options,
				      const struct why *why)
{
	char text[512];

	if (options) {
		log->rotate_bytes = options->rotate_bytes;
		log->synced = options->synced;
		log->synced_user = options->synced_user;
	}
	if (!options || !options->key)
		return AUDIT_OK;
	log->key = audit_key_load(options->key, text, sizeof(text));
	log->seal_every = options->seal_every;
	return log->key ? AUDIT_OK : failed(why, AUDIT_KEY, text);
}

enum audit_status audit_open(const char *path, struct audit_log **log, unsigned *recovered,
			     char *why, size_t why_size)
{
	return audit_open_with(path, NULL, log, recovered, why, why_size);
}

enum audit_status audit_open_with(const char *path, const struct audit_options *options,
				  struct audit_log **out, unsigned *recovered, char *why_text,
				  size_t why_size)
{
	const struct why why = {why_text, why_size, path};
	struct audit_log *log = log_new(path);
	enum audit_status status;
	char text[200];

	*out = NULL;
	if (recovered)
		*recovered = 0;
	if (!log)
		return io_failed(&why, "open", -ENOMEM);
	if (is_companion(path))
		status = failed(&why, AUDIT_IO,
				"this is the name of a file that belongs to another log: name the "
				"log, or the lot, in another way");
	else
		status = take_options(log, options, &why);
	if (status == AUDIT_OK)
		status = open_files(log, &why);
	if (status == AUDIT_OK)
		status = take_over(log, options, recovered, &why);
	if (status == AUDIT_OK) {
		log->head.seq = log->file.chain.seq;
		memcpy(log->head.row_hash, log->file.chain.hash, sizeof(log->head.row_hash));
		status = writer_start(log, text, sizeof(text));
		if (status != AUDIT_OK)
			failed(&why, status, text);
	}
	if (status != AUDIT_OK) {
		log_free(log);
		return status;
	}
	*out = log;
	return AUDIT_OK;
}

bool audit_clock_overridden(const struct audit_log *log)
{
	return log->clock_overridden;
}

const char *audit_notice(const struct audit_log *log)
{
	return log->notice;
}

bool audit_close(struct audit_log *log)
{
	if (!log)
		return true;
	/* A writer that hangs keeps the log, and its lock, until the process ends. */
	if (!writer_stop(log))
		return false;
	log_free(log);
	return true;
}
