/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "calendar.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS (60 * MINUTE_MS)
#define QUARTER_MS (15 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)
#define ZONES "/usr/share/zoneinfo/"

/* --- settings --- */

static bool read_minutes(const char **text, unsigned *minutes)
{
	const char *at = *text;

	if (!isdigit((unsigned char)at[0]) || !isdigit((unsigned char)at[1]) || at[2] != ':' ||
	    !isdigit((unsigned char)at[3]) || !isdigit((unsigned char)at[4]))
		return false;
	*minutes = (unsigned)((at[0] - '0') * 10 + at[1] - '0') * 60 +
		   (unsigned)((at[3] - '0') * 10 + at[4] - '0');
	*text = at + 5;
	return *minutes < 24 * 60 && at[3] < '6';
}

bool calendar_shifts(struct calendar *calendar, const char *text)
{
	unsigned count = 0;

	for (;;) {
		unsigned minutes;

		if (count == CALENDAR_SHIFTS_MAX || !read_minutes(&text, &minutes) ||
		    (count && minutes <= calendar->shift_at[count - 1]))
			return false;
		calendar->shift_at[count++] = minutes;
		if (!*text)
			break;
		if (*text++ != ',')
			return false;
	}
	calendar->shifts = count;
	return true;
}

/* tzset silently treats an unknown name as UTC, so the file of the zone is looked up. */
bool calendar_zone(const char *zone)
{
	char path[256];

	if (zone) {
		if (strstr(zone, "..") || zone[0] == '/' ||
		    snprintf(path, sizeof(path), ZONES "%s", zone) >= (int)sizeof(path) ||
		    (strcmp(zone, "UTC") != 0 && access(path, R_OK) < 0))
			return false;
		if (setenv("TZ", zone, 1) < 0)
			return false;
	}
	tzset();
	return true;
}

/* --- moments --- */

static int64_t floor_div(int64_t value, int64_t by)
{
	return value / by - (value % by < 0);
}

int64_t calendar_local(struct calendar *calendar, int64_t ms)
{
	int64_t quarter = floor_div(ms, QUARTER_MS) + 1; /* 0 stands for nothing cached */

	if (quarter != calendar->cached_quarter) {
		time_t seconds = (time_t)floor_div(ms, 1000);
		struct tm local = {0};

		localtime_r(&seconds, &local);
		calendar->cached_offset_ms = (int64_t)local.tm_gmtoff * 1000;
		calendar->cached_quarter = quarter;
	}
	return ms + calendar->cached_offset_ms;
}

static unsigned minute_of_day(int64_t local)
{
	return (unsigned)((local - floor_div(local, DAY_MS) * DAY_MS) / MINUTE_MS);
}

/* The shift, and in `*day` the day on which it began. */
static unsigned shift_of(const struct calendar *calendar, int64_t local, int64_t *day)
{
	unsigned minute = minute_of_day(local), shift = calendar->shifts;

	*day = floor_div(local, DAY_MS);
	while (shift > 0 && calendar->shift_at[shift - 1] > minute)
		shift--;
	if (shift == 0) { /* before the first: the last of the day before */
		*day -= 1;
		shift = calendar->shifts;
	}
	return shift - 1;
}

unsigned calendar_shift(struct calendar *calendar, int64_t ms)
{
	int64_t day;

	return calendar->shifts ? shift_of(calendar, calendar_local(calendar, ms), &day) : 0;
}

unsigned calendar_hour(struct calendar *calendar, int64_t ms)
{
	return minute_of_day(calendar_local(calendar, ms)) / 60;
}

/* --- subgroups --- */

static struct tm date_of(int64_t day)
{
	time_t seconds = (time_t)(day * (DAY_MS / 1000));
	struct tm date = {0};

	gmtime_r(&seconds, &date);
	return date;
}

