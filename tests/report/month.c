/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "month.h"

#include <math.h>

#define START_MS INT64_C(1793491200000) /* 2026-11-01 00:00 UTC */
#define DAY_MS INT64_C(86400000)
#define SHIFT_MS (16 * INT64_C(3600000)) /* the line works two shifts of eight hours */
#define CYCLE_MS 15300.0

static uint64_t next(uint64_t *state)
{
	uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

static double uniform(uint64_t *state)
{
	return (double)(next(state) >> 11) * 0x1p-53;
}

static double normal(uint64_t *state)
{
	return sqrt(-2 * log(1 - uniform(state))) * cos(2 * M_PI * uniform(state));
}

struct month month_clean(uint64_t seed, double rate)
{
	return (struct month){.seed = seed,
			      .stations = 12,
			      .slots = 32,
			      .days = 30,
			      .lots = 40,
			      .boards = 200000,
			      .rate = rate,
			      .bad_slot = -1,
			      .bad_day = -1,
			      .bad_lot = -1,
			      .drifting_station = -1};
}

static double rate_of(const struct month *month, unsigned station, unsigned slot, unsigned day,
		      unsigned lot, double tray)
{
	double rate = tray;

	if ((int)slot == month->bad_slot && (int)station == month->bad_slot_station)
		rate = fmax(rate, month->bad_slot_rate);
	if ((int)day == month->bad_day)
		rate = fmax(rate, month->bad_day_rate);
	if ((int)lot == month->bad_lot)
		rate = fmax(rate, month->bad_lot_rate);
	return rate;
}

static const char *error_of(uint64_t *state)
{
	static const char *const errors[] = {"usb_timeout", "verify_mismatch", "usb_error",
					     "program_failed"};
	double dice = uniform(state);

	return errors[dice < 0.6 ? 0 : dice < 0.85 ? 1 : dice < 0.95 ? 2 : 3];
}

struct maker {
	const struct month *month;
	uint64_t state, unit, run;
	void (*row)(void *user, const struct month_row *row);
	void *user;
};

/* One board: a first attempt, after a failure a second one that mends half of them. */
static void make_board(struct maker *maker, struct month_row *row, double rate)
{
	const struct month *month = maker->month;
	bool drifts = (int)row->station == month->drifting_station;
	double drift = drifts ? month->drift_ms * row->day / (month->days - 1) : 0;

	row->unit = ++maker->unit;
	row->uid = maker->unit * UINT64_C(0x9e3779b97f4a7c15) ^ month->seed;
	for (row->attempt = 1; row->attempt <= 2; row->attempt++) {
		double time = CYCLE_MS + drift + 400 * normal(&maker->state);

		row->passed = uniform(&maker->state) >= (row->attempt == 1 ? rate : 0.5);
		row->error = row->passed ? "" : error_of(&maker->state);
		row->total_ms = (uint64_t)fmax(1000, time);
		row->end_ms = row->start_ms + (int64_t)row->total_ms * row->attempt;
		maker->row(maker->user, row);
		if (row->passed)
			break;
	}
}

/* Lots follow each other on each station, each a little shifted, so that a day has several. */
static unsigned lot_of(const struct month *month, unsigned station, double progress)
{
	double at = progress * month->lots + (double)station / month->stations;

	return (unsigned)at % month->lots;
}

void month_make(const struct month *month, void (*put)(void *user, const struct month_row *row),
		void *user)
{
	struct maker maker = {month, month->seed, 0, 0, put, user};
	uint64_t trays = month->boards / (month->stations * month->slots);

	for (uint64_t tray = 0; tray < trays; tray++) {
		double progress = (double)tray / (double)trays;
		double in_days = progress * month->days;

		for (unsigned station = 0; station < month->stations; station++) {
			struct month_row row = {.station = station, .day = (unsigned)in_days};
			double usual = month->rate;

			row.run = ++maker.run;
			row.lot = lot_of(month, station, progress);
			if (month->tray_rho > 0) /* bad trays fail ten times as often */
				usual = uniform(&maker.state) < month->tray_rho
						? month->rate * 10
						: month->rate * (1 - 10 * month->tray_rho) /
							  (1 - month->tray_rho);
			for (row.slot = 0; row.slot < month->slots; row.slot++) {
				row.start_ms = START_MS + row.day * DAY_MS + 6 * 3600000 +
					       (int64_t)((in_days - row.day) * SHIFT_MS) +
					       (int64_t)(uniform(&maker.state) * 2000);
				make_board(&maker, &row,
					   rate_of(month, row.station, row.slot, row.day, row.lot,
						   usual));
			}
		}
	}
}
