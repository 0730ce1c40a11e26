/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "clockcheck.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "columns.h"
#include "csv.h"
#include "h7gang/audit/audit.h"
#include "h7gang/audit/logs.h"
#include "h7gang/audit/text.h"
#include "h7gang/base/clock.h"
#include "h7gang/base/version.h"
#include "reader.h"

#define WAIT_MS 5000                       /* a clock that is behind by less is waited for */
#define DAY_MS (INT64_C(24) * 3600 * 1000) /* a row alone may be ahead by less */

static int64_t wall_ms(void)
{
	return clock_wall() / CLOCK_MS;
}

/* When the file was changed. The kernel writes it, so that a row alone, which a program on another
 * clock has written, does not stop a station. */
static int64_t changed_ms(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return 0;
	return (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
}

/* By how many ms the clock is behind the row; 0 or less: it is not behind. */
static int64_t behind(int fd, int64_t row_ms)
{
	int64_t now = wall_ms(), row = row_ms - now, file = changed_ms(fd) - now;

	if (row > DAY_MS)
		return row;
	return row < file ? row : file;
}

bool clockcheck_wrong(int log_fd, const char *last, size_t length, char *problem, size_t size)
{
	int64_t row_ms = 0, late;
	struct csv_row csv;

	if (wall_ms() < h7gang_built_ms) {
		snprintf(problem, size, "this program was built later");
		return true;
	}
	if (length == 0 || csv_split(&csv, last, length) || csv.count <= COL_finished_at)
		return false;
	row_ms = audit_time_ms(csv.field[COL_finished_at]);
	late = behind(log_fd, row_ms);
	if (late > 0 && late <= WAIT_MS) {
		clock_sleep_until(clock_after_ms(late));
		late = behind(log_fd, row_ms);
	}
	if (late > 0)
		snprintf(problem, size, "row %s was written at %s", csv.field[COL_seq],
			 csv.field[COL_finished_at]);
	return late > 0;
}

struct problem {
	char *text;
	size_t size;
	bool wrong;
};

/* Stops at the first log that is ahead of the clock. Nearly all were changed before now, and are
 * not read. */
static bool is_behind_clock(void *user, const char *path)
{
	struct problem *problem = user;
	struct audit_reader *reader;
	const struct audit_record *record;
	char last[AUDIT_ROW_MAX], why[160];
	size_t length = 0;
	struct stat st;

	if (stat(path, &st) < 0 || (int64_t)st.st_mtim.tv_sec * 1000 <= wall_ms() ||
	    audit_reader_open(path, &reader, why, sizeof(why)) != AUDIT_OK)
		return true;
	while (audit_reader_next(reader, &record) == AUDIT_READ_ROW &&
	       record->length <= sizeof(last)) {
		length = record->length;
		memcpy(last, record->text, length);
	}
	problem->wrong = clockcheck_wrong(reader->fd, last, length, why, sizeof(why));
	if (problem->wrong)
		snprintf(problem->text, problem->size, "%s of %s", why, path);
	audit_reader_close(reader);
	return !problem->wrong;
}

bool clockcheck_wrong_by_lots(const char *pattern, char *text, size_t size)
{
	struct problem problem = {.text = text, .size = size};

	audit_logs_each(pattern, "", is_behind_clock, &problem);
	return problem.wrong;
}
