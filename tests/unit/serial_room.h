/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A folder for state files and logs, a profile with numbers, and rows in a log. */
#ifndef SERIAL_ROOM_H
#define SERIAL_ROOM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "h7gang/audit/audit.h"
#include "h7gang/serial/limits.h"
#include "h7gang/serial/numbers.h"

#define UID_A "aaaaaaaaaaaaaaaaaaaaaaaa"
#define UID_B "bbbbbbbbbbbbbbbbbbbbbbbb"

static char room[] = "/tmp/test_serial_XXXXXX";
static char log_path[64], state_path[64];

static int make_room(void **state)
{
	(void)state;
	if (!mkdtemp(room))
		return -1;
	snprintf(log_path, sizeof(log_path), "%s/log.csv", room);
	snprintf(state_path, sizeof(state_path), "%s/sn.state", room);
	return 0;
}

static int clean_room(void **state)
{
	(void)state;
	unlink(log_path);
	unlink(state_path);
	return 0;
}

static int remove_room(void **state)
{
	clean_room(state);
	return rmdir(room);
}

/* One attempt in the log. */
static inline void add_row(const char *log, const char *unit, const char *command, const char *lot,
			   const char *uid, const char *number, enum audit_result result)
{
	struct audit_row row = {
		.run_id = "r",
		.unit_id = unit,
		.attempt = 1,
		.attempts_allowed = 1,
		.command = command,
		.profile = "p",
		.lot = lot,
		.uid = uid,
		.unit_serial = number,
		.flash_kib = AUDIT_NONE,
		.bootloader_id = AUDIT_NONE,
		.result = result,
		.error = result == AUDIT_PASS ? H7_OK : H7_NOT_BLANK,
	};
	struct audit_log *to;
	char why[200];

	clock_wall_text(row.started_at);
	clock_wall_text(row.finished_at);
	if (audit_open(log, &to, NULL, why, sizeof(why)) != AUDIT_OK)
		fail_msg("%s", why);
	assert_int_equal(audit_append(to, &row, clock_after_ms(10000)), AUDIT_OK);
	assert_true(audit_close(to));
}

#endif
