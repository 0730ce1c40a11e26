/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "h7gang/base/clock.h"

static void never_goes_backwards(void **state)
{
	(void)state;
	int64_t last = clock_now();

	for (int i = 0; i < 1000; i++) {
		int64_t now = clock_now();

		assert_true(now >= last);
		last = now;
	}
}

static void deadlines_saturate(void **state)
{
	(void)state;
	assert_true(clock_after_ms(INT64_MAX) == CLOCK_NEVER);
	assert_true(clock_after_ms(INT64_MAX / CLOCK_MS) == CLOCK_NEVER);
	int64_t before = clock_now();
	int64_t past = clock_after_ms(-5);

	assert_true(past >= before && past <= clock_now());
	assert_true(clock_after_ms(10) >= before + 10 * CLOCK_MS);
	assert_true(clock_earlier(3, CLOCK_NEVER) == 3);
	assert_true(clock_earlier(CLOCK_NEVER, 3) == 3);
	assert_true(clock_elapsed_ms(clock_now() + 1000 * CLOCK_MS) == 0);
}

static void sleeps_no_less_than_asked(void **state)
{
	(void)state;
	int64_t deadline = clock_after_ms(3);

	clock_sleep_until(deadline);
	assert_true(clock_now() >= deadline);
	clock_sleep_until(0); /* in the past: returns at once */
}

static void waiting_ends_at_the_deadline(void **state)
{
	(void)state;
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t cond;
	int64_t deadline;

	assert_int_equal(clock_cond_init(&cond), 0);
	pthread_mutex_lock(&mutex);
	deadline = clock_after_ms(3);
	while (clock_wait_until(&cond, &mutex, deadline))
		;
	assert_true(clock_now() >= deadline);
	assert_false(clock_wait_until(&cond, &mutex, 0));
	pthread_mutex_unlock(&mutex);
	pthread_cond_destroy(&cond);
}

static void wall_text_has_its_form(void **state)
{
	(void)state;
	static const char form[] = "dddd-dd-ddTdd:dd:dd.dddZ";
	char text[CLOCK_TEXT_SIZE];

	clock_wall_text(text);
	assert_int_equal(strlen(text), strlen(form));
	for (size_t i = 0; form[i]; i++) {
		if (form[i] == 'd')
			assert_in_range(text[i], '0', '9');
		else
			assert_int_equal(text[i], form[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(never_goes_backwards),
		cmocka_unit_test(deadlines_saturate),
		cmocka_unit_test(sleeps_no_less_than_asked),
		cmocka_unit_test(waiting_ends_at_the_deadline),
		cmocka_unit_test(wall_text_has_its_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
