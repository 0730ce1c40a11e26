/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long a tray takes on wires that its boards share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "h7gang/attempt/forecast.h"

/* A dirty STM32H743xI that is programmed in full. */
static const struct forecast dirty = {
	.program = {.alone = 10000, .wire = 1900},
	.read = {.alone = 3100, .wire = 1800},
	.mass_ms = 10000,
	.sectors_ms = 16000,
};

static void about(double found, double expected)
{
	assert_true(found > expected * 0.999 && found < expected * 1.001);
}

static void one_board_takes_the_sum_of_its_steps(void **state)
{
	(void)state;
	about(forecast_ms(&dirty, 1, 1, 1), 23100);
	about(forecast_ms(&dirty, 1, 1, 0), 29100);
	assert_int_equal(forecast_mass(&dirty, 1, 1), 1);
}

static void boards_with_wires_of_their_own_take_as_long_as_one(void **state)
{
	(void)state;
	about(forecast_ms(&dirty, 16, 16, 16), 23100);
	assert_int_equal(forecast_mass(&dirty, 16, 16), 16);
}

static void a_full_wire_is_the_bound(void **state)
{
	struct forecast blank = dirty;

	(void)state;
	blank.blank = blank.read;
	blank.mass_ms = -1;
	blank.sectors_ms = 0;
	about(forecast_ms(&blank, 16, 1, 0), 16 * (1800 + 1900 + 1800));
	assert_int_equal(forecast_mass(&blank, 16, 1), 0);
}

static void a_crowded_wire_must_not_wait_for_mass_erases(void **state)
{
	double all = forecast_ms(&dirty, 16, 1, 16);
	unsigned mass = forecast_mass(&dirty, 16, 1);
	double best = forecast_ms(&dirty, 16, 1, mass);

	(void)state;
	about(all, 10000 + 16 * (1900 + 1800));
	assert_true(mass < 8);
	assert_true(best < all - 8000);
	assert_true(best >= 16 * (1900 + 1800));
}

static void a_few_boards_are_best_mixed(void **state)
{
	unsigned mass = forecast_mass(&dirty, 8, 1);

	(void)state;
	assert_in_range(mass, 1, 7);
	assert_true(forecast_ms(&dirty, 8, 1, mass) < forecast_ms(&dirty, 8, 1, 8));
	assert_true(forecast_ms(&dirty, 8, 1, mass) < forecast_ms(&dirty, 8, 1, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_board_takes_the_sum_of_its_steps),
		cmocka_unit_test(boards_with_wires_of_their_own_take_as_long_as_one),
		cmocka_unit_test(a_full_wire_is_the_bound),
		cmocka_unit_test(a_crowded_wire_must_not_wait_for_mass_erases),
		cmocka_unit_test(a_few_boards_are_best_mixed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
