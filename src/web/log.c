/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "feed.h"
#include "h7gang/audit/text.h"
#include "h7gang/base/clock.h"
#include "log_private.h"
#include "log_seals.h"

#define LOOK_MS 300
#define AGAIN_MS 5000  /* before trying again to follow the log */
#define OLDER_MS 10000 /* between looks at the seals of earlier files */

/* --- indexing --- */

static const char *column(const struct audit_reader *reader, const struct audit_record *record,
			  const char *name, size_t *length)
{
	int at = audit_reader_column(reader, name);

	*length = at < 0 ? 0 : record->field_length[at];
	return at < 0 ? "" : record->field[at];
}

static uint8_t result_of(const char *text)
{
	return strcmp(text, "PASS") == 0      ? LOG_PASS
	       : strcmp(text, "FAIL") == 0    ? LOG_FAIL
	       : strcmp(text, "ABORTED") == 0 ? LOG_ABORTED
					      : LOG_NOTE;
}

static void fill_entry(struct log_entry *entry, const struct audit_reader *reader,
		       const struct audit_record *record)
{
	size_t length;
	const char *text = column(reader, record, "run_id", &length);

	entry->unit = index_hash(text, length, 0);
	text = column(reader, record, "unit_id", &length);
	entry->unit = length ? index_hash(text, length, entry->unit) : 0;
	entry->line = (uint32_t)record->line;
	text = column(reader, record, "finished_at", &length);
	entry->finished_ms = audit_time_ms(text);
	text = column(reader, record, "uid", &length);
	entry->uid = index_short(text, length);
	text = column(reader, record, "unit_serial", &length);
	entry->serial = index_short(text, length);
	text = column(reader, record, "lot", &length);
	entry->lot = index_short(text, length);
	text = column(reader, record, "slot", &length);
	entry->slot = index_short(text, length);
	entry->result = result_of(column(reader, record, "result", &length));
}

static void set_why(struct follow_log *log, const char *why)
{
	pthread_mutex_lock(&log->lock);
	if (strcmp(log->state.why, why) != 0 && why[0])
		web_say("log: %s", why);
	snprintf(log->state.why, sizeof(log->state.why), "%s", why);
	pthread_mutex_unlock(&log->lock);
}

static void forget(struct follow_log *log)
{
	audit_walk_close(log->walk);
	log->walk = NULL;
	pthread_mutex_lock(&log->lock);
	index_clear(&log->index);
	audit_files_free(log->file, log->files);
	log->file = NULL;
	log->files = 0;
	log->older_at = 0;
	log->state.sealed_seq = 0;
	log->state.seals = false;
	pthread_mutex_unlock(&log->lock);
}

/* --- following --- */

/* The seals of a log are beside its last file. An earlier file may have seals of its own, which are
 * read from time to time. */
static void look_at_seals(struct follow_log *log)
{
	size_t last = log->files;
	bool there = false;
	uint64_t sealed = last ? seals_last(log->file[last - 1], &there) : 0;

	if (sealed == 0 && last > 1 && clock_now() >= log->older_at) {
		log->older_sealed = 0;
		log->older_seals = false;
		for (size_t i = last - 1; i-- > 0 && log->older_sealed == 0;)
			log->older_sealed = seals_last(log->file[i], &log->older_seals);
		log->older_at = clock_after_ms(OLDER_MS);
	}
	if (sealed == 0 && last > 1) {
		sealed = log->older_sealed;
		there = there || log->older_seals;
	}
	pthread_mutex_lock(&log->lock);
	log->state.seals = there;
	log->state.sealed_seq = sealed;
	pthread_mutex_unlock(&log->lock);
}

/* Opens the next file of the log. False: it cannot be followed now. */
static bool open_file(struct follow_log *log, size_t i)
{
	char why[200], text[WEB_WHY];

	audit_walk_close(log->walk);
	log->walk = NULL;
	log->walking = i;
	if (audit_walk_open(log->file[i], &log->walk, why, sizeof(why)) == AUDIT_OK)
		return true;
	snprintf(text, sizeof(text), "%.150s: %.100s", log->file[i], why);
	set_why(log, text);
	return false;
}

static bool open_log(struct follow_log *log)
{
	char **file = NULL;
	size_t files = 0;
	int rc = audit_files(log->path, &file, &files);

	if (rc < 0 || files == 0 || access(log->path, R_OK) != 0) {
		char text[WEB_WHY];

		snprintf(text, sizeof(text),
			 "%.200s cannot be read: the user of h7gang-web needs "
			 "the right to",
			 log->path);
		set_why(log, text);
		audit_files_free(file, files);
		return false;
	}
	pthread_mutex_lock(&log->lock);
	log->file = file;
	log->files = files;
	snprintf(log->state.path, sizeof(log->state.path), "%s", log->path);
	pthread_mutex_unlock(&log->lock);
	return open_file(log, 0);
}

