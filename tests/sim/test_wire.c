/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How boards share the wire: translators, a full-speed hub, the bus above them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/fleet/fleet.h"
#include "sim/server/wire.h"

#define BLOCK 1024
#define BLOCK_NS UINT64_C(1500000)
/* USB 2.0 tables 5-2 and 5-9: 16 packets of 77 byte times, 34 for SETUP and status, 19 * 77 a
 * frame.
 */
#define BLOCK_WIRE_NS UINT64_C(865345)

static struct fleet *fleet_of(const char *text)
{
	char path[] = "/tmp/h7gang-wire-XXXXXX", why[256] = "";
	const int fd = mkstemp(path);
	struct fleet *fleet;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	fleet = fleet_load(path, 0, why, sizeof(why));
	unlink(path);
	if (!fleet)
		fail_msg("%s", why);
	return fleet;
}

/* Lets one block for each path start at time 0; returns when the last one is through. */
static uint64_t last_of(const char *text, const char *const *paths, unsigned count)
{
	struct fleet *fleet = fleet_of(text);
	struct wire *wire = wire_new(fleet, count);
	uint64_t now = 0;

	assert_non_null(wire);
	for (unsigned i = 0; i < count; i++)
		wire_begin(wire, i, paths[i], BLOCK, BLOCK_NS, 0);
	for (unsigned i = 0; i < count; i++) {
		unsigned slot = count;

		now = wire_next(wire, &slot);
		assert_true(slot < count);
		wire_end(wire, slot, now);
		assert_false(wire_busy(wire, slot));
	}
	wire_free(wire);
	fleet_free(fleet);
	return now;
}

static void about(uint64_t found, uint64_t expected)
{
	assert_in_range(found, expected - expected / 1000, expected + expected / 1000);
}

#define TARGETS "targets: [{path: 1-1.1}]\n"

static void one_board_has_its_own_speed(void **state)
{
	static const char *const paths[] = {"1-1.1"};

	(void)state;
	assert_int_equal(last_of("hubs: [{path: 1-1, tt: single}]\n" TARGETS, paths, 1), BLOCK_NS);
}

static void a_single_translator_is_shared(void **state)
{
	static const char *const paths[] = {"1-1.1", "1-1.2", "1-1.3", "1-1.4"};

	(void)state;
	about(last_of("hubs: [{path: 1-1, tt: single}]\n" TARGETS, paths, 4), 4 * BLOCK_WIRE_NS);
}

static void a_multi_translator_hub_shares_nothing(void **state)
{
	static const char *const paths[] = {"1-1.1", "1-1.2", "1-1.3", "1-1.4"};

	(void)state;
	assert_int_equal(last_of("hubs: [{path: 1-1, tt: multi}]\n" TARGETS, paths, 4), BLOCK_NS);
}

static void a_full_speed_hub_shares_its_port_of_the_hub_above(void **state)
{
	static const char *const paths[] = {"1-1.1.1", "1-1.1.2", "1-1.1.3", "1-1.2"};

	(void)state;
	about(last_of("hubs: [{path: 1-1, tt: multi}, {path: 1-1.1, speed: full}]\n"
		      "targets: [{path: 1-1.1.1}]\n",
		      paths, 4),
	      3 * BLOCK_WIRE_NS);
}

static void hubs_of_their_own_share_only_the_bus(void **state)
{
	static const char *const paths[] = {"1-1.1", "1-2.1"};

	(void)state;
	assert_int_equal(
		last_of("hubs: [{path: 1-1, tt: single}, {path: 1-2, tt: single}]\n" TARGETS, paths,
			2),
		BLOCK_NS);
}

static void the_bus_above_is_a_bound(void **state)
{
	static const char *const paths[] = {"1-1.1", "1-1.2", "1-1.3", "1-1.4"};

	(void)state;
	/* A bus of 19 packets a frame carries what one wire carries. */
	about(last_of("wire: {upstream: 19}\n" TARGETS, paths, 4), 4 * BLOCK_WIRE_NS);
}

