/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When rows that no publisher has sent hold back new units. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "gang/publish_rule.h"

#define MAX_LAG 10

static struct publish_look look;
static char reason[PUBLISH_REASON_SIZE];

/* Each publisher by its rc and seq. */
static void with(unsigned count, const int *rc, const uint64_t *seq)
{
	memset(&look, 0, sizeof(look));
	look.names = (int)count;
	for (unsigned i = 0; i < count; i++) {
		snprintf(look.seen[i].name, sizeof(look.seen[i].name), "p%u", i);
		look.seen[i].rc = rc[i];
		look.seen[i].at.seq = seq[i];
		memset(look.seen[i].at.row_hash, 'a', SHA256_HEX_SIZE - 1);
	}
}

static enum publish_verdict at(uint64_t head_seq, bool held)
{
	struct audit_head head = {.seq = head_seq};

	memset(head.row_hash, 'a', SHA256_HEX_SIZE - 1);
	return publish_rule(&look, &head, MAX_LAG, held, reason);
}

static void a_lag_above_the_limit_holds(void **state)
{
	(void)state;
	with(1, (int[]){0}, (uint64_t[]){100});
	assert_int_equal(at(100, false), PUBLISH_GO);
	assert_int_equal(at(110, false), PUBLISH_GO);
	assert_string_equal(reason, "");
	assert_int_equal(at(111, false), PUBLISH_LAGS);
	assert_non_null(strstr(reason, "11 rows wait for publisher p0"));
}

static void it_goes_on_at_half_of_it(void **state)
{
	(void)state;
	with(1, (int[]){0}, (uint64_t[]){100});
	assert_int_equal(at(110, true), PUBLISH_LAGS);
	assert_int_equal(at(106, true), PUBLISH_LAGS);
	assert_int_equal(at(105, true), PUBLISH_GO);
}

static void the_slowest_publisher_counts(void **state)
{
	(void)state;
	with(3, (int[]){0, 0, 0}, (uint64_t[]){100, 80, 99});
	assert_int_equal(at(100, false), PUBLISH_LAGS);
	assert_non_null(strstr(reason, "publisher p1"));
}

static void a_log_without_a_publisher_is_not_published(void **state)
{
	(void)state;
	with(0, NULL, NULL);
	assert_int_equal(at(0, false), PUBLISH_GO);
	assert_int_equal(at(MAX_LAG, false), PUBLISH_GO);
	assert_int_equal(at(MAX_LAG + 1, false), PUBLISH_NEVER);
	assert_non_null(strstr(reason, "no publisher has run"));
	look.names = -ENOENT; /* nor is there a folder */
	assert_int_equal(at(MAX_LAG + 1, false), PUBLISH_NEVER);
	with(2, (int[]){0, -ENOENT}, (uint64_t[]){50, 0});
	assert_int_equal(at(50, false), PUBLISH_NEVER);
	assert_non_null(strstr(reason, "publisher p1 has sent none"));
}

static void what_cannot_be_read_holds(void **state)
{
	(void)state;
	with(2, (int[]){0, -EBADMSG}, (uint64_t[]){5, 0});
	assert_int_equal(at(5, false), PUBLISH_UNREADABLE);
	assert_non_null(strstr(reason, "p1 cannot be read (not a position)"));
	with(1, (int[]){-EACCES}, (uint64_t[]){0});
	assert_int_equal(at(0, false), PUBLISH_UNREADABLE);
	with(0, NULL, NULL);
	look.names = -EACCES;
	assert_int_equal(at(0, false), PUBLISH_UNREADABLE);
	assert_non_null(strstr(reason, "Permission denied"));
}

static void a_position_of_another_log_holds(void **state)
{
	(void)state;
	with(1, (int[]){0}, (uint64_t[]){101});
	assert_int_equal(at(100, false), PUBLISH_OTHER_LOG);
	with(1, (int[]){0}, (uint64_t[]){100});
	look.seen[0].at.row_hash[3] = 'b';
	assert_int_equal(at(100, false), PUBLISH_OTHER_LOG);
	assert_int_equal(at(101, false), PUBLISH_GO); /* the publisher finds it out */
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lag_above_the_limit_holds),
		cmocka_unit_test(it_goes_on_at_half_of_it),
		cmocka_unit_test(the_slowest_publisher_counts),
		cmocka_unit_test(a_log_without_a_publisher_is_not_published),
		cmocka_unit_test(what_cannot_be_read_holds),
		cmocka_unit_test(a_position_of_another_log_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
