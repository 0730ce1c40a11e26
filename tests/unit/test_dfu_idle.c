/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way back to dfuIDLE, from anything. */
#include "dfu_script.h"

static struct script t;
static struct dfu_session s;

static int start(void **state)
{
	(void)state;
	script_start(&t, &s);
	return 0;
}

static bool sent_to_flash(void)
{
	return t.writes + t.erases + t.mass_erases > 0;
}

static void from_every_state_of_the_standard(void **state)
{
	(void)state;
	static const struct {
		uint8_t state;
		bool was_busy;
	} from[] = {
		{DFU_IDLE, false},          {DFU_DNLOAD_SYNC, true},
		{DFU_DNBUSY, true},         {DFU_DNLOAD_IDLE, true},
		{DFU_MANIFEST_SYNC, false}, {DFU_MANIFEST_WAIT_RESET, false},
		{DFU_UPLOAD_IDLE, false},   {DFU_ERROR, false},
		{DFU_APP_IDLE, false},      {DFU_APP_DETACH, false},
	};

	for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++) {
		bool was_busy = !from[i].was_busy;

		script_start(&t, &s);
		t.state = from[i].state;
		t.busy_left = 3;
		assert_int_equal(dfu_to_idle(&s, 60000, &was_busy), DFU_OK);
		assert_int_equal(t.state, DFU_IDLE);
		assert_int_equal(was_busy, from[i].was_busy);
		assert_int_equal(s.last.state, DFU_IDLE);
		assert_false(s.pointer_known);
	}
}

static void nonsense_states_end_in_bounded_time(void **state)
{
	(void)state;
	for (unsigned value = DFU_ERROR + 1; value < 256; value++) {
		/* It really is in such a state: the strict target stalls ABORT, which mends it. */
		script_start(&t, &s);
		t.state = (uint8_t)value;
		assert_int_equal(dfu_to_idle(&s, 5, NULL), DFU_OK);

		/* GETSTATE alone talks nonsense: GETSTATUS is believed instead. */
		script_start(&t, &s);
		t.state = DFU_UPLOAD_IDLE;
		t.fault[t.faults++] = FAULT(.request = DFU_GETSTATE, .times = FOREVER,
					    .say_state = SET((int)value));
		assert_int_equal(dfu_to_idle(&s, 5, NULL), DFU_OK);
		assert_int_equal(t.state, DFU_IDLE);

		/* It never says anything else. */
		script_start(&t, &s);
		t.fault[t.faults++] = FAULT(.request = DFU_GETSTATE, .times = FOREVER,
					    .say_state = SET((int)value));
		t.fault[t.faults++] = FAULT(.request = DFU_GETSTATUS, .times = FOREVER,
					    .say_state = SET((int)value));
		assert_int_equal(dfu_to_idle(&s, 5, NULL), DFU_STUCK);
		assert_in_range(t.logged, 4, 40);
	}
}

static void a_stored_download_is_dropped_and_not_started(void **state)
{
	(void)state;
	bool was_busy = false;

	t.state = DFU_DNLOAD_SYNC;
	t.pending = true;
	t.stored[0] = 0x41;
	t.stored_length = 1;
	assert_int_equal(dfu_to_idle(&s, 20, &was_busy), DFU_OK);
	assert_true(was_busy);
	assert_false(sent_to_flash());
	assert_int_equal(t.log[0].request, DFU_GETSTATE);
	assert_int_equal(t.log[1].request, DFU_ABORT);
}

static void without_getstate_getstatus_tells(void **state)
{
	(void)state;
	for (unsigned value = 0; value <= DFU_ERROR; value++) {
		script_start(&t, &s);
		t.no_getstate = true;
		t.state = (uint8_t)value;
		assert_int_equal(dfu_to_idle(&s, 10, NULL), DFU_OK);
		assert_int_equal(t.state, DFU_IDLE);
	}
}

static void a_strict_rom_and_one_that_needs_two_clears(void **state)
{
	(void)state;
	for (unsigned value = 0; value <= DFU_ERROR; value++) {
		script_start(&t, &s);
		t.strict_clear = true;
		t.clears_needed = 2;
		t.state = (uint8_t)value;
		t.status = value == DFU_ERROR ? DFU_ERR_VENDOR : DFU_STATUS_OK;
		assert_int_equal(dfu_to_idle(&s, 10, NULL), DFU_OK);
		assert_int_equal(t.state, DFU_IDLE);
	}
}

