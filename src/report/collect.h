/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Internals of the collector: its state while rows are read. Everything but the boards is bounded
 * by the number of groups (lots, slots, hours ...). */
#ifndef REPORT_COLLECT_H
#define REPORT_COLLECT_H

#include "boards.h"
#include "calendar.h"
#include "copies.h"
#include "cycles.h"
#include "doubles.h"
#include "failures.h"
#include "h7gang/report/report.h"
#include "intern.h"
#include "trays.h"

/* The dimensions that a context holds; shift and hour come from the time. */
#define CONTEXT_DIMENSIONS BY_SHIFT

/* Which group of each dimension a unit belongs to. */
struct context {
	uint32_t group[CONTEXT_DIMENSIONS];
};

/* Common to rows of one slot, lot, firmware ... */
struct origin {
	uint32_t context;
	struct attempt_kind kind;
};

enum unit_kind { UNIT_RUN, UNIT_VERIFY, UNIT_REWORK };
enum unit_verdict { UNIT_PASSED, UNIT_FAILED, UNIT_EXCLUDED, UNIT_ABORTED };

/* The unit that is, or was last, in a slot: it is over when the next one comes. */
struct unit {
	uint64_t id; /* of its log, run and name; 0: none */
	enum unit_kind kind;
	enum unit_verdict verdict;
	bool started,
		first_passed; /* an attempt that counts was seen; it was number 1, and passed */
	bool has_uid;
	unsigned char key[BOARD_KEY_SIZE];
	uint32_t context, error;
	uint64_t errors, seq;
	int64_t first_ms, ms, log; /* when its first attempt ended, and its last so far */
	struct tray_ticket tray;
};

/* The minute that a text began with last: most rows are of the same one as the row before. */
struct minute {
	char text[sizeof("2026-11-22T14:03")];
	int64_t ms;
};

struct dimension {
	struct intern names;
	struct report_tally *tally;
	size_t room;
};

struct report_collector {
	struct report_options options;
	struct calendar calendar;
	struct dimension by[REPORT_BY_COUNT];
	struct intern contexts; /* struct context as bytes */
	struct intern origins;  /* the texts that an origin depends on */
	struct origin *origin;  /* by the number of these */
	size_t origin_room;
	struct intern slots; /* log, station, slot or port */
	struct unit *unit;   /* by the number of its slot */
	size_t unit_room;
	struct minute started, finished;
	struct boards boards;
	struct trays trays;
	struct cycles cycles;
	struct failures failures;
	struct doubles doubles;
	struct copies copies;
	struct intern images, overrides;
	enum calendar_span span; /* of the subgroups of time, once summed */
	struct report report;
	struct report_tally nowhere; /* of units without a group */
	void **owned;                /* memory of the model, to be freed with it */
	size_t owned_count, owned_room;
	bool lost; /* memory ran out */
};

/* The groups of a context. */
struct context context_of(const struct report_collector *collector, uint32_t context);

/* Where a row comes from, and the facts that its origin tells. False: no memory. */
bool origin_of(struct report_collector *collector, const struct report_row *row,
	       struct origin *origin);

/* The slot's name, or the port where slots have none. */
const char *slot_of_row(const struct report_row *row);

/* audit_time_ms with a memory. */
int64_t moment(struct minute *minute, const char *text);

/* A row as evidence, in texts that live as long as the collector. */
void make_example(struct report_collector *collector, const struct report_row *row, int64_t ms,
		  uint32_t context, struct report_example *example);

/* A row of an attempt, finished at `ms`. False: no memory. */
bool unit_row(struct report_collector *collector, const struct report_row *row, int64_t ms,
	      enum unit_kind kind);

/* All units are over. False: no memory. */
bool units_over(struct report_collector *collector);

/* Allocates zeroed memory that lives as long as the collector. NULL: no memory, and `lost` is set.
 */
void *report_keep(struct report_collector *collector, size_t count, size_t size);

/* The name of a group; for pairs ("station NUL slot") `*first` is the first of the two. */
const char *group_name(const struct report_collector *collector, enum report_by by, uint32_t group,
		       const char **first);

/* --- the steps of report_sum; false: memory is out --- */
bool sum_boards(struct report_collector *collector); /* tallies, charts, tests, findings */
bool sum_errors(struct report_collector *collector);
bool sum_cycles(struct report_collector *collector);
bool sum_histories(struct report_collector *collector);
/* These before the findings. */
bool sum_doubles(struct report_collector *collector);
bool sum_copies(struct report_collector *collector);

#endif
