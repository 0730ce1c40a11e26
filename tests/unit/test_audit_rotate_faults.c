/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A second program that opens the log at each moment of a rotation is refused, and the first one
 * goes on: with hard links, and on a file system without them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "h7gang/audit/audit.h"

#define LOG "log.csv"

static char top[64], why[300];
static bool links, keeps; /* the file system has hard links, and RENAME_NOREPLACE */
static unsigned looks, let_in;
static __thread bool looking;

static int setup(void **state)
{
	(void)state;
	strcpy(top, "/tmp/rotate.XXXXXX");
	return !mkdtemp(top) || chdir(top) < 0;
}

static int teardown(void **state)
{
	char command[96];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", top);
	return chdir("/") < 0 || system(command) != 0;
}

static void second_program(void)
{
	struct audit_log *log;
	char said[300];
	int error = errno;

	if (looking)
		return;
	looking = true;
	looks++;
	if (audit_open(LOG, &log, NULL, said, sizeof(said)) != AUDIT_LOCKED) {
		fprintf(stderr, "# %s\n", said);
		let_in++;
		audit_close(log);
	}
	looking = false;
	errno = error;
}

int __real_linkat(int, const char *, int, const char *, int);
int __wrap_linkat(int from_folder, const char *from, int to_folder, const char *to, int flags)
{
	int rc;

	if (!links) {
		errno = EPERM;
		return -1;
	}
	second_program();
	rc = __real_linkat(from_folder, from, to_folder, to, flags);
	second_program();
	return rc;
}

int __real_renameat(int, const char *, int, const char *);
int __wrap_renameat(int from_folder, const char *from, int to_folder, const char *to)
{
	int rc;

	second_program();
	rc = __real_renameat(from_folder, from, to_folder, to);
	second_program();
	return rc;
}

int __real_renameat2(int, const char *, int, const char *, unsigned);
int __wrap_renameat2(int from_folder, const char *from, int to_folder, const char *to,
		     unsigned flags)
{
	int rc;

	if (!keeps) {
		errno = EINVAL;
		return -1;
	}
	second_program();
	rc = __real_renameat2(from_folder, from, to_folder, to, flags);
	second_program();
	return rc;
}

static void rotations(void)
{
	const struct audit_options options = {.rotate_bytes = 1};
	const char *const files[] = {LOG ".0001", LOG ".0002", LOG ".0003", LOG};
	struct audit_check check;
	struct audit_log *log;
	char unit[8];

	assert_int_equal(audit_open_with(LOG, &options, &log, NULL, why, sizeof(why)), AUDIT_OK);
	for (int i = 1; i <= 4; i++) {
		struct audit_row row = {.run_id = "run",
					.unit_id = unit,
					.attempt = 1,
					.command = "run",
					.bootloader_id = AUDIT_NONE,
					.flash_kib = AUDIT_NONE};

		snprintf(unit, sizeof(unit), "u%d", i);
		row.bank[0].bytes = row.bank[1].bytes = AUDIT_NONE;
		if (audit_append(log, &row, CLOCK_NEVER) != AUDIT_OK) {
			audit_usable(log, why, sizeof(why));
			fail_msg("%s", why);
		}
	}
	assert_true(audit_close(log));
	assert_true(looks >= 6);
	assert_int_equal(let_in, 0);
	assert_true(audit_verify(files, 4, NULL, NULL, &check));
	assert_int_equal(check.rows, 4);
}

static void on(bool has_links, bool has_keeps)
{
	links = has_links;
	keeps = has_keeps;
	looks = let_in = 0;
	rotations();
}

static void with_links(void **state)
{
	(void)state;
	on(true, true);
}

static void without_links(void **state)
{
	(void)state;
	on(false, true);
}

static void without_anything(void **state)
{
	(void)state;
	on(false, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(with_links, setup, teardown),
		cmocka_unit_test_setup_teardown(without_links, setup, teardown),
		cmocka_unit_test_setup_teardown(without_anything, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
