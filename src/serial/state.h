/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file of numbers taken: lines that are only ever appended, each synced before anybody acts on
 * it, so that a kill leaves at most a line without its end, which nobody had acted on. Fields are
 * separated by tabs:
 *
 *   take COUNTER NUMBER UID UNIT	the number is given out ("-": no UID)
 *   pass COUNTER NUMBER UID UNIT	the board with it has passed
 *
 * and where numbers come from a store (leases.h):
 *
 *   pool 0 FILE PLACE POOL		from now on they are this pool's; the file's own name, and where it lies
 *   ask SIZE LEASE - POOL		a lease is about to be asked for under that name
 *   lease FIRST LEASE - LAST		it was given
 *   back FIRST LEASE - FATE		from FIRST on nobody takes any of it again; it is about to be given back
 *   gone FIRST LEASE - FATE		the store has it
 *
 * Processes take turns by an fcntl lock on the file. */
#ifndef SERIAL_STATE_H
#define SERIAL_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum state_kind {
	STATE_TAKE,
	STATE_PASS,
	STATE_POOL,
	STATE_ASK,
	STATE_LEASE,
	STATE_BACK,
	STATE_GONE
};

struct state_line {
	enum state_kind kind;
	uint64_t counter;
	const char *number, *uid, *unit; /* uid: "" unknown */
};

/* False: give up (no memory). */
typedef bool state_sink(void *user, const struct state_line *line);

struct state {
	int folder, fd; /* -1: not open */
	char *path;
	const char *name; /* in path */
	bool writes;
	off_t read; /* up to here its lines were handed out */
	uint64_t lines;
	state_sink *sink;
	void *user;
};

/* Opens it; with `writes` it is made where it is missing, else a missing one is empty. */
bool state_open(struct state *state, const char *path, bool writes, state_sink *sink, void *user,
		char *why, size_t why_size);
void state_close(struct state *state);

/* Takes the lock (waits some seconds for other processes) and hands out what they have written
 * meanwhile. Ended by state_unlock, also after a failure of state_append. */
bool state_lock(struct state *state, char *why, size_t why_size);
void state_unlock(struct state *state);

/* Under the lock: appends a line and syncs it. It is not handed out. */
bool state_append(struct state *state, const struct state_line *line, char *why, size_t why_size);

/* Without the lock, for readers: hands out the whole lines there are. */
bool state_read(struct state *state, char *why, size_t why_size);

#endif
