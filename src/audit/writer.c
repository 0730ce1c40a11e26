/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The writer thread. Callers hand over an entry and wait until it is on disk, or until their
 * deadline. Only this thread touches the disk, which may hang without a limit. Entries that wait
 * together are written one by one and share a sync. */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "log.h"
#include "rotate.h"
#include "seal.h"

#define CLOSE_MS 5000 /* how long a hanging disk may hold up the end of the program */
#define STACK_SIZE (512 * 1024)
#define NOT_WAITED_FOR INT64_MIN
#define LOOK_MS 1000 /* how long a change by another program may go unnoticed */

enum entry_kind { ENTRY_ROW, ENTRY_MARK, ENTRY_SEAL };

struct entry {
	struct entry *next;
	enum entry_kind kind;
	bool done;      /* status holds; the caller frees */
	bool abandoned; /* no thread waits for it; the writer frees */
	enum audit_status status;
	struct row_body body;
};

/* --- under the mutex --- */

static void finish(struct entry *entry, enum audit_status status)
{
	if (entry->abandoned) {
		free(entry);
		return;
	}
	entry->status = status;
	entry->done = true;
}

/* The first failure is reported, and no waiting entry is written after it. */
__attribute__((format(printf, 3, 4))) static void
break_log(struct audit_log *log, enum audit_status status, const char *format, ...)
{
	va_list args;

	if (log->broken == AUDIT_OK) {
		log->broken = status;
		va_start(args, format);
		vsnprintf(log->why, sizeof(log->why), format, args);
		va_end(args);
	}
	while (log->first) {
		struct entry *entry = log->first;

		log->first = entry->next;
		finish(entry, log->broken);
	}
	log->last = NULL;
	pthread_cond_broadcast(&log->done);
}

static void enqueue(struct audit_log *log, struct entry *entry)
{
	if (log->last)
		log->last->next = entry;
	else
		log->first = entry;
	log->last = entry;
	pthread_cond_signal(&log->wake);
}

/* --- the thread --- */

static const char *io_text(int rc)
{
	return rc == -ESTALE ? "it was changed, moved or deleted by another program"
			     : strerror(-rc);
}

/* Takes those of a kind out of a list, in their order. */
static struct entry *pick(struct entry **from, enum entry_kind kind)
{
	struct entry *picked = NULL, **end = &picked;

	while (*from) {
		struct entry *entry = *from;

		if (entry->kind == kind) {
			*from = entry->next;
			entry->next = NULL;
			*end = entry;
			end = &entry->next;
		} else {
			from = &entry->next;
		}
	}
	return picked;
}

/* Ends the entries from `entry` up to `end`, NULL: all. */
static void finish_list(struct entry *entry, const struct entry *end, enum audit_status status)
{
	while (entry && entry != end) {
		struct entry *next = entry->next;

		finish(entry, status);
		entry = next;
	}
}

static void write_rows(struct audit_log *log, struct entry *rows)
{
	const char *doing = "write";
	struct entry *entry, *unwritten;
	int rc = 0, sync_rc = 0, mark_rc;

	for (entry = rows; entry && rc == 0; entry = rc == 0 ? entry->next : entry)
		rc = logfile_put(&log->file, entry->body.text, entry->body.length);
	unwritten = entry;
	if (unwritten != rows)
		sync_rc = logfile_commit(&log->file);
	if (sync_rc < 0) {
		unwritten = rows;
		rc = sync_rc;
		doing = "fdatasync";
	}
	mark_rc = begun_guard(&log->begun, false);
	for (entry = rows; entry != unwritten; entry = entry->next)
		begun_lift(&log->begun, entry->body.text, entry->body.length);

	pthread_mutex_lock(&log->mutex);
	log->head.seq = log->file.chain.seq;
	memcpy(log->head.row_hash, log->file.chain.hash, sizeof(log->head.row_hash));
	if (!log->unsealed_since)
		log->unsealed_since = clock_now();
	finish_list(rows, unwritten, AUDIT_OK);
	if (rc < 0)
		break_log(log, AUDIT_IO, "%s: %s: %s", log->path, doing, io_text(rc));
	if (mark_rc < 0)
		break_log(log, AUDIT_IO, "%s.begun: %s", log->path, io_text(mark_rc));
	finish_list(unwritten, NULL, AUDIT_IO);
	pthread_cond_broadcast(&log->done);
	pthread_mutex_unlock(&log->mutex);
	if (log->synced)
		log->synced(log->synced_user);
}

