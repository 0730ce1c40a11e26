/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A number file: lines that are only ever appended, each synced before the program acts on it.
 * A kill leaves at most one line without its end, and nothing acted on that line. Fields are
 * separated by tabs:
 *
 *   take COUNTER NUMBER UID UNIT	the number is given to that unit ("-": no UID)
 *   pass COUNTER NUMBER UID UNIT	the board with it has passed
 *   had COUNTER NUMBER UID UNIT	the number was given earlier, by the second place or a log
 *
 * The second place of a number file (place.h) is such a file, too. It has `take` and `had` lines,
 * and this line:
 *
 *   file 0 ID - PATH	the number file at PATH (escaped as in a log) uses this second place
 *
 * The number file names its second place:
 *
 *   home 0 ID - PATH	ID of the number file, PATH (escaped) ends with /ID; the last line counts
 *
 * Where numbers come from a store (leases.h):
 *
 *   pool 0 FILE PLACE POOL	numbers are of this pool from now on; this file's name and path
 *   ask SIZE LEASE - POOL	a lease is about to be requested under that name
 *   lease FIRST LEASE - LAST	the store granted it
 *   back FIRST LEASE - FATE	its numbers from FIRST on are about to be returned: no process
 *				takes one
 *   gone FIRST LEASE - FATE	the store has them back
 *   run 0 NONCE - POOL		a run is about to check in with the store under that random name
 *
 * Processes take turns by an fcntl lock on the file. */
#ifndef SERIAL_STATE_H
#define SERIAL_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define STATE_ID_SIZE 33 /* 32 lower-case hex digits and a NUL */

enum state_kind {
	STATE_TAKE,
	STATE_PASS,
	STATE_HAD,
	STATE_FILE,
	STATE_HOME,
	STATE_POOL,
	STATE_ASK,
	STATE_LEASE,
	STATE_BACK,
	STATE_GONE,
	STATE_RUN
};

struct state_line {
	enum state_kind kind;
	uint64_t counter;
	const char *number, *uid, *unit; /* uid: "" unknown */
};

/* False: no memory. */
typedef bool state_sink(void *user, const struct state_line *line);

enum state_use {
	STATE_LOOK, /* to read it; a missing file is empty */
	STATE_MAKE, /* to write it; it is made where it is missing */
	STATE_KEEP  /* to write it; it must exist with a complete first line */
};

struct state {
	int folder, fd; /* -1: not open */
	char *path;
	char *place;      /* path of the folder, absolute */
	const char *name; /* in path */
	const char *head; /* the file's first line, with its LF */
	enum state_use use;
	off_t read; /* the lines up to here were handed out */
	uint64_t lines;
	bool mended; /* the last line had lost its LF, and has it again */
	bool torn;   /* a part of a line followed the last line; it is ignored */
	int error;   /* why it could not be opened, a negative errno value; 0: its contents */
	char *text;  /* lines that state_write has put together; owned */
	size_t length, room;
	state_sink *sink;
	void *user;
};

extern const char state_numbers[]; /* the first line of a number file */
extern const char state_place[];   /* and of a second place */

/* Opens a file that begins with `head`, one of the two above. */
bool state_open(struct state *state, const char *head, const char *path, enum state_use use,
		state_sink *sink, void *user, char *why, size_t why_size);
void state_close(struct state *state);

/* Takes the lock (waits some seconds for other processes) and hands out the lines that they wrote
 * meanwhile. state_unlock ends it, also after a failure of state_append. */
bool state_lock(struct state *state, char *why, size_t why_size);
void state_unlock(struct state *state);

/* Under the lock: appends a line and syncs it. It is not handed out. */
bool state_append(struct state *state, const struct state_line *line, char *why, size_t why_size);

/* The same for many lines: queues one; state_flush appends and syncs them. */
bool state_write(struct state *state, const struct state_line *line, char *why, size_t why_size);
bool state_flush(struct state *state, char *why, size_t why_size);

/* Without the lock, for readers: hands out the whole lines there are. */
bool state_read(struct state *state, char *why, size_t why_size);

#endif
