/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sim/fleet/fleet.h"
#include "sim/rom/rom.h"
#include "sim/server/tray.h"

#define SECOND UINT64_C(1000000000)

static const uint8_t getstate[8] = {0xa1, 5, 0, 0, 0, 0, 1, 0};
static const uint8_t getstatus[8] = {0xa1, 3, 0, 0, 0, 0, 6, 0};
static const uint8_t dnload5[8] = {0x21, 1, 0, 0, 0, 0, 5, 0};
static const uint8_t erase[5] = {0x41, 0, 0, 0, 8};

struct bench {
	struct fleet *fleet;
	struct tray *tray;
	/* what has ended, in order */
	unsigned count;
	struct {
		uint64_t tag, at;
		enum tray_status status;
		size_t length;
	} ended[32];
	/* plugs and unplugs */
	unsigned changes;
	bool plugged;
	uint64_t generation;
};

static void done(void *user, uint64_t tag, enum tray_status status, const uint8_t *data,
		 size_t length)
{
	struct bench *bench = user;

	(void)data;
	assert_true(bench->count < 32);
	bench->ended[bench->count].tag = tag;
	bench->ended[bench->count].at = tray_now(bench->tray);
	bench->ended[bench->count].status = status;
	bench->ended[bench->count++].length = length;
}

static void changed(void *user, unsigned target, uint64_t generation, bool plugged)
{
	struct bench *bench = user;

	(void)target;
	bench->changes++;
	bench->plugged = plugged;
	bench->generation = generation;
}

static int begin(void **state)
{
	static struct bench bench;
	char why[128];

	memset(&bench, 0, sizeof(bench));
	bench.fleet = fleet_default(3, why, sizeof(why));
	if (!bench.fleet)
		return -1;
	bench.tray = tray_new(bench.fleet, 0);
	*state = &bench;
	return bench.tray && tray_listen(bench.tray, changed, &bench) ? 0 : -1;
}

static int end(void **state)
{
	struct bench *bench = *state;

	tray_free(bench->tray);
	fleet_free(bench->fleet);
	return 0;
}

static void ask(struct bench *bench, unsigned target, const uint8_t setup[8], uint64_t tag)
{
	tray_submit(bench->tray, target, setup, NULL, 0, done, bench, tag);
}

/* Until nothing is under way. */
static void run_dry(struct bench *bench)
{
	while (tray_next(bench->tray) != TRAY_NEVER)
		tray_run(bench->tray, tray_next(bench->tray));
}

/* Leaves an erase to the next GETSTATUS. */
static void begin_erase(struct bench *bench)
{
	tray_submit(bench->tray, 0, dnload5, erase, sizeof(erase), done, bench, 100);
	run_dry(bench);
	bench->count = 0;
}

static void requests_end_in_order_and_take_time(void **state)
{
	struct bench *bench = *state;

	for (uint64_t tag = 1; tag <= 3; tag++)
		ask(bench, 0, getstate, tag);
	assert_int_equal(bench->count, 0);
	run_dry(bench);
	assert_int_equal(bench->count, 3);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(bench->ended[i].tag, i + 1);
		assert_int_equal(bench->ended[i].status, TRAY_DONE);
		assert_int_equal(bench->ended[i].length, 1);
		assert_true(bench->ended[i].at > (i ? bench->ended[i - 1].at : 0));
	}
	assert_int_equal(bench->ended[2].at, 3 * bench->ended[0].at);
}

static void targets_do_not_wait_for_each_other(void **state)
{
	struct bench *bench = *state;

	begin_erase(bench);
	ask(bench, 0, getstatus, 1);
	ask(bench, 1, getstate, 2);
	run_dry(bench);
	assert_int_equal(bench->ended[0].tag, 2);
	assert_int_equal(bench->ended[1].tag, 1);
	assert_true(bench->ended[1].at - bench->ended[0].at > SECOND / 2);
}

static void a_run_stops_at_its_time(void **state)
{
	struct bench *bench = *state;
	uint64_t next;

	ask(bench, 0, getstate, 1);
	next = tray_next(bench->tray);
	tray_run(bench->tray, next - 1);
	assert_int_equal(bench->count, 0);
	assert_int_equal(tray_now(bench->tray), next - 1);
	tray_run(bench->tray, next);
	assert_int_equal(bench->count, 1);
}

