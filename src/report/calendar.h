/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Local time: the day, shift and hour of a moment. All moments are ms since 1970 UTC. */
#ifndef REPORT_CALENDAR_H
#define REPORT_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CALENDAR_SHIFTS_MAX 24
#define CALENDAR_TEXT 40 /* bytes of any text made here */

struct calendar {
	unsigned shifts;                        /* 0: there are none */
	unsigned shift_at[CALENDAR_SHIFTS_MAX]; /* minutes after midnight, ascending */
	/* The last quarter of an hour asked for, and its offset: zones change on such. */
	int64_t cached_quarter, cached_offset_ms;
};

/* Subgroups of time, from short to long. */
enum calendar_span { SPAN_HOUR, SPAN_SHIFT, SPAN_DAY, SPAN_WEEK, SPAN_MONTH, SPAN_YEAR };

/* Reads "06:00,14:00,22:00". False: it is none. */
bool calendar_shifts(struct calendar *calendar, const char *text);

/* Makes `zone` (NULL: the machine's) the process's time zone. False: there is none of that name. */
bool calendar_zone(const char *zone);

/* Local time in ms since 1970-01-01 00:00 local. */
int64_t calendar_local(struct calendar *calendar, int64_t ms);

/* The shift a moment belongs to, from 0; the hour of the day. */
unsigned calendar_shift(struct calendar *calendar, int64_t ms);
unsigned calendar_hour(struct calendar *calendar, int64_t ms);

/* The subgroup that a moment belongs to: numbers that grow with time. And its name, such as
 * "2026-11-25" or "2026-11-25 06:00-14:00". */
int64_t calendar_group(struct calendar *calendar, enum calendar_span span, int64_t ms);
void calendar_group_name(const struct calendar *calendar, enum calendar_span span, int64_t group,
			 char text[CALENDAR_TEXT]);

/* "06:00-14:00" of a shift. */
void calendar_shift_name(const struct calendar *calendar, unsigned shift, char text[CALENDAR_TEXT]);

/* "2026-11-25 14:03" in local time or in UTC; and the name of the zone, such as "Europe/Berlin". */
void calendar_text(int64_t ms, bool local, char text[CALENDAR_TEXT]);
void calendar_zone_name(int64_t ms, char text[CALENDAR_TEXT]);

/* "hour", "shift", "day" ... */
const char *calendar_span_name(enum calendar_span span);

#endif
