/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers that come from a store, ahead of need. The file of numbers (state.h) stays where this
 * station's processes draw from; a store fills it. Each step is on disk before the next is done, so
 * that a kill after any of them loses no number and gives none twice:
 *
 *   1  ask     in the file: a random name for a lease, that no other lease has
 *   2          in the store: a range under that name; asked again under it, the same range
 *   3  lease   in the file: the range may be drawn from
 *   4  take    in the file: a number is a unit's, and then goes into its board
 *
 * Killed after 1 or 2, the next who needs numbers finds the ask without its lease, and goes on
 * at 2. And back:
 *
 *   5  back    in the file: from FIRST on, no run draws from this lease again
 *   6          in the store: from FIRST on it came back, once; other stations may get it, or it is
 * discarded 7  gone    in the file: no more to be done
 *
 * Killed after 5 or 6, the next goes on at 6. What is in the file by then is all that any process
 * of this station goes by, so no number that others get can still be drawn here.
 *
 * The file has a random name and records its own path. Elsewhere it is refused: two stations that
 * draw from one lease would give its numbers twice. The store counts each file's leases, and so
 * knows an old state of one. */
#ifndef SERIAL_LEASES_H
#define SERIAL_LEASES_H

#include "h7gang/store/pool.h"
#include "state.h"

struct lease {
	char id[STATION_ID_SIZE];
	uint64_t first, last, next; /* next: none before it is free */
	bool back, gone;
	bool reuse;
};

/* What the file says of leases. */
struct leases {
	char file[STATION_ID_SIZE], place[25], pool[65]; /* "": not bound to a pool */
	char ask[STATION_ID_SIZE];                       /* without an answer yet; "" none */
	uint64_t ask_size;
	uint64_t turns; /* leases ever */
	struct lease *lease;
	size_t count, room;
	char (*run)[STATION_ID_SIZE]; /* names under which runs checked in, or were about to */
	size_t runs, run_room;
};

/* A line of the file that is none of take and pass. False: no memory. */
bool leases_line(struct leases *leases, const struct state_line *line);

void leases_free(struct leases *leases);

/* Under the file's lock. Binds the file to the pool, or says why it cannot be. */
bool leases_bind(struct leases *leases, struct state *state, const char *pool, char *why,
		 size_t why_size);

/* Likewise: binds the file to its pool anew, under another name. Its leases lie still. */
bool leases_bind_anew(struct leases *leases, struct state *state, char *why, size_t why_size);

/* Likewise: writes the name of a run that is about to check in. */
bool leases_name_run(struct leases *leases, struct state *state, char name[STATION_ID_SIZE],
		     char *why, size_t why_size);

/* Likewise: that lease was returned to the store from `first` on, by any process. */
bool leases_strike(struct leases *leases, struct state *state, const char *id, uint64_t first,
		   char *why, size_t why_size);

/* The first lease that may be drawn from, after `skip` has moved its `next` past what is taken;
 * NULL: none. `left`: how many numbers there are in all. */
typedef bool leases_taken(void *user, uint64_t number);
struct lease *leases_draw(struct leases *leases, leases_taken *taken, void *user, uint64_t *left);

/* Gets numbers or gives them back. Neither the file's lock nor any other is held; the file's is
 * taken for each step. `lock` and `unlock` stand around all that touches `leases` and `state`. */
struct leases_errand {
	struct leases *leases;
	struct state *state;
	struct station *station;
	struct pool pool;
	uint64_t size;
	bool (*lock)(void *user, char *why, size_t why_size);
	void (*unlock)(void *user);
	void *user;
};

enum leases_answer {
	LEASES_GOT,
	LEASES_NONE_LEFT, /* the pool is used up */
	LEASES_AWAY,      /* no answer from the store */
	LEASES_REFUSED,   /* it says no */
	LEASES_BROKEN     /* the file cannot be written */
};
enum leases_answer leases_get(const struct leases_errand *errand, char *why, size_t why_size);

/* What an earlier process had begun to give back and, with `all`, all that is left. */
enum leases_answer leases_give_back(const struct leases_errand *errand, bool all, bool reuse,
				    leases_taken *taken, char *why, size_t why_size);

#endif
