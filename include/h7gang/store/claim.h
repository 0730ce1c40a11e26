/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Units on their way, as all stations see them: a claim is made before a unit begins, and ends in
 * the transaction that takes in its row that says PASS, or by the station that made it when the
 * unit ended otherwise. All of these are work for station_do: repeating them has no further effect.
 */
#ifndef H7GANG_STORE_CLAIM_H
#define H7GANG_STORE_CLAIM_H

#include <stdbool.h>

#include "h7gang/store/station.h"

#define CLAIM_UNIT_SIZE 48

/* A unit of this run. */
struct claim_unit {
	char unit_id[CLAIM_UNIT_SIZE];
	char uid[25]; /* "" unknown */
};

struct claim_units {
	struct claim_unit *unit;
	size_t count, room;
};

bool claim_units_add(struct claim_units *units, const char *unit_id, const char *uid);

/* Removes it; false: it is not in there. */
bool claim_units_drop(struct claim_units *units, const char *unit_id);

/* A place in a lot, and changes to report before it is asked for. */
struct claim_lot {
	const struct station *station;
	const char *lot;   /* as the store has it: escaped */
	uint64_t quantity; /* 0: no limit */
	bool once, rework;
	struct claim_unit unit; /* no unit_id: only the changes */
	unsigned ahead; /* places to have in addition, for units to come while the store is away */
	bool last;      /* the run is over: none */
	const struct claim_units *ended; /* units without a pass, whose claims are over */
	const struct claim_units *made;  /* begun while the store was away, each in a place taken
					    ahead */

	enum claim_answer { CLAIM_MADE, CLAIM_FULL, CLAIM_PASSED, CLAIM_ON_TRAY } answer;
	uint64_t passed, flying; /* of that lot, all stations */
	unsigned has_ahead;
	char where[64]; /* CLAIM_ON_TRAY: the other station */
};
enum db_error claim_lot(struct db *db, void *claim);

/* A board is about to get a number; or the number that it has, or is about to get elsewhere. */
struct claim_number {
	const struct station *station;
	const char *pool;
	struct claim_unit unit; /* with a UID */
	bool keep;              /* also the number of a unit that failed */
	const struct claim_units *ended;

	char number[4 * 65]; /* that it has; "": none yet */
	bool passed;         /* with it */
	bool busy;
	char where[64]; /* busy: the other station */
};
enum db_error claim_number(struct db *db, void *claim);

/* The claims of this station's earlier runs, and how their units ended. */
struct claim_left {
	char kind[8], run_id[64];
	char *scope; /* the lot or the pool, as the store has it */
	struct claim_unit unit;
	bool passed; /* for the caller to set: its row is in the log, and will come */
};

/* A pass of this lot in the log. */
struct claim_pass {
	char run_id[64];
	struct claim_unit unit;
};

struct claim_recovery {
	const struct station *station;
	const char *lot;         /* "": none */
	struct claim_left *left; /* owned by the caller, as claim_list_left made it */
	size_t count;
	const struct claim_pass *pass; /* their rows may not be in the store yet */
	size_t passes;
};

/* Lists the claims: the log's lock proves that no other process works under it. Machines made from
 * one image look alike, so the station's name must be the same, too. claim_left_free in any
 * case. */
enum db_error claim_list_left(struct db *db, void *recovery);
void claim_left_free(struct claim_recovery *recovery);

/* Whether it is in a lot. */
bool claim_left_is_place(const struct claim_left *left);

/* Ends those that did not pass, and makes one for each pass that the store does not know yet. */
enum db_error claim_recover(struct db *db, void *recovery);

#endif
