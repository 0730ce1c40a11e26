/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What logs say taken together. Only `run` counts: what `verify` found is told apart, and commands that
 * this version does not know are skipped. A unit's verdict is its last row. */
#ifndef H7GANG_AUDIT_STATS_H
#define H7GANG_AUDIT_STATS_H

#include "h7gang/audit/read.h"

#define AUDIT_OUTLIER 0.05 /* how probable chance alone may be for a slot to be named */

/* The units that have something in common. Yields are over passed + failed. */
struct audit_tally {
	const char *station; /* "" unless it is a slot of one of several stations */
	const char *name;    /* "" where the field is empty */
	uint64_t passed, first; /* `first`: of those passed, at the first attempt */
	uint64_t failed, aborted;
	uint64_t attempts; /* of errors: attempts that ended so, those that a retry mended included */
	/* Of slots: how probable so many units without a first pass, or more, would be if units fell on
	 * slots by chance (Fisher's exact test, one-sided), and whether that, times the number of slots
	 * (Bonferroni), is under AUDIT_OUTLIER. */
	double chance;
	bool outlier;
};

struct audit_tallies {
	struct audit_tally *tally;
	size_t count;
};

struct audit_stats {
	uint64_t rows, skipped; /* skipped: of unknown commands */
	const char *since, *until; /* the first and last finished_at, "" if none */
	struct audit_tally all, verify;
	uint64_t boards, boards_passed; /* UIDs, and of those, with PASS as their last result */
	struct audit_tallies errors; /* the most failed first */
	struct audit_tallies slots, bootloaders; /* by name; a bootloader's station is its part */
	struct audit_tallies stations;	/* by name */
	struct audit_tallies lines;	/* by the value of the tag "line"; one without a name: no tag */
	struct audit_tallies times;	/* by hour, day, month or year (UTC), whichever stays few */
	const char *time_unit;		/* "hour", "day", ... */
	struct audit_tally hour[24];	/* of the day, UTC */
	int64_t *cycle_ms;		/* total_ms of attempts that passed, ascending */
	size_t cycles;
};

struct audit_counter;

/* NULL when memory is out. */
struct audit_counter *audit_counter_new(void);

/* Takes a row. False: memory is out. */
bool audit_counter_row(struct audit_counter *counter, const struct audit_record *record);

/* Sums up; valid until the counter is freed. NULL: memory is out. Call once. */
const struct audit_stats *audit_counter_sum(struct audit_counter *counter);
void audit_counter_free(struct audit_counter *counter);

/* The chance that at least `bad` of `n` drawn from `total`, of which `all_bad` are bad, are bad. */
double audit_chance(uint64_t bad, uint64_t n, uint64_t all_bad, uint64_t total);

/* The value at `permille` of the cycle times; there must be some. */
int64_t audit_cycle_at(const struct audit_stats *stats, unsigned permille);

#endif
