/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times of the log, and their beginnings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "h7gang/audit/text.h"

static void since(void **state)
{
	(void)state;
	assert_int_equal(audit_since_ms("2026"), INT64_C(1767225600000));
	assert_int_equal(audit_since_ms("2026-11-22"), INT64_C(1795305600000));
	assert_int_equal(audit_since_ms("2026-11-22T14:03"), INT64_C(1795356180000));
	assert_int_equal(audit_since_ms("2026-11-22T14:03:12.345Z"), INT64_C(1795356192345));
	assert_int_equal(audit_since_ms("2026-02-30"), -1);
	assert_int_equal(audit_since_ms("2026-1"), -1);
	assert_int_equal(audit_since_ms("2026-"), -1);
	assert_int_equal(audit_since_ms("yesterday"), -1);
	assert_int_equal(audit_since_ms("2026-11-22T"), -1);
	assert_int_equal(audit_since_ms("2026-11-22T14:03:12.345Z0"), -1);
	assert_int_equal(audit_since_ms(""), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(since),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