static void a_queued_request_is_cancelled_unexecuted(void **state)
{
	struct bench *bench = *state;
	uint64_t requests;

	begin_erase(bench);
	requests = rom_counters(tray_rom(bench->tray, 0))->requests;
	ask(bench, 0, getstatus, 1);
	ask(bench, 0, getstate, 2);
	assert_true(tray_cancel(bench->tray, bench, 2));
	assert_int_equal(bench->count, 0);
	assert_int_equal(tray_next(bench->tray), tray_now(bench->tray));
	tray_run(bench->tray, tray_now(bench->tray));
	assert_int_equal(bench->count, 1);
	assert_int_equal(bench->ended[0].tag, 2);
	assert_int_equal(bench->ended[0].status, TRAY_CANCELLED);
	run_dry(bench);
	assert_int_equal(rom_counters(tray_rom(bench->tray, 0))->requests, requests + 1);
}

static void a_request_in_service_is_executed_though_cancelled(void **state)
{
	struct bench *bench = *state;
	uint64_t start;

	begin_erase(bench);
	start = tray_now(bench->tray);
	ask(bench, 0, getstatus, 1);
	ask(bench, 0, getstate, 2);
	tray_run(bench->tray, start + SECOND / 10);
	assert_true(tray_cancel(bench->tray, bench, 1));
	assert_false(tray_cancel(bench->tray, bench, 1));
	run_dry(bench);
	assert_int_equal(rom_counters(tray_rom(bench->tray, 0))->sector_erases, 1);
	assert_int_equal(bench->ended[0].status, TRAY_CANCELLED);
	assert_int_equal(bench->ended[0].at, start + SECOND / 10);
	/* The next one waits for what the first has started. */
	assert_int_equal(bench->ended[1].status, TRAY_DONE);
	assert_true(bench->ended[1].at - start > SECOND / 2);
}

static void a_late_cancel_finds_nothing(void **state)
{
	struct bench *bench = *state;

	ask(bench, 0, getstate, 1);
	run_dry(bench);
	assert_false(tray_cancel(bench->tray, bench, 1));
	assert_int_equal(bench->count, 1);
}

static void another_users_request_is_left_alone(void **state)
{
	struct bench *bench = *state;

	ask(bench, 0, getstate, 1);
	assert_false(tray_cancel(bench->tray, &bench->count, 1));
	tray_cancel_user(bench->tray, &bench->count);
	run_dry(bench);
	assert_int_equal(bench->ended[0].status, TRAY_DONE);
}

static void a_user_who_went_hears_no_more(void **state)
{
	struct bench *bench = *state;

	begin_erase(bench);
	ask(bench, 0, getstatus, 1);
	ask(bench, 0, getstate, 2);
	ask(bench, 1, getstate, 3);
	ask(bench, 0, getstate, 4);
	assert_true(tray_cancel(bench->tray, bench, 4));
	tray_cancel_user(bench->tray, bench);
	run_dry(bench);
	assert_int_equal(bench->count, 0);
	assert_int_equal(rom_counters(tray_rom(bench->tray, 0))->sector_erases, 1);
}

static void an_unplug_ends_everything_as_gone(void **state)
{
	struct bench *bench = *state;

	begin_erase(bench);
	ask(bench, 0, getstatus, 1);
	ask(bench, 0, getstate, 2);
	tray_run(bench->tray, tray_now(bench->tray) + SECOND / 10);
	tray_unplug(bench->tray, 0);
	assert_int_equal(bench->count, 2);
	assert_int_equal(bench->ended[0].tag, 1);
	assert_int_equal(bench->ended[0].status, TRAY_GONE);
	assert_int_equal(bench->ended[1].status, TRAY_GONE);
	assert_int_equal(bench->changes, 1);
	assert_false(bench->plugged);
	assert_int_equal(tray_next(bench->tray), TRAY_NEVER);
	ask(bench, 0, getstate, 3);
	assert_int_equal(bench->ended[2].status, TRAY_GONE);
}

