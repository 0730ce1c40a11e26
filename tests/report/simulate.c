/* SPDX-License-Identifier: GPL-2.0-or-later */
/* simulate clean MONTHS RATE [BOARDS [TRAY_RHO]]: of so many clean months with fixed seeds, how
 * many have a false headline. simulate planted MONTHS RATE: how often each planted effect is named,
 * and what else is. One line each, for tests/long/report-simulation.sh and docs/quality.md. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "h7gang/report/report.h"
#include "month.h"

struct feed {
	struct report_collector *collector;
	char text[REPORT_COLUMN_COUNT][64];
	struct report_row row;
};

static void set(struct feed *feed, enum report_column column, const char *text)
{
	snprintf(feed->text[column], sizeof(feed->text[column]), "%s", text);
	feed->row.text[column] = feed->text[column];
	feed->row.length[column] = strlen(feed->text[column]);
}

static void set_number(struct feed *feed, enum report_column column, const char *form,
		       uint64_t number)
{
	char text[64];

	snprintf(text, sizeof(text), form, number);
	set(feed, column, text);
}

static void set_time(struct feed *feed, enum report_column column, int64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm date;
	char text[64];

	gmtime_r(&seconds, &date);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S.000Z", &date);
	set(feed, column, text);
}

static void take(void *user, const struct month_row *from)
{
	struct feed *feed = user;

	set_number(feed, RC_run_id, "r%" PRIu64, from->run);
	set_number(feed, RC_unit_id, "u%" PRIu64, from->unit);
	set_number(feed, RC_attempt, "%" PRIu64, from->attempt);
	set_time(feed, RC_started_at, from->start_ms);
	set_time(feed, RC_finished_at, from->end_ms);
	set_number(feed, RC_station, "S%02" PRIu64, from->station + 1);
	set_number(feed, RC_lot, "L-%02" PRIu64, from->lot + 1);
	set_number(feed, RC_slot, "A%" PRIu64, from->slot + 1);
	set_number(feed, RC_usb_path, "1-1.%" PRIu64, from->slot % 7 + 1);
	set_number(feed, RC_uid, "00000000%016" PRIx64, from->uid);
	set_number(feed, RC_total_ms, "%" PRIu64, from->total_ms);
	set(feed, RC_result, from->passed ? "PASS" : "FAIL");
	set(feed, RC_error, from->error);
	feed->row.log = from->station;
	if (!report_row(feed->collector, &feed->row))
		abort();
}

static const struct report *run(const struct month *month, struct report_collector **out)
{
	const struct report_options options = {.time_zone = "UTC"};
	struct feed feed = {.collector = NULL};
	char why[200];

	*out = feed.collector = report_new(&options, why, sizeof(why));
	if (!feed.collector)
		abort();
	for (size_t i = 0; i < REPORT_COLUMN_COUNT; i++)
		set(&feed, (enum report_column)i, "");
	set(&feed, RC_command, "run");
	set(&feed, RC_profile, "controller-a");
	set(&feed, RC_firmware_version, "2.4.1");
	set(&feed, RC_part, "stm32h743xi");
	set(&feed, RC_bootloader, "V9.0");
	set(&feed, RC_erase_method, "sectors");
	set(&feed, RC_attempts_allowed, "2");
	month_make(month, take, &feed);
	return report_sum(feed.collector, NULL, 0);
}

static int clean(unsigned months, double rate, uint64_t boards, double rho)
{
	unsigned bad = 0;

	for (unsigned i = 0; i < months; i++) {
		struct month month = month_clean(1000 + i, rate);
		struct report_collector *collector;
		const struct report *report;

		month.boards = boards;
		month.tray_rho = rho;
		report = run(&month, &collector);
		if (!report)
			abort();
		bad += report->findings > 0;
		for (size_t k = 0; k < report->findings; k++)
			fprintf(stderr, "seed %u: %s (p %.2g, tray factor %.2f)\n", 1000 + i,
				report->finding[k].text, report->finding[k].p, report->tray_factor);
		report_free(collector);
	}
	printf("clean rate=%g boards=%" PRIu64 " trays=%g months=%u false=%u\n", rate, boards, rho,
	       months, bad);
	return 0;
}

static bool named(const struct report *report, const char *text)
{
	for (size_t i = 0; i < report->findings; i++) {
		if (strstr(report->finding[i].text, text))
			return true;
	}
	return false;
}

static int planted(unsigned months, double rate)
{
	static const char *const text[] = {"Slot A7 of station S03", "on 2026-11-25 ",
					   "of lot L-18 ", "Cycle time of station S09"};
	unsigned found[4] = {0}, other = 0;

	for (unsigned i = 0; i < months; i++) {
		struct month month = month_clean(5000 + i, rate);
		struct report_collector *collector;
		const struct report *report;
		size_t here = 0;

		month.bad_slot = 6;
		month.bad_slot_station = 2;
		month.bad_slot_rate = rate + 0.05;
		month.bad_day = 24;
		month.bad_day_rate = rate * 2 + 0.01;
		month.bad_lot = 17;
		month.bad_lot_rate = rate * 2 + 0.01;
		month.drifting_station = 8;
		month.drift_ms = 1200;
		report = run(&month, &collector);
		if (!report)
			abort();
		for (size_t k = 0; k < 4; k++) {
			bool is = named(report, text[k]);

			found[k] += is;
			here += is;
		}
		other += report->findings > here;
		for (size_t k = 0; k < report->findings && months < 4; k++) {
			fprintf(stderr, "%s\n", report->finding[k].text);
			for (size_t c = 0; c < report->finding[k].consequences; c++)
				fprintf(stderr, "    %s\n", report->finding[k].consequence[c]);
		}
		report_free(collector);
	}
	printf("planted rate=%g months=%u slot=%u day=%u lot=%u drift=%u others=%u\n", rate, months,
	       found[0], found[1], found[2], found[3], other);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc >= 4 && strcmp(argv[1], "clean") == 0)
		return clean((unsigned)atoi(argv[2]), atof(argv[3]),
			     argc > 4 ? strtoull(argv[4], NULL, 10) : 200000,
			     argc > 5 ? atof(argv[5]) : 0);
	if (argc == 4 && strcmp(argv[1], "planted") == 0)
		return planted((unsigned)atoi(argv[2]), atof(argv[3]));
	return 2;
}