static void write_marks(struct audit_log *log, struct entry *marks, bool usable)
{
	int log_rc = usable ? logfile_check(&log->file) : 0, rc = log_rc;

	for (struct entry *entry = marks; usable && entry && rc == 0; entry = entry->next)
		rc = begun_add(&log->begun, entry->body.text, entry->body.length);
	if (usable && rc == 0)
		rc = begun_sync(&log->begun);

	pthread_mutex_lock(&log->mutex);
	if (rc < 0)
		break_log(log, AUDIT_IO, "%s%s: %s", log->path, log_rc < 0 ? "" : ".begun",
			  io_text(rc));
	finish_list(marks, NULL, usable && rc == 0 ? AUDIT_OK : log->broken);
	pthread_cond_broadcast(&log->done);
	pthread_mutex_unlock(&log->mutex);
}

/* Signs the rows that are on disk. `seals`: the entries that wait for it, NULL if it is only
 * due. */
static void write_seal(struct audit_log *log, struct entry *seals, bool usable)
{
	const struct chain *head = &log->file.chain;
	int rc = 0;

	if (usable && head->seq > 0 && head->seq != log->sealed_seq)
		rc = seal_append(log->file.folder, log->seal_name, head, log->key);
	if (usable && rc == 0)
		log->sealed_seq = head->seq;

	pthread_mutex_lock(&log->mutex);
	log->told_sealed = log->sealed_seq;
	if (log->sealed_seq == head->seq)
		log->unsealed_since = 0;
	if (rc < 0)
		break_log(log, AUDIT_IO, "%s.seal: %s", log->path, io_text(rc));
	finish_list(seals, NULL, usable && rc == 0 ? AUDIT_OK : log->broken);
	pthread_cond_broadcast(&log->done);
	pthread_mutex_unlock(&log->mutex);
}

static bool seal_due(const struct audit_log *log)
{
	return log->key && log->seal_every > 0 &&
	       log->file.chain.seq - log->sealed_seq >= log->seal_every;
}

static bool still_usable(struct audit_log *log)
{
	bool usable;

	pthread_mutex_lock(&log->mutex);
	usable = log->broken == AUDIT_OK;
	pthread_mutex_unlock(&log->mutex);
	return usable;
}

/* A log that cannot be rotated now just grows; one that has lost its name takes no further row,
 * which the next row finds. */
static void go_on_in_new_file(struct audit_log *log)
{
	if (rotate(log) != ROTATE_LOST)
		return;
	pthread_mutex_lock(&log->mutex);
	break_log(log, AUDIT_IO, "%s: rotation: %s", log->path, io_text(-ESTALE));
	pthread_mutex_unlock(&log->mutex);
}

/* While attempts are open, a change that another program makes to the files is noticed before the
 * next row, which may be minutes away. */
static void look_after_files(struct audit_log *log)
{
	int rc = logfile_check(&log->file), mark_rc = begun_guard(&log->begun, true);

	pthread_mutex_lock(&log->mutex);
	if (rc < 0)
		break_log(log, AUDIT_IO, "%s: %s", log->path, io_text(rc));
	if (mark_rc < 0)
		break_log(log, AUDIT_IO, "%s.begun: %s", log->path, io_text(mark_rc));
	pthread_mutex_unlock(&log->mutex);
}

/* Cuts the list behind the rows that the next seal is for, so that with `seal_every: 1` each row
 * has a seal of its own. The rest. */
static struct entry *cut_at_seal(const struct audit_log *log, struct entry *rows)
{
	uint64_t open = log->file.chain.seq - log->sealed_seq;
	struct entry *entry = rows, *rest;

