/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report on logs or on a store: rows go in, one model comes out, and the page, the JSON
 * document and the terminal's text are three views of it.
 *
 * Words, as on the page: a *board* is one UID in one lot, or one unit whose UID could not be read.
 * A *unit* is one insertion of a board. Units that were aborted, and those that ended with an error
 * that the yield leaves out, count in no yield and are shown apart. A board passes *first* if the
 * first attempt of its first unit passed. */
#ifndef H7GANG_REPORT_REPORT_H
#define H7GANG_REPORT_REPORT_H

#include <stdio.h>

#include "h7gang/audit/audit.h"
#include "h7gang/report/row.h"
#include "h7gang/report/statistics.h"

/* At most one false headline in so many reports. */
#define REPORT_FALSE_ALARMS 0.05

/* Texts are borrowed for the collector's life; NULL or 0: not asked for. */
struct report_options {
	const char *title;
	const char *lot, *station, *profile, *firmware; /* only rows with exactly this */
	int64_t since_ms, until_ms;                     /* finished in since <= t < until */
	int64_t baseline_since_ms, baseline_until_ms;   /* the period that limits come from */
	const char *shifts;                             /* "06:00,14:00,22:00", local time */
	const char *time_zone;                          /* "Europe/Berlin"; NULL: the machine's */
	bool by_operator;
	bool live; /* looked at again and again: no test, no headline */
};

struct report_tally {
	uint64_t boards, boards_first, boards_passed; /* boards with a unit that counts */
	uint64_t units, units_first, units_passed;    /* units that count */
	uint64_t excluded, aborted;                   /* units that do not */
	uint64_t attempts, attempts_passed;           /* attempts that count */
};

/* Boards with a common property. Texts are not escaped yet. */
struct report_group {
	const char *station; /* "" unless it is a slot of one of several stations, or a bootloader's
				part */
	const char *name;    /* "" where the field is empty */
	struct report_tally tally;
	struct stat_interval first; /* Wilson's 95 % interval of the boards' first-pass yield */
};

enum report_by {
	BY_LOT,
	BY_FIRMWARE,
	BY_STATION,
	BY_LINE, /* the tag line= */
	BY_SLOT,
	BY_PROFILE,
	BY_BOOTLOADER,
	BY_OPERATOR, /* empty unless asked for */
	BY_SHIFT,    /* empty without shifts */
	BY_HOUR,
	REPORT_BY_COUNT
};

struct report_dimension {
	struct report_group *group; /* by name; shifts and hours by time */
	size_t count;
};

#define REPORT_NO_LOG (-1)

/* A row as evidence. */
struct report_example {
	char uid[25];    /* "" if it could not be read */
	int64_t ms, log; /* log: REPORT_NO_LOG if it is not known any more */
	uint64_t seq;
	const char *station, *slot;
};

#define REPORT_EXAMPLES 50 /* of one error */

struct report_error {
	const char *name, *advice;
	bool excluded;                    /* in no yield */
	uint64_t attempts, units, boards; /* that met it; units: as their verdict */
	double cumulative;                /* share of the boards' errors up to here */
	struct report_example *example;   /* the first of its attempts */
	size_t examples;
};

/* One point of a chart of first-pass yield: a subgroup of boards. */
struct report_point {
	char name[40];
	uint64_t boards, failed; /* failed: not passed first */
	bool baseline;           /* the limits come from it, too (from the others for itself) */
	double centre;      /* expected share of failed boards; below 0: there is no baseline */
	uint64_t low, high; /* exact limits of `failed` */
	bool outside;
	double p;                     /* chance of so many failures or more, against the baseline */
	double laney_low, laney_high; /* limits of the share by Laney's p' */
	uint64_t finding; /* 1 more than the index of the finding that names it; 0: none */
	bool consequence; /* the finding explains it, and is about something else */
};

struct report_chart {
	struct report_point *point;
	size_t count, baseline;
	double centre, sigma_z; /* of the baseline; Laney's */
	const char *span;       /* "day", "shift" ..., "lot" */
};

/* The boards one by one, in the order of time: where failures are rare. */
struct report_gap {
	int64_t ms;
	uint64_t gap; /* good boards before this failure */
	double cusum; /* behind it */
};
#define REPORT_GAPS 400 /* the last ones */
struct report_rare {
	struct report_gap *gap;
	size_t count, all;
	double p0, p1;
	struct stat_counts limits;
	double height, highest; /* of the CUSUM: its limit, and its maximum */
};

struct report_slot {
	const char *station, *name;
	uint64_t boards, failed;
	double expected; /* of failed, if all slots of the station were alike */
	double p;
	uint64_t finding; /* as in report_point */
};

enum report_phase {
	PHASE_BLANK,
	PHASE_ERASE,
	PHASE_PROGRAM,
	PHASE_VERIFY,
	PHASE_WORK,
	PHASE_WAIT,
	REPORT_PHASES
};

struct report_phase_times {
	uint64_t count;
	double median, p95; /* ms */
};

