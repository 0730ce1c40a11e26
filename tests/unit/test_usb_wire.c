/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Turns on a wire that boards share: how many at a time, in which order, and never without bound.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>

#include "h7gang/base/clock.h"
#include "usb/wire_private.h"

enum { BLOCK = 1024, BOARDS = 8 };

static struct usb_wires *wires;
static struct usb_seat *seat[BOARDS];

static int start(void **state)
{
	(void)state;
	wires = usb_wires_new();
	for (unsigned i = 0; wires && i < BOARDS; i++)
		seat[i] = usb_seat_take(wires, "1-1", 1);
	return wires && seat[BOARDS - 1] ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	for (unsigned i = 0; i < BOARDS; i++)
		usb_seat_leave(seat[i]);
	usb_wires_free(wires);
	return 0;
}

/* True: the turn is granted at once. */
static bool take_now(struct usb_seat *of, enum usb_load load, uint64_t rank)
{
	const struct usb_turn turn = {.load = load, .block = BLOCK, .rank = rank};

	return usb_turn_take(of, &turn, clock_now(), NULL, NULL);
}

struct waiter {
	struct usb_seat *seat;
	uint64_t rank;
	pthread_t thread;
	bool served;
	int64_t since, at;
};

static void *wait_for_turn(void *user)
{
	struct waiter *waiter = user;
	const struct usb_turn turn = {.load = USB_READING, .block = BLOCK, .rank = waiter->rank};

	waiter->served = usb_turn_take(waiter->seat, &turn, clock_after_ms(20000), NULL, NULL);
	waiter->at = clock_now();
	usb_turn_give(waiter->seat);
	return NULL;
}

static void wait_in_thread(struct waiter *waiter)
{
	waiter->since = clock_now();
	assert_int_equal(pthread_create(&waiter->thread, NULL, wait_for_turn, waiter), 0);
	clock_sleep_until(clock_after_ms(50));
}

static void a_block_needs_what_its_packets_need(void **state)
{
	(void)state;
	/* 16 x 77 + 34 byte times of 19 x 77 in a ms. */
	assert_in_range(usb_wire_ns(BLOCK), 865344, 865345);
	assert_in_range(usb_wire_ns(6), 36226, 36227);
}

static void two_boards_read_at_a_time(void **state)
{
	(void)state;
	assert_true(take_now(seat[0], USB_READING, 0));
	assert_true(take_now(seat[1], USB_READING, 0));
	assert_false(take_now(seat[2], USB_READING, 0));
	usb_turn_give(seat[0]);
	assert_true(take_now(seat[2], USB_READING, 0));
}

static void more_boards_write_at_a_time(void **state)
{
	unsigned granted = 0;

	(void)state;
	while (granted < BOARDS && take_now(seat[granted], USB_WRITING, 0))
		granted++;
	assert_int_equal(granted, 5);
	/* Once it is known that a block takes 10 ms of flash, more of them are. */
	usb_wire_best(seat[0], USB_WRITING, BLOCK, 10 * CLOCK_MS);
	for (unsigned i = 0; i < granted; i++)
		usb_turn_give(seat[i]);
	for (unsigned i = 0; i < BOARDS; i++)
		assert_true(take_now(seat[i], USB_WRITING, 0));
}

static void other_wires_are_not_waited_for(void **state)
{
	struct usb_seat *alone = usb_seat_take(wires, "1-2.1", 1);

	(void)state;
	assert_true(take_now(seat[0], USB_READING, 0));
	assert_true(take_now(seat[1], USB_READING, 0));
	assert_true(take_now(alone, USB_READING, 0));
	assert_int_equal(usb_seat_sharers(alone).wire, 1);
	assert_int_equal(usb_seat_sharers(alone).bus, BOARDS + 1);
	assert_int_equal(usb_seat_sharers(seat[0]).wire, BOARDS);
	usb_seat_leave(alone);
}

static void the_bus_above_is_a_bound(void **state)
{
	struct usb_seat *alone[40];
	unsigned granted = 0;
	char domain[16];

	(void)state;
	for (unsigned i = 0; i < 40; i++) {
		snprintf(domain, sizeof(domain), "2-1.%u", i + 1);
		alone[i] = usb_seat_take(wires, domain, 2);
		granted += take_now(alone[i], USB_READING, 0);
	}
	assert_int_equal(granted, 32); /* at half a wire each, 15.8 wires */
	for (unsigned i = 0; i < 40; i++)
		usb_seat_leave(alone[i]);
}

static void the_board_with_most_flash_work_goes_first(void **state)
{
	struct waiter less = {.seat = seat[2], .rank = 100}, more = {.seat = seat[3], .rank = 200};

	(void)state;
	assert_true(take_now(seat[0], USB_READING, 0));
	assert_true(take_now(seat[1], USB_READING, 0));
	wait_in_thread(&less);
	wait_in_thread(&more);
	usb_turn_give(seat[0]);
	pthread_join(more.thread, NULL);
	pthread_join(less.thread, NULL);
	assert_true(more.served && less.served);
	assert_true(more.at <= less.at);
}

