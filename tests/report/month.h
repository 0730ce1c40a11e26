/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A month of a factory, made from a seed: stations with trays of boards, lots, firmware versions,
 * and planted effects. */
#ifndef TESTS_REPORT_MONTH_H
#define TESTS_REPORT_MONTH_H

#include <stdbool.h>
#include <stdint.h>

#define MONTH_STATIONS_MAX 32

struct month {
	uint64_t seed;
	unsigned stations, slots, days, lots;
	uint64_t boards;
	double rate;     /* of boards that do not pass first */
	double tray_rho; /* how much failures come in trays: 0, or the share of trays that are bad
			  */
	/* Planted, each with its own rate; a negative number: not planted. */
	int bad_slot, bad_slot_station;
	double bad_slot_rate;
	int bad_day;
	double bad_day_rate;
	int bad_lot;
	double bad_lot_rate;
	int drifting_station;
	double drift_ms; /* from the first day to the last */
};

/* One row, as a log has it. */
struct month_row {
	unsigned station, slot, day, lot, attempt;
	uint64_t unit, run;
	int64_t start_ms, end_ms; /* since 1970 UTC */
	uint64_t uid;
	bool passed;
	const char *error;
	uint64_t total_ms;
};

/* Hands out the rows in the order of time, station by station within a tray. */
void month_make(const struct month *month, void (*row)(void *user, const struct month_row *row),
		void *user);

/* A month without anything planted. */
struct month month_clean(uint64_t seed, double rate);

#endif