/* Passed attempts of one kind. */
struct report_stratum {
	const char *erase_method, *bootloader;
	unsigned hubs; /* between the board and the root port */
	struct report_phase_times phase[REPORT_PHASES];
};

struct report_drift {
	const char *station;
	size_t points;
	double *deviation; /* of each subgroup, in ms, from the average of its kinds of attempts */
	double *ms_local;  /* subgroup numbers, as time */
	double median;     /* ms of work */
	struct stat_trend trend;
	double change; /* ms from the first to the last subgroup, by the trend */
	uint64_t finding;
};

struct report_visit {
	int64_t ms;
	const char *station, *slot, *firmware, *error;
	const char *verdict; /* PASS, FAIL, ABORTED */
	uint64_t seq;
	int64_t log;
};

struct report_history {
	char uid[25];
	const char *lot;
	unsigned units; /* all; only `visits` of them are in `visit` */
	struct report_visit *visit;
	size_t visits;
};

struct report_number {
	const char *number, *error;
	struct report_example row;
};

/* A board that passed with a number that other boards passed with, too. */
struct report_holder {
	struct report_example row; /* `seq` is 0 where the row is not known any more */
	const char *lot, *profile;
};

struct report_double {
	const char *number;
	struct report_holder *holder;
	size_t boards;    /* in `holder` */
	bool more;        /* boards than these */
	bool one_profile; /* two of the boards have the same profile */
};

struct report_note {
	struct report_example row;
	char *detail;
};

struct report_image {
	const char *profile, *part, *firmware, *sha256;
	bool differs; /* the same firmware of the profile has another one as well */
};

/* One sentence at the top, and its consequences. */
struct report_finding {
	char text[400];
	bool headline; /* a test named it; otherwise it is a fact */
	double p;
	char **consequence; /* sentences on findings that it explains */
	size_t consequences;
};

/* Rows of a log that another log, read before, has as well: they are left out. */
struct report_copy {
	size_t log, of;        /* their places among the logs; equal if it repeats its own rows */
	uint64_t rows, copied; /* all rows of `log`; those left out */
	bool fork;             /* `of` and `log` have different rows after row `seq` */
	uint64_t seq;
};

/* The state of a log, from the caller. */
struct report_log {
	const char *first, *last; /* its files */
	size_t files;
	bool intact;
	struct audit_head head;
	bool sealed; /* seals were checked with a key, and are valid */
	uint64_t sealed_seq;
	unsigned open_marks;
	char finding[512]; /* the first, "" if none */
};

struct report {
	const struct report_options *options;
	const struct report_log *log;
	size_t logs;
	uint64_t rows, skipped, notes;
	uint64_t copied; /* rows that were left out: they were read before */
	struct report_copy *copy;
	size_t copies;
	int64_t since_ms, until_ms; /* of the rows; 0: there are none */
	struct report_tally all;
	struct stat_interval boards_first, boards_passed, units_first, units_passed,
		attempts_passed;
	uint64_t boards, nameless, unjudged; /* all entries; without a UID; without a judged unit */
	struct report_tally verify, rework;
	double tray_factor; /* variance between trays, in units of the binomial one; at least 1 */
	uint64_t trays;
	struct report_dimension by[REPORT_BY_COUNT];
	struct report_error *error;
	size_t errors;
	struct report_chart time, lots;
	struct report_rare rare;
	struct report_slot *slot;
	size_t slots;
	struct report_stratum *stratum;
	size_t strata;
	struct {
		uint64_t count;
		double at[7]; /* least, 5 %, 25 %, median, 75 %, 95 %, most; ms of work */
		uint64_t bin[24];
		double low, high;
	} cycle;
	struct report_drift *drift;
	size_t drifts;
	const char *drift_span;
	struct report_history *history;
	size_t histories, boards_again; /* boards_again: boards with more than one unit */
	struct report_number *number;
	size_t numbers;
	bool numbers_cut;
	struct report_double *doubled; /* those of one profile first */
	size_t doubles;
	bool doubles_cut; /* there are more */
	struct report_note *note;
	size_t notes_told;
	struct report_image *image;
	size_t images;
	const char **override_used;
	size_t overrides;
	struct report_finding *finding;
	size_t findings;
	size_t tests; /* that the false-alarm budget was kept over */
};

struct report_collector;

/* NULL: `why` says which option is wrong, or that memory is out. */
struct report_collector *report_new(const struct report_options *options, char *why,
				    size_t why_size);

/* Takes a row of a log; those of one log in their order. False: memory is out. */
bool report_row(struct report_collector *collector, const struct report_row *row);

/* Sums up; valid until the collector is freed. `log` is borrowed for as long. Call once. NULL:
 * memory is out. */
const struct report *report_sum(struct report_collector *collector, const struct report_log *log,
				size_t logs);
void report_free(struct report_collector *collector);

/* The three views. Failures show in ferror(). */
void report_text(FILE *to, const struct report *report);
void report_json(FILE *to, const struct report *report);
void report_html(FILE *to, const struct report *report);

#endif