static void a_wedged_erase_gets_its_time_and_then_the_pair(void **state)
{
	(void)state;
	bool was_busy = false;
	int64_t before = clock_now();
	unsigned clears = 0;

	t.state = DFU_DNBUSY;
	t.wedged = true;
	assert_int_equal(dfu_to_idle(&s, 15, &was_busy), DFU_OK);
	assert_true(was_busy);
	assert_true(clock_now() - before >= 15 * CLOCK_MS);
	for (unsigned i = 0; i < t.logged; i++)
		clears += t.log[i].request == DFU_CLRSTATUS;
	assert_int_equal(clears, 2);
}

static void a_latched_stall_is_given_up(void **state)
{
	(void)state;
	t.state = DFU_ERROR;
	t.fault[t.faults++] = FAULT(.request = ANY, .times = FOREVER, .io = DFU_IO_STALL);
	assert_int_equal(dfu_to_idle(&s, 10, NULL), DFU_STUCK);
	assert_in_range(t.logged, 4, 40);
	bool alt = false;

	for (unsigned i = 0; i < t.logged; i++)
		alt |= t.log[i].set_alt;
	assert_true(alt);
}

static void silence_is_given_up_soon(void **state)
{
	(void)state;
	t.fault[t.faults++] = FAULT(.request = ANY, .times = FOREVER, .io = DFU_IO_TIMEOUT);
	assert_int_equal(dfu_to_idle(&s, 10, NULL), DFU_STUCK);
	assert_in_range(t.logged, 1, 4);
}

static void a_target_that_leaves_is_gone(void **state)
{
	(void)state;
	for (unsigned nth = 1; nth < 4; nth++) {
		script_start(&t, &s);
		t.state = DFU_ERROR;
		t.fault[t.faults++] =
			FAULT(.request = ANY, .nth = nth, .times = FOREVER, .io = DFU_IO_GONE);
		assert_int_equal(dfu_to_idle(&s, 10, NULL), DFU_GONE);
		assert_int_equal(t.logged, nth);
	}
}

static bool always(void *user)
{
	++*(unsigned *)user;
	return true;
}

static void a_stop_and_a_deadline_are_heeded(void **state)
{
	(void)state;
	unsigned asked = 0;

	s.stop = always;
	s.stop_user = &asked;
	assert_int_equal(dfu_to_idle(&s, 10, NULL), DFU_STOPPED);
	assert_int_equal(asked, 1);
	s.stop = NULL;
	s.deadline = clock_now();
	assert_int_equal(dfu_to_idle(&s, 10, NULL), DFU_EXPIRED);
	assert_int_equal(t.logged, 0);

	/* A wedge with hours allowed still ends at the deadline. */
	script_start(&t, &s);
	t.state = DFU_DNBUSY;
	t.wedged = true;
	s.deadline = clock_after_ms(10);
	assert_int_equal(dfu_to_idle(&s, 3600000, NULL), DFU_EXPIRED);
}

static void unwedging(void **state)
{
	(void)state;
	t.state = DFU_DNBUSY;
	t.wedged = true;
	s.pointer_known = true;
	assert_int_equal(dfu_unwedge(&s), DFU_OK);
	assert_int_equal(t.state, DFU_IDLE);
	assert_false(s.pointer_known);

	script_start(&t, &s);
	t.state = DFU_DNBUSY;
	t.wedged = true;
	t.clears_needed = 3;
	assert_int_equal(dfu_unwedge(&s), DFU_BAD_STATE);
	assert_int_equal(s.last.status, DFU_ERR_UNKNOWN);

	script_start(&t, &s);
	t.fault[t.faults++] = FAULT(.request = DFU_CLRSTATUS, .io = DFU_IO_STALL);
	assert_int_equal(dfu_unwedge(&s), DFU_STALLED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(from_every_state_of_the_standard, start),
		cmocka_unit_test_setup(nonsense_states_end_in_bounded_time, start),
		cmocka_unit_test_setup(a_stored_download_is_dropped_and_not_started, start),
		cmocka_unit_test_setup(without_getstate_getstatus_tells, start),
		cmocka_unit_test_setup(a_strict_rom_and_one_that_needs_two_clears, start),
		cmocka_unit_test_setup(a_wedged_erase_gets_its_time_and_then_the_pair, start),
		cmocka_unit_test_setup(a_latched_stall_is_given_up, start),
		cmocka_unit_test_setup(silence_is_given_up_soon, start),
		cmocka_unit_test_setup(a_target_that_leaves_is_gone, start),
		cmocka_unit_test_setup(a_stop_and_a_deadline_are_heeded, start),
		cmocka_unit_test_setup(unwedging, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