static void a_plug_may_be_elsewhere_and_is_a_new_generation(void **state)
{
	struct bench *bench = *state;
	uint64_t before;

	tray_unplug(bench->tray, 0);
	before = bench->generation;
	tray_plug(bench->tray, 0, "2-1.7");
	assert_true(bench->plugged);
	assert_true(bench->generation > before);
	assert_string_equal(tray_path(bench->tray, 0), "2-1.7");
	tray_plug(bench->tray, 0, "2-1.8"); /* it is plugged: nothing happens */
	assert_string_equal(tray_path(bench->tray, 0), "2-1.7");
	assert_int_equal(bench->changes, 2);
	tray_unplug(bench->tray, 0);
	tray_plug(bench->tray, 0, NULL);
	assert_string_equal(tray_path(bench->tray, 0), "2-1.7");
	ask(bench, 0, getstate, 1);
	run_dry(bench);
	assert_int_equal(bench->ended[0].status, TRAY_DONE);
}

static void a_reset_ends_what_is_under_way(void **state)
{
	struct bench *bench = *state;

	ask(bench, 0, getstate, 1);
	ask(bench, 0, getstate, 2);
	tray_bus_reset(bench->tray, 0);
	assert_int_equal(bench->count, 2);
	assert_int_equal(bench->ended[0].status, TRAY_GONE);
	assert_int_equal(rom_counters(tray_rom(bench->tray, 0))->resets, 1);
	assert_int_equal(bench->changes, 0);
}

/* A host is patient with each request in its turn, the time that a deaf target lets it wait
 * included. */
static void patience_is_measured_in_turn(void **state)
{
	struct bench *bench = *state;

	begin_erase(bench);
	tray_run(bench->tray, SECOND);
	ask(bench, 0, getstatus, 1);
	ask(bench, 0, getstate, 2);
	ask(bench, 0, getstate, 3);
	tray_run(bench->tray, SECOND + SECOND / 4);
	assert_true(tray_cancel(bench->tray, bench, 3));
	tray_run(bench->tray, tray_now(bench->tray));
	assert_true(tray_longest(bench->tray, 0) < SECOND / 8);
	assert_true(tray_cancel(bench->tray, bench, 1));
	tray_run(bench->tray, tray_now(bench->tray));
	assert_int_equal(tray_longest(bench->tray, 0), SECOND / 4);
	run_dry(bench);
	assert_int_equal(bench->count, 3);
	assert_int_equal(tray_longest(bench->tray, 0), bench->ended[2].at - SECOND - SECOND / 4);
}

static void who_listens_no_more_is_not_told(void **state)
{
	struct bench *bench = *state;

	tray_unlisten(bench->tray, bench);
	tray_unplug(bench->tray, 0);
	assert_int_equal(bench->changes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(requests_end_in_order_and_take_time, begin, end),
		cmocka_unit_test_setup_teardown(targets_do_not_wait_for_each_other, begin, end),
		cmocka_unit_test_setup_teardown(a_run_stops_at_its_time, begin, end),
		cmocka_unit_test_setup_teardown(a_queued_request_is_cancelled_unexecuted, begin,
						end),
		cmocka_unit_test_setup_teardown(a_request_in_service_is_executed_though_cancelled,
						begin, end),
		cmocka_unit_test_setup_teardown(a_late_cancel_finds_nothing, begin, end),
		cmocka_unit_test_setup_teardown(another_users_request_is_left_alone, begin, end),
		cmocka_unit_test_setup_teardown(a_user_who_went_hears_no_more, begin, end),
		cmocka_unit_test_setup_teardown(an_unplug_ends_everything_as_gone, begin, end),
		cmocka_unit_test_setup_teardown(a_plug_may_be_elsewhere_and_is_a_new_generation,
						begin, end),
		cmocka_unit_test_setup_teardown(a_reset_ends_what_is_under_way, begin, end),
		cmocka_unit_test_setup_teardown(patience_is_measured_in_turn, begin, end),
		cmocka_unit_test_setup_teardown(who_listens_no_more_is_not_told, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