static bool take_row(struct follow_log *log, uint64_t offset, const struct audit_record *record)
{
	struct log_entry entry = {.offset = offset, .file = (uint16_t)log->walking};
	bool done;

	fill_entry(&entry, audit_walk_reader(log->walk), record);
	pthread_mutex_lock(&log->lock);
	done = index_add(&log->index, audit_walk_link(log->walk)->seq, &entry);
	pthread_mutex_unlock(&log->lock);
	return done;
}

/* After a rotation: the file followed so far has another name, and the log continues in new files.
 * False: it is another log. */
static bool take_rotation(struct follow_log *log)
{
	char **file = NULL, **old = log->file;
	size_t files = 0, had = log->files;
	bool same = audit_files(log->path, &file, &files) == 0 && files > had &&
		    access(log->path, R_OK) == 0 && audit_walk_is(log->walk, file[had - 1]);

	for (size_t i = 0; same && i + 1 < had; i++)
		same = strcmp(file[i], old[i]) == 0;
	if (!same) {
		audit_files_free(file, files);
		return false;
	}
	pthread_mutex_lock(&log->lock);
	log->file = file;
	log->files = files;
	pthread_mutex_unlock(&log->lock);
	audit_files_free(old, had);
	log->older_at = 0;
	return true;
}

/* Reads the new rows. False: start over. */
static bool read_on(struct follow_log *log)
{
	const struct audit_record *record;
	char text[WEB_WHY];

	for (;;) {
		uint64_t offset = audit_walk_offset(log->walk);

		switch (audit_walk_next(log->walk, &record)) {
		case AUDIT_READ_ROW:
			if (!take_row(log, offset, record))
				return false;
			break;
		case AUDIT_READ_END:
		case AUDIT_READ_PARTIAL:
			if (log->walking + 1 < log->files) {
				if (!open_file(log, log->walking + 1))
					return false;
				break;
			}
			set_why(log, "");
			if (audit_walk_is(log->walk, log->path))
				return true;
			if (!take_rotation(log))
				return false;
			break;
		case AUDIT_READ_BAD:
		case AUDIT_READ_ERROR:
			snprintf(text, sizeof(text), "%.150s: %.140s", log->file[log->walking],
				 audit_walk_why(log->walk));
			set_why(log, text);
			return false;
		}
	}
}

static void choose_path(struct follow_log *log, char path[STATION_PATH_SIZE])
{
	if (log->fixed)
		snprintf(path, STATION_PATH_SIZE, "%s", log->fixed);
	else
		feed_log(log->feed, path);
}

static bool is_ending(struct follow_log *log)
{
	bool ending;

	pthread_mutex_lock(&log->lock);
	ending = log->ending;
	pthread_mutex_unlock(&log->lock);
	return ending;
}

static void *log_main(void *user)
{
	struct follow_log *log = user;
	char path[STATION_PATH_SIZE];
	int64_t wait = LOOK_MS;

	while (!is_ending(log)) {
		choose_path(log, path);
		if (strcmp(path, log->path) != 0) {
			forget(log);
			memcpy(log->path, path, sizeof(log->path));
		}
		wait = LOOK_MS;
		if (log->path[0] && !log->walk && !open_log(log))
			wait = AGAIN_MS;
		if (log->walk && !read_on(log)) {
			wait = log->state.why[0] ? AGAIN_MS : 0;
			forget(log);
		}
		if (log->path[0])
			look_at_seals(log);
		clock_wait_other(log->wake, POLLIN, wait);
	}
	forget(log);
	return NULL;
}

struct follow_log *log_start(struct feed *feed, const char *path)
{
	struct follow_log *log = calloc(1, sizeof(*log));

	if (!log)
		return NULL;
	log->feed = feed;
	log->fixed = path;
	log->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (log->wake >= 0 && pthread_mutex_init(&log->lock, NULL) == 0 &&
	    pthread_create(&log->thread, NULL, log_main, log) == 0)
		return log;
	free(log);
	return NULL;
}

void log_stop(struct follow_log *log)
{
	pthread_mutex_lock(&log->lock);
	log->ending = true;
	pthread_mutex_unlock(&log->lock);
	(void)!eventfd_write(log->wake, 1);
	pthread_join(log->thread, NULL);
	free(log->index.entry);
	free(log);
}

void log_state(struct follow_log *log, struct log_state *state)
{
	pthread_mutex_lock(&log->lock);
	*state = log->state;
	state->rows = log->index.count;
	state->first = log->index.count ? log->index.first : 0;
	state->last = log->index.count ? log->index.first + log->index.count - 1 : 0;
	pthread_mutex_unlock(&log->lock);
}