static void small_requests_wait_for_the_translators_buffers(void **state)
{
	struct fleet *fleet = fleet_of("hubs: [{path: 1-1, tt: single}]\n" TARGETS);
	struct wire *wire = wire_new(fleet, 4);
	char path[16];
	unsigned slot;

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "1-1.%u", i + 1);
		wire_begin(wire, i, path, 6, 150000, 0);
	}
	/* Two at a time: four take twice as long as one. */
	assert_int_equal(wire_next(wire, &slot), 300000);
	wire_free(wire);
	fleet_free(fleet);
}

#define SINGLE "hubs: [{path: 1-1, tt: single}]\n"

/* When a block of 1-1.1 is through that starts at 0, beside three others. */
static uint64_t first_of(const char *text)
{
	struct fleet *fleet = fleet_of(text);
	struct wire *wire = wire_new(fleet, 4);
	unsigned slot = 4;
	uint64_t first;
	char path[16];

	assert_non_null(wire);
	for (unsigned i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "1-1.%u", i + 1);
		wire_begin(wire, i, path, BLOCK, BLOCK_NS, 0);
	}
	first = wire_next(wire, &slot);
	assert_int_equal(slot, 0);
	wire_free(wire);
	fleet_free(fleet);
	return first;
}

static void who_came_first_may_be_served_first(void **state)
{
	static const char *const paths[] = {"1-1.1", "1-1.2", "1-1.3", "1-1.4"};

	(void)state;
	about(first_of("wire: {order: shared}\n" SINGLE TARGETS), 4 * BLOCK_WIRE_NS);
	about(first_of("wire: {order: first}\n" SINGLE TARGETS), BLOCK_NS);
	/* The last one is through when it was, but for the gaps of the one that is then alone. */
	assert_in_range(last_of("wire: {order: first}\n" SINGLE TARGETS, paths, 4),
			4 * BLOCK_WIRE_NS, 4 * BLOCK_WIRE_NS + BLOCK_NS);
}

/* One block beside `boards` boards whose flash works. */
static uint64_t beside_polls(const char *text, unsigned boards)
{
	struct fleet *fleet = fleet_of(text);
	struct wire *wire = wire_new(fleet, 8);
	uint64_t busy, alone;
	unsigned slot = 8;
	char path[16];

	assert_non_null(wire);
	for (unsigned i = 1; i <= boards; i++) {
		snprintf(path, sizeof(path), "1-1.%u", i + 1);
		wire_poll(wire, i, path, 0);
		assert_false(wire_busy(wire, i));
	}
	wire_begin(wire, 0, "1-1.1", BLOCK, BLOCK_NS, 0);
	busy = wire_next(wire, &slot);
	assert_int_equal(slot, 0);
	/* Once they have answered, it is alone. */
	for (unsigned i = 0; i <= boards; i++)
		wire_end(wire, i, busy);
	wire_begin(wire, 0, "1-1.1", BLOCK, BLOCK_NS, busy);
	alone = wire_next(wire, &slot) - busy;
	assert_int_equal(alone, BLOCK_NS);
	wire_free(wire);
	fleet_free(fleet);
	return busy;
}

static void polls_that_end_with_nak_cost_what_they_are_said_to(void **state)
{
	(void)state;
	assert_int_equal(beside_polls(SINGLE TARGETS, 7), BLOCK_NS);
	/* 7 x 20 x 8 of 1463 byte times, beside a block that uses 0.577 of the wire. */
	about(beside_polls("wire: {naks: 20}\n" SINGLE TARGETS, 7),
	      (uint64_t)((double)BLOCK_NS * (7 * 20 * 8 / 1463.0 + 0.57690)));
	/* A wire of its own is not disturbed. */
	assert_int_equal(beside_polls("wire: {naks: 20}\n" TARGETS, 7), BLOCK_NS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_board_has_its_own_speed),
		cmocka_unit_test(a_single_translator_is_shared),
		cmocka_unit_test(a_multi_translator_hub_shares_nothing),
		cmocka_unit_test(a_full_speed_hub_shares_its_port_of_the_hub_above),
		cmocka_unit_test(hubs_of_their_own_share_only_the_bus),
		cmocka_unit_test(the_bus_above_is_a_bound),
		cmocka_unit_test(who_came_first_may_be_served_first),
		cmocka_unit_test(polls_that_end_with_nak_cost_what_they_are_said_to),
		cmocka_unit_test(small_requests_wait_for_the_translators_buffers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
