/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers of one machine: the number file, its second place and the logs, each of which may be lost
 * or put back from a backup. A number that any of them knows is taken. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "h7gang/audit/text.h"
#include "h7gang/base/text.h"
#include "h7gang/store/station.h"
#include "numbers_alone.h"

/* --- lines of the second place --- */

static bool take_line(void *user, const struct state_line *line)
{
	struct numbers *numbers = user;
	struct holding *holding;

	if (line->kind == STATE_FILE) {
		char *path = strdup(line->unit);
		size_t length = strlen(line->unit);

		if (!path)
			return false;
		if (audit_text_unescape(path, &length) && strcmp(path, numbers->file) == 0)
			numbers->file_known = true;
		free(path);
		return true;
	}
	if (line->kind > STATE_HAD)
		return true;
	holding = numbers_note(numbers, line->number, line->counter, line->uid, false);
	if (holding)
		holding->in_place = true;
	return holding != NULL;
}

static bool open_place(struct numbers *numbers, const char *path, char *why, size_t why_size)
{
	if (!state_open(&numbers->place, state_place, path, STATE_KEEP, take_line, numbers, why,
			why_size))
		return false;
	place_follow(numbers->place.fd, numbers->state.fd);
	return true;
}

/* A line with a path. */
static bool write_path(struct state *state, enum state_kind kind, const char *id, const char *path,
		       char *why, size_t why_size)
{
	size_t size = 4 * strlen(path) + 1, length;
	char *text = malloc(size);
	struct state_line line = {.kind = kind, .number = id, .uid = "", .unit = text};
	bool good;

	if (!text) {
		snprintf(why, why_size, "out of memory");
		return false;
	}
	length = text_csv(path, strlen(path), text, size);
	text[length < size ? length : 0] = '\0';
	good = state_write(state, &line, why, why_size);
	free(text);
	return good;
}

/* --- bringing all to the same numbers --- */

struct missing {
	size_t count;
	uint64_t counter;    /* 0 for numbers that no counter gave */
	const char *highest; /* with that counter */
};

static void count_missing(struct missing *missing, const struct holding *holding)
{
	missing->count++;
	if (missing->highest && holding->counter < missing->counter)
		return;
	missing->counter = holding->counter;
	missing->highest = holding->number;
}

static void tell_missing(struct numbers *numbers, const char *path, const char *which,
			 const struct missing *missing)
{
	const char *one = numbers->serial->from_list || missing->counter == 0 ? "one of them is "
									      : "the highest is ";

	if (missing->count > 0)
		numbers_say(numbers,
			    "%s lacks %zu number%s that %s: %s%s. They count as taken from now on",
			    path, missing->count, missing->count == 1 ? "" : "s", which,
			    missing->count == 1 ? "" : one, missing->highest);
}

static void tell_of_missing(struct numbers *numbers, const struct missing *place,
			    const struct missing *logs, const struct missing *file)
{
	tell_missing(numbers, numbers->state.path, "its second place has", place);
	tell_missing(numbers, numbers->state.path, "the logs or another second place have", logs);
	tell_missing(numbers, numbers->place.path, "the number file has", file);
}

bool numbers_settle(struct numbers *numbers, bool fresh, char *why, size_t why_size)
{
	struct missing place = {0}, logs = {0}, file = {0};
	bool has_place = numbers->place.fd >= 0;

	for (size_t i = 0; i < numbers->count; i++) {
		struct holding *holding = &numbers->holding[i];
		const struct state_line line = {.kind = STATE_HAD,
						.counter = holding->counter,
						.number = holding->number,
						.uid = holding->uid,
						.unit = "-"};

		/* A row written by another program may have any text. */
		if (strpbrk(holding->number, "\t\n"))
			continue;
		if (!holding->in_file)
			count_missing(holding->in_place ? &place : &logs, holding);
		else if (has_place && !holding->in_place && !fresh)
			count_missing(&file, holding);
		if (has_place && !holding->in_place &&
		    !state_write(&numbers->place, &line, why, why_size))
			return false;
		if (!holding->in_file && !state_write(&numbers->state, &line, why, why_size))
			return false;
	}
	if (has_place && !numbers->file_known &&
	    !write_path(&numbers->place, STATE_FILE, numbers->id, numbers->file, why, why_size))
		return false;
	if ((has_place && !state_flush(&numbers->place, why, why_size)) ||
	    !state_flush(&numbers->state, why, why_size))
		return false;
	for (size_t i = 0; i < numbers->count; i++)
		numbers->holding[i].in_file = numbers->holding[i].in_place = true;
	tell_of_missing(numbers, &place, &logs, &file);
	return true;
}

