/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers leased from a store, ahead of need. This station's processes still draw from the number
 * file (state.h); the store fills it. Each step is on disk before the next begins, so that a kill
 * after any of them loses no number and gives none twice:
 *
 *   1  ask     in the file: a random name for a lease, that no other lease has
 *   2          in the store: a range under that name; the same range if asked again
 *   3  lease   in the file: numbers of the range may be drawn
 *   4  take    in the file: a number belongs to a unit, and then goes into its board
 *
 * After a kill at 1 or 2, the next process that needs numbers finds the ask without its lease, and
 * goes on at 2. Numbers are returned in these steps:
 *
 *   5  back    in the file: from FIRST on, no run draws from this lease again
 *   6          in the store: the numbers from FIRST on are returned, once; they are leased
 *              again or discarded
 *   7  gone    in the file: the return is complete
 *
 * After a kill at 5 or 6, the next process goes on at 6. All processes of this station read the
 * file, so a returned number cannot be drawn here any longer.
 *
 * The file has a random name and records its own path. Elsewhere it is refused: two stations that
 * draw from one lease would give its numbers twice. The store counts each file's leases, and so
 * recognizes an old state of a file. */
#ifndef SERIAL_LEASES_H
#define SERIAL_LEASES_H

#include "h7gang/store/pool.h"
#include "state.h"

struct lease {
	char id[STATION_ID_SIZE];
	uint64_t first, last, next; /* next: all before it are taken */
	bool back, gone;
	bool reuse;
};

/* The leases in the file. */
struct leases {
	char file[STATION_ID_SIZE], place[25], pool[65]; /* "": not bound to a pool */
	char ask[STATION_ID_SIZE]; /* the lease asked for, without an answer yet; "" none */
	uint64_t ask_size;
	uint64_t turns; /* number of leases so far */
	struct lease *lease;
	size_t count, room;
	char (*run)[STATION_ID_SIZE]; /* names under which runs checked in, or were about to */
	size_t runs, run_room;
};

/* Reads a line of the file other than take and pass. False: no memory. */
bool leases_line(struct leases *leases, const struct state_line *line);

void leases_free(struct leases *leases);

/* Under the file's lock. Binds the file to the pool. False: `why`. */
bool leases_bind(struct leases *leases, struct state *state, const char *pool, char *why,
		 size_t why_size);

/* Likewise: binds the file to its pool again, under another name. Its old leases are not drawn. */
bool leases_bind_anew(struct leases *leases, struct state *state, char *why, size_t why_size);

/* Likewise: writes the name of a run that is about to check in. */
bool leases_name_run(struct leases *leases, struct state *state, char name[STATION_ID_SIZE],
		     char *why, size_t why_size);

/* Likewise: that lease was returned to the store from `first` on, by any process. */
bool leases_strike(struct leases *leases, struct state *state, const char *id, uint64_t first,
		   char *why, size_t why_size);

/* The first lease with a free number, its `next` moved past the numbers that `taken` reports; NULL:
 * none. `left`: how many free numbers all leases have. */
typedef bool leases_taken(void *user, uint64_t number);
struct lease *leases_draw(struct leases *leases, leases_taken *taken, void *user, uint64_t *left);

/* Gets or returns numbers. The caller holds no lock; the file's lock is taken for each step.
 * `lock` and `unlock` are called around each use of `leases` and `state`. */
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
	LEASES_REFUSED,   /* the store refuses */
	LEASES_BROKEN     /* the file cannot be written */
};
enum leases_answer leases_get(const struct leases_errand *errand, char *why, size_t why_size);

/* Returns the numbers that an earlier process began to return and, with `all`, all free ones. */
enum leases_answer leases_give_back(const struct leases_errand *errand, bool all, bool reuse,
				    leases_taken *taken, char *why, size_t why_size);

#endif