static bool survey_now(struct usb_seat *of, uint64_t looked)
{
	const struct usb_turn turn = {
		.load = USB_READING, .block = BLOCK, .rank = looked, .survey = true};

	return usb_turn_take(of, &turn, clock_now(), NULL, NULL);
}

static void *wait_for_survey(void *user)
{
	struct waiter *waiter = user;
	const struct usb_turn turn = {
		.load = USB_READING, .block = BLOCK, .rank = waiter->rank, .survey = true};

	waiter->served = usb_turn_take(waiter->seat, &turn, clock_after_ms(1500), NULL, NULL);
	waiter->at = clock_now();
	return NULL;
}

/* Two find room at once and keep it sector after sector. Of the others the one that was looked at
 * least comes first. */
static void a_survey_that_begins_at_once_goes_through(void **state)
{
	struct waiter half = {.seat = seat[2], .rank = 8}, none = {.seat = seat[3], .rank = 1};

	(void)state;
	assert_true(survey_now(seat[0], 0));
	assert_true(survey_now(seat[1], 0));
	assert_int_equal(pthread_create(&half.thread, NULL, wait_for_survey, &half), 0);
	assert_int_equal(pthread_create(&none.thread, NULL, wait_for_survey, &none), 0);
	clock_sleep_until(clock_after_ms(100));
	for (uint64_t looked = 1; looked < 4; looked++) {
		assert_true(survey_now(seat[0], looked));
		assert_true(survey_now(seat[1], looked));
	}
	assert_int_equal(half.at, 0);
	assert_int_equal(none.at, 0);
	usb_turn_give(seat[0]);
	pthread_join(none.thread, NULL);
	assert_true(none.served);
	assert_int_equal(half.at, 0);
	/* It shares with the other one: after its sector it is that one's turn. */
	assert_false(survey_now(seat[3], 9));
	pthread_join(half.thread, NULL);
	assert_true(half.served);
}

static void a_board_that_hangs_is_not_waited_for(void **state)
{
	struct waiter waiter = {.seat = seat[2]};

	(void)state;
	assert_true(take_now(seat[0], USB_READING, 0));
	assert_true(take_now(seat[1], USB_READING, 0));
	wait_in_thread(&waiter);
	pthread_join(waiter.thread, NULL);
	assert_true(waiter.served);
	assert_true(waiter.at - waiter.since >= (USB_TURN_MS - 100) * CLOCK_MS);
}

static bool always(void *user)
{
	(void)user;
	return true;
}

static void a_stop_ends_the_wait(void **state)
{
	const struct usb_turn turn = {.load = USB_READING, .block = BLOCK};

	(void)state;
	assert_true(take_now(seat[0], USB_READING, 0));
	assert_true(take_now(seat[1], USB_READING, 0));
	assert_false(usb_turn_take(seat[2], &turn, CLOCK_NEVER, always, NULL));
}

static void so_many_boards_leave_the_wire_idle(void **state)
{
	(void)state;
	assert_true(usb_wire_may_idle(seat[0], 2, BOARDS));
	assert_true(usb_wire_may_idle(seat[1], 2, BOARDS));
	assert_false(usb_wire_may_idle(seat[2], 2, BOARDS));
	assert_true(usb_wire_may_idle(seat[1], 2, BOARDS)); /* it is one of them */
	assert_false(usb_wire_may_idle(seat[3], BOARDS, 2));
}

static void a_shared_wire_has_more_patience(void **state)
{
	struct usb_seat *alone = usb_seat_take(wires, "3-1", 3);

	(void)state;
	assert_int_equal(usb_seat_patience(alone), 0);
	assert_true(usb_seat_patience(seat[0]) >= (BOARDS - 1) * 16 * usb_wire_ns(BLOCK));
	usb_seat_leave(alone);
}

static void the_best_of_a_wire_is_everybodys(void **state)
{
	(void)state;
	assert_int_equal(usb_wire_best(seat[0], USB_READING, BLOCK, 0), 0);
	assert_in_range(usb_wire_best(seat[0], USB_READING, BLOCK, 3000000), 2999990, 3000010);
	assert_in_range(usb_wire_best(seat[1], USB_READING, BLOCK, 1500000), 1499990, 1500010);
	assert_in_range(usb_wire_best(seat[0], USB_READING, BLOCK, 3000000), 1499990, 1500010);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_block_needs_what_its_packets_need),
		TEST(two_boards_read_at_a_time),
		TEST(more_boards_write_at_a_time),
		TEST(other_wires_are_not_waited_for),
		TEST(the_bus_above_is_a_bound),
		TEST(the_board_with_most_flash_work_goes_first),
		TEST(a_survey_that_begins_at_once_goes_through),
		TEST(a_board_that_hangs_is_not_waited_for),
		TEST(a_stop_ends_the_wait),
		TEST(so_many_boards_leave_the_wire_idle),
		TEST(a_shared_wire_has_more_patience),
		TEST(the_best_of_a_wire_is_everybodys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