/* --- finding and making the second place --- */

/* Whether users other than this one can write the number file. With an ACL the group's bits are its
 * mask. */
static bool is_shared(const struct numbers *numbers)
{
	struct stat st;

	return fstat(numbers->state.fd, &st) < 0 || st.st_uid != geteuid() ||
	       (st.st_mode & (S_IWGRP | S_IWOTH)) != 0;
}

/* The second place that numbers->id names, or, where that is "", a new one. */
static bool make_place(struct numbers *numbers, const struct place_folder *folder, bool *fresh,
		       char *why, size_t why_size)
{
	char *path;
	int rc = 0;

	*fresh = !numbers->id[0];
	if (*fresh && !station_new_id(numbers->id)) {
		snprintf(why, why_size, "no random number");
		return false;
	}
	path = place_path(folder, numbers->id);
	if (*fresh)
		rc = path ? place_make(path, numbers->state.fd) : -ENOMEM;
	if (rc == 0 && path && open_place(numbers, path, why, why_size)) {
		numbers->home = path;
		return true;
	}
	if (rc < 0)
		snprintf(why, why_size, "%s: no second place for %s can be made in it: %s",
			 folder->path, numbers->state.path, strerror(-rc));
	free(path);
	return false;
}

/* A number file that begins anew, with no second place, has only the logs. */
static bool may_begin(const struct numbers *numbers, char *why, size_t why_size)
{
	if (numbers->unread == 0 || numbers->state.lines > 0 || numbers->id[0])
		return true;
	snprintf(why, why_size,
		 "%s begins anew, and a log that may have its numbers cannot be read: restore that "
		 "log, or declare the numbers with h7gang numbers set-next --profile %s",
		 numbers->state.path, numbers->profile->path);
	return false;
}

bool numbers_bind_place(struct numbers *numbers, const struct numbers_station *station, bool recall,
			char *why, size_t why_size)
{
	struct place_folder folder;
	char nowhere[] = "";
	bool fresh, good;

	if (!place_folder_choose(station->state_dir, is_shared(numbers), true, &folder, why,
				 why_size)) {
		/* Without one, an older program worked, too; a folder that the profile names must
		 * do. */
		numbers->id[0] = '\0';
		if (station->state_dir)
			return false;
		numbers_say(
			numbers,
			"%s has no second place, so numbers that a lost or restored file held may "
			"be given again: %s. Make one: sudo install -d -m 2775 -g GROUP %s",
			numbers->state.path, why, PLACE_SYSTEM_FOLDER);
		folder = (struct place_folder){.path = nowhere, .source = PLACE_USER};
		good = !recall || numbers_recall(numbers, &folder, why, why_size);
		numbers->id[0] = '\0';
		return good && numbers_settle(numbers, true, why, why_size);
	}
	free(numbers->home);
	numbers->home = NULL;
	numbers->file_known = false;
	numbers->id[0] = '\0';
	good = (!recall || numbers_recall(numbers, &folder, why, why_size)) &&
	       may_begin(numbers, why, why_size) &&
	       make_place(numbers, &folder, &fresh, why, why_size) &&
	       state_lock(&numbers->place, why, why_size) &&
	       numbers_settle(numbers, fresh, why, why_size);
	if (good) {
		place_remember(&folder, numbers->file, numbers->profile->name, numbers->id);
		good = write_path(&numbers->state, STATE_HOME, numbers->id, numbers->home, why,
				  why_size) &&
		       state_flush(&numbers->state, why, why_size);
	}
	place_folder_free(&folder);
	return good;
}

static void remember(struct numbers *numbers)
{
	struct place_folder folder;

	if (place_folder_of(numbers->home, &folder))
		place_remember(&folder, numbers->file, numbers->profile->name, numbers->id);
	place_folder_free(&folder);
}

bool numbers_read_logs(struct numbers *numbers, const struct numbers_station *station, char *why,
		       size_t why_size)
{
	for (size_t i = 0; i < sizeof(station->logs) / sizeof(station->logs[0]); i++) {
		const char *logs = station->logs[i];
		size_t unread = 0;

		if (logs && !history_read_lots(logs, numbers_row, numbers, &unread, why, why_size))
			return false;
		if (unread > 0)
			numbers_say(
				numbers,
				"%zu of the logs %s cannot be read or was changed, so numbers "
				"in them are not known; h7gang audit verify shows what is wrong",
				unread, logs);
		numbers->unread += unread;
	}
	return true;
}