int64_t calendar_group(struct calendar *calendar, enum calendar_span span, int64_t ms)
{
	int64_t local = calendar_local(calendar, ms), day = floor_div(local, DAY_MS);
	struct tm date;
	unsigned shift;

	switch (span) {
	case SPAN_HOUR:
		return floor_div(local, HOUR_MS);
	case SPAN_SHIFT:
		shift = shift_of(calendar, local, &day);
		return day * CALENDAR_SHIFTS_MAX + shift;
	case SPAN_DAY:
		return day;
	case SPAN_WEEK: /* from Monday; 1970-01-01 was a Thursday */
		return floor_div(day + 3, 7);
	case SPAN_MONTH:
		date = date_of(day);
		return (int64_t)date.tm_year * 12 + date.tm_mon;
	case SPAN_YEAR:
	default:
		return date_of(day).tm_year;
	}
}

void calendar_shift_name(const struct calendar *calendar, unsigned shift, char text[CALENDAR_TEXT])
{
	unsigned from = calendar->shift_at[shift];
	unsigned to = calendar->shift_at[(shift + 1) % calendar->shifts];

	snprintf(text, CALENDAR_TEXT, "%02u:%02u-%02u:%02u", from / 60, from % 60, to / 60,
		 to % 60);
}

static void date_text(int64_t day, const char *format, char *text, size_t size)
{
	struct tm date = date_of(day);

	if (strftime(text, size, format, &date) == 0)
		text[0] = '\0';
}

void calendar_group_name(const struct calendar *calendar, enum calendar_span span, int64_t group,
			 char text[CALENDAR_TEXT])
{
	char day[CALENDAR_TEXT], shift[CALENDAR_TEXT];

	switch (span) {
	case SPAN_HOUR:
		date_text(floor_div(group, 24), "%Y-%m-%d", day, sizeof(day));
		snprintf(text, CALENDAR_TEXT, "%.12s %02d:00", day,
			 (int)(group - floor_div(group, 24) * 24));
		break;
	case SPAN_SHIFT:
		date_text(group / CALENDAR_SHIFTS_MAX, "%Y-%m-%d", day, sizeof(day));
		calendar_shift_name(calendar, (unsigned)(group % CALENDAR_SHIFTS_MAX), shift);
		snprintf(text, CALENDAR_TEXT, "%.12s %.12s", day, shift);
		break;
	case SPAN_DAY:
		date_text(group, "%Y-%m-%d", text, CALENDAR_TEXT);
		break;
	case SPAN_WEEK:
		date_text(group * 7 - 3, "%G-W%V", text, CALENDAR_TEXT);
		break;
	case SPAN_MONTH:
		snprintf(text, CALENDAR_TEXT, "%04d-%02d", (int)(group / 12) + 1900,
			 (int)(group % 12) + 1);
		break;
	case SPAN_YEAR:
	default:
		snprintf(text, CALENDAR_TEXT, "%04d", (int)group + 1900);
	}
}

/* --- texts --- */

void calendar_text(int64_t ms, bool local, char text[CALENDAR_TEXT])
{
	time_t seconds = (time_t)floor_div(ms, 1000);
	struct tm date = {0};

	if (local)
		localtime_r(&seconds, &date);
	else
		gmtime_r(&seconds, &date);
	if (strftime(text, CALENDAR_TEXT, "%Y-%m-%d %H:%M", &date) == 0)
		text[0] = '\0';
}

void calendar_zone_name(int64_t ms, char text[CALENDAR_TEXT])
{
	time_t seconds = (time_t)floor_div(ms, 1000);
	struct tm date = {0};

	localtime_r(&seconds, &date);
	if (strftime(text, CALENDAR_TEXT, "%Z (UTC%z)", &date) == 0)
		text[0] = '\0';
	else if (strcmp(text, "UTC (UTC+0000)") == 0)
		strcpy(text, "UTC");
}

const char *calendar_span_name(enum calendar_span span)
{
	static const char *const names[] = {
		[SPAN_HOUR] = "hour", [SPAN_SHIFT] = "shift", [SPAN_DAY] = "day",
		[SPAN_WEEK] = "week", [SPAN_MONTH] = "month", [SPAN_YEAR] = "year"};

	return names[span];
}