	if (!log->key || log->seal_every == 0)
		return NULL;
	for (uint64_t i = open + 1; entry->next && i < log->seal_every; i++)
		entry = entry->next;
	rest = entry->next;
	entry->next = NULL;
	return rest;
}

static void write_all_rows(struct audit_log *log, struct entry *rows)
{
	while (rows) {
		struct entry *rest = cut_at_seal(log, rows);

		write_rows(log, rows);
		rows = rest;
		if (rows && seal_due(log))
			write_seal(log, NULL, still_usable(log));
		if (rows && !still_usable(log)) {
			pthread_mutex_lock(&log->mutex);
			finish_list(rows, NULL, AUDIT_IO);
			pthread_cond_broadcast(&log->done);
			pthread_mutex_unlock(&log->mutex);
			rows = NULL;
		}
	}
}

static void work(struct audit_log *log, struct entry *batch)
{
	struct entry *rows = pick(&batch, ENTRY_ROW);
	struct entry *marks = pick(&batch, ENTRY_MARK);

	if (rows && rotate_due(log))
		go_on_in_new_file(log);
	write_all_rows(log, rows);
	if (marks)
		write_marks(log, marks, still_usable(log));
	if (batch || seal_due(log))
		write_seal(log, batch, still_usable(log));
}

static void *writer_main(void *arg)
{
	struct audit_log *log = arg;

	pthread_mutex_lock(&log->mutex);
	for (;;) {
		struct entry *batch = log->first;

		if (batch) {
			log->first = log->last = NULL;
			pthread_mutex_unlock(&log->mutex);
			work(log, batch);
			pthread_mutex_lock(&log->mutex);
		} else if (log->closing) {
			break;
		} else if (log->broken != AUDIT_OK || log->begun.open.count == 0) {
			clock_wait_until(&log->wake, &log->mutex, CLOCK_NEVER);
		} else if (!clock_wait_until(&log->wake, &log->mutex, clock_after_ms(LOOK_MS))) {
			pthread_mutex_unlock(&log->mutex);
			look_after_files(log);
			pthread_mutex_lock(&log->mutex);
		}
	}
	log->ended = true;
	pthread_cond_broadcast(&log->done);
	pthread_mutex_unlock(&log->mutex);
	return NULL;
}

enum audit_status writer_start(struct audit_log *log, char *why, size_t why_size)
{
	pthread_attr_t attr;
	sigset_t all, old;
	int rc = pthread_attr_init(&attr);

	log->told_sealed = log->sealed_seq;
	if (log->head.seq > log->sealed_seq)
		log->unsealed_since = clock_now();
	if (rc == 0) {
		/* Other threads wait for the program's signals. */
		sigfillset(&all);
		pthread_sigmask(SIG_SETMASK, &all, &old);
		rc = pthread_attr_setstacksize(&attr, STACK_SIZE);
		if (rc == 0)
			rc = pthread_create(&log->thread, &attr, writer_main, log);
		pthread_sigmask(SIG_SETMASK, &old, NULL);
		pthread_attr_destroy(&attr);
	}
	if (rc == 0)
		return AUDIT_OK;
	snprintf(why, why_size, "no writer thread: %s", strerror(rc));
	return AUDIT_MEMORY;
}

bool writer_stop(struct audit_log *log)
{
	int64_t deadline = clock_after_ms(CLOSE_MS);
	bool ended, in_time = true;

	pthread_mutex_lock(&log->mutex);
	log->closing = true;
	pthread_cond_signal(&log->wake);
	while (!log->ended && in_time)
		in_time = clock_wait_until(&log->done, &log->mutex, deadline);
	ended = log->ended;
	pthread_mutex_unlock(&log->mutex);
	if (ended)
		pthread_join(log->thread, NULL);
	else
		pthread_detach(log->thread);
	return ended;
}

/* --- callers --- */

static enum audit_status build(struct entry *entry, const struct row_fields *fields,
			       const char **problem)
{
	*problem = "longer than a row can be";
	if (row_build(&entry->body, fields, entry->kind != ENTRY_MARK) != AUDIT_OK)
		return AUDIT_TOO_LONG;
	*problem = row_problem(&entry->body);
	return *problem ? AUDIT_INVALID : AUDIT_OK;
}