static bool note_other(void *user, const struct state_line *line)
{
	return line->kind > STATE_HAD ||
	       numbers_note(user, line->number, line->counter, line->uid, false) != NULL;
}

/* A number file that was put back from a backup names the second place of its time. If a file at
 * its path was last known with another one, that one has the numbers since. */
static bool read_later_place(struct numbers *numbers, char *why, size_t why_size)
{
	struct place_folder folder;
	struct state later = {.fd = -1, .folder = -1};
	char id[STATE_ID_SIZE], *path = NULL;
	bool good = true;

	if (place_folder_of(numbers->home, &folder) &&
	    place_recall(&folder, numbers->file, numbers->profile->name, id) &&
	    strcmp(id, numbers->id) != 0) {
		path = place_path(&folder, id);
		good = path && state_open(&later, state_place, path, STATE_LOOK, note_other,
					  numbers, why, why_size);
		state_close(&later);
	}
	free(path);
	place_folder_free(&folder);
	return good;
}

/* The file's lock is held. */
bool numbers_read_place(struct numbers *numbers, bool *missing, char *why, size_t why_size)
{
	*missing = false;
	free(numbers->file);
	numbers->file = realpath(numbers->state.path, NULL);
	if (!numbers->file) {
		snprintf(why, why_size, "%s: %s", numbers->state.path, strerror(errno));
		return false;
	}
	if (!numbers->home)
		return true;
	if (!read_later_place(numbers, why, why_size))
		return false;
	if (open_place(numbers, numbers->home, why, why_size))
		return true;
	*missing = numbers->place.error == -ENOENT || numbers->place.error == -ENOTDIR;
	return false;
}

uint64_t numbers_peek(struct numbers *numbers)
{
	struct profile_unit unit = {.uid = ""};

	if (numbers->serial->from_list)
		return 0;
	return numbers_next(numbers, &unit) ? unit.counter : numbers->serial->end + 1;
}

/* The command that lets a person decide, with the value that the logs and the file propose. */
static void propose(struct numbers *numbers, const struct numbers_station *station, char *why,
		    size_t why_size)
{
	char value[64] = "--taken FILE";

	if (!numbers->serial->from_list)
		snprintf(value, sizeof(value), "--next %" PRIu64, numbers_peek(numbers));
	numbers_say(numbers,
		    "%s: its second place %s is missing, so no number is given: the file may be a "
		    "copy or an old state",
		    numbers->state.path, numbers->home);
	snprintf(why, why_size,
		 "if the file and the logs know every number that was given (%s), continue with: "
		 "h7gang numbers set-next --profile %s%s%s %s",
		 numbers->serial->from_list ? "else name the others in FILE, one a line"
					    : "else raise the value",
		 numbers->profile->path, station->which_log[0] ? " " : "", station->which_log,
		 value);
}

bool numbers_alone(const struct numbers *numbers, char *why, size_t why_size)
{
	if (!numbers->leases.file[0])
		return true;
	snprintf(why, why_size,
		 "%s: its numbers are those of the store's pool \"%s\", and there is no store",
		 numbers->state.path, numbers->leases.pool);
	return false;
}

bool numbers_go_alone(struct numbers *numbers, const struct numbers_station *station, char *why,
		      size_t why_size)
{
	bool missing, good;

	if (!numbers_alone(numbers, why, why_size) ||
	    !numbers_read_logs(numbers, station, why, why_size) ||
	    !state_lock(&numbers->state, why, why_size))
		return false;
	good = numbers_read_place(numbers, &missing, why, why_size);
	if (missing)
		propose(numbers, station, why, why_size);
	if (good && numbers->home) {
		good = state_lock(&numbers->place, why, why_size) &&
		       numbers_settle(numbers, false, why, why_size);
		remember(numbers);
	} else if (good) {
		good = numbers_bind_place(numbers, station, true, why, why_size);
	}
	numbers_unlock(numbers);
	return good;
}

bool numbers_follow(struct numbers *numbers, char *why, size_t why_size)
{
	bool missing;

	return !numbers->home || (numbers_read_place(numbers, &missing, why, why_size) &&
				  state_lock(&numbers->place, why, why_size) &&
				  numbers_settle(numbers, false, why, why_size));
}