/* Under the mutex: until the entry is done, or `deadline`. */
static enum audit_status wait_for_entry(struct audit_log *log, struct entry **entry,
					int64_t deadline)
{
	bool in_time = true;

	while (!(*entry)->done && in_time)
		in_time = clock_wait_until(&log->done, &log->mutex, deadline);
	if ((*entry)->done)
		return (*entry)->status;
	/* It may still get to the disk: then it is valid, but was not reported. */
	break_log(log, AUDIT_LATE, "%s: the disk did not answer in time", log->path);
	if ((*entry)->done)
		return (*entry)->status;
	(*entry)->abandoned = true;
	*entry = NULL;
	return AUDIT_LATE;
}

/* `fields` is NULL for a seal; `deadline` is NOT_WAITED_FOR for a caller that goes on at once. */
static enum audit_status submit(struct audit_log *log, const struct row_fields *fields,
				enum entry_kind kind, int64_t deadline)
{
	struct entry *entry = calloc(1, sizeof(*entry));
	enum audit_status status = AUDIT_MEMORY;
	const char *problem = "out of memory";

	if (entry) {
		entry->kind = kind;
		status = fields ? build(entry, fields, &problem) : AUDIT_OK;
	}
	pthread_mutex_lock(&log->mutex);
	if (log->broken != AUDIT_OK) {
		status = log->broken;
	} else if (status != AUDIT_OK) {
		break_log(log, status, "%s: a row cannot be written: %s", log->path, problem);
	} else {
		enqueue(log, entry);
		if (deadline == NOT_WAITED_FOR) {
			entry->abandoned = true;
			entry = NULL;
		} else {
			status = wait_for_entry(log, &entry, deadline);
		}
	}
	pthread_mutex_unlock(&log->mutex);
	free(entry);
	return status;
}

enum audit_status audit_begin(struct audit_log *log, const struct audit_row *row, int64_t deadline)
{
	struct row_fields fields;

	row_fields_from(&fields, row, true);
	return submit(log, &fields, ENTRY_MARK, deadline);
}

enum audit_status audit_append(struct audit_log *log, const struct audit_row *row, int64_t deadline)
{
	struct row_fields fields;

	row_fields_from(&fields, row, false);
	return submit(log, &fields, ENTRY_ROW, deadline);
}

enum audit_status audit_note(struct audit_log *log, const struct audit_event *event,
			     int64_t deadline)
{
	struct row_fields fields;

	row_fields_from_event(&fields, event);
	return submit(log, &fields, ENTRY_ROW, deadline);
}

enum audit_status audit_seal(struct audit_log *log, int64_t deadline)
{
	return log->key ? submit(log, NULL, ENTRY_SEAL, deadline) : AUDIT_OK;
}

enum audit_status audit_note_later(struct audit_log *log, const struct audit_event *event)
{
	return audit_note(log, event, NOT_WAITED_FOR);
}

bool audit_usable(struct audit_log *log, char *why, size_t why_size)
{
	bool usable;

	pthread_mutex_lock(&log->mutex);
	usable = log->broken == AUDIT_OK;
	if (why && why_size > 0)
		snprintf(why, why_size, "%s", log->why);
	pthread_mutex_unlock(&log->mutex);
	return usable;
}

void audit_sealed(struct audit_log *log, struct audit_sealed *sealed)
{
	pthread_mutex_lock(&log->mutex);
	*sealed = (struct audit_sealed){.keyed = log->key != NULL, .seq = log->told_sealed};
	if (log->key && log->unsealed_since)
		sealed->age_ms = clock_elapsed_ms(log->unsealed_since);
	pthread_mutex_unlock(&log->mutex);
}

void audit_head(struct audit_log *log, struct audit_head *head)
{
	pthread_mutex_lock(&log->mutex);
	*head = log->head;
	pthread_mutex_unlock(&log->mutex);
}
