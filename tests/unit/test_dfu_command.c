/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Download groups: erasing, pointing, polling, leaving. */
#include "dfu_script.h"

static struct script t;
static struct dfu_session s;

static int start(void **state)
{
	(void)state;
	script_start(&t, &s);
	return 0;
}

static void block_sizes(void **state)
{
	(void)state;
	static const struct {
		bool functional;
		uint16_t transfer;
		uint32_t word, block;
		bool numbered;
	} rows[] = {
		{true, 1024, 32, 1024, true}, {true, 64, 32, 64, true},
		{true, 4096, 32, 4096, true}, {true, 0, 32, 64, false},
		{true, 8, 32, 64, false},     {true, 65535, 32, 4096, false},
		{true, 1000, 32, 992, false}, {true, 1008, 16, 1008, true},
		{false, 0, 32, 1024, false},  {false, 7, 16, 1024, false},
	};
	struct dfu_limits limits = s.limits;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		t.pipe.descriptors.has_functional = rows[i].functional;
		t.pipe.descriptors.transfer_size = rows[i].transfer;
		limits.flash_word = rows[i].word;
		assert_true(dfu_session_init(&s, &t.pipe, &limits));
		assert_int_equal(s.block, rows[i].block);
		assert_int_equal(s.numbered, rows[i].numbered);
	}
	limits.flash_word = 0;
	assert_false(dfu_session_init(&s, &t.pipe, &limits));
	limits.flash_word = 8192;
	assert_false(dfu_session_init(&s, &t.pipe, &limits));
}

static void commands_go_as_an3156_says(void **state)
{
	(void)state;
	assert_int_equal(dfu_set_pointer(&s, BASE + 0x100), DFU_OK);
	assert_int_equal(t.pointer, BASE + 0x100);
	assert_int_equal(t.log[0].request, DFU_DNLOAD);
	assert_int_equal(t.log[0].value, 0);
	assert_int_equal(t.log[0].length, 5);
	assert_int_equal(t.log[1].request, DFU_GETSTATUS);
	assert_int_equal(t.log[2].request, DFU_GETSTATUS);
	assert_int_equal(t.logged, 3);
	assert_int_equal(t.state, DFU_DNLOAD_IDLE);
	assert_int_equal(dfu_erase_sector(&s, BASE, false), DFU_OK);
	assert_int_equal(t.erases, 1);
	assert_false(s.pointer_known);
	assert_int_equal(dfu_mass_erase(&s), DFU_OK);
	assert_int_equal(t.mass_erases, 1);
	assert_false(t.other_in_flight);
}

static void a_target_that_is_ready_at_once_is_asked_once(void **state)
{
	(void)state;
	t.busy_answers = 0;
	assert_int_equal(dfu_erase_sector(&s, BASE, false), DFU_OK);
	assert_int_equal(script_count(&t, DFU_GETSTATUS), 1);
}

static void poll_times_of_hours_do_not_hang(void **state)
{
	(void)state;
	s.limits.sector_ms = 60000;
	t.poll_ms = 0xffffff;
	t.busy_answers = 3;
	assert_int_equal(dfu_erase_sector(&s, BASE, false), DFU_OK);
	assert_int_equal(script_count(&t, DFU_GETSTATUS), 4);

	script_start(&t, &s);
	s.limits.poll = DFU_POLL_SPEC;
	t.poll_ms = 0xffffff;
	assert_int_equal(dfu_erase_sector(&s, BASE, false), DFU_OK);
	assert_int_equal(script_count(&t, DFU_GETSTATUS), 2);
}

static void poll_times_of_nothing_do_not_spin(void **state)
{
	(void)state;
	for (int spec = 0; spec < 2; spec++) {
		script_start(&t, &s);
		s.limits.poll = spec ? DFU_POLL_SPEC : DFU_POLL_ADAPTIVE;
		t.wedges_on_erase = true;
		assert_int_equal(dfu_erase_sector(&s, BASE, false), DFU_WEDGED);
		assert_in_range(script_count(&t, DFU_GETSTATUS), 2, 20);
	}
}

static void spec_sleeps_what_it_is_told(void **state)
{
	(void)state;
	int64_t before = clock_now();

	script_has_time(&s);
	s.limits.poll = DFU_POLL_SPEC;
	t.poll_ms = 6;
	assert_int_equal(dfu_erase_sector(&s, BASE, false), DFU_OK);
	assert_true(clock_now() - before >= 6 * CLOCK_MS);
	assert_int_equal(script_count(&t, DFU_GETSTATUS), 2);
}

static void a_wedge_is_told_after_the_worst_case_and_left_alone(void **state)
{
	(void)state;
	int64_t before = clock_now();

	t.wedges_on_erase = true;
	t.poll_ms = 1000;
	assert_int_equal(dfu_erase_sector(&s, BASE, false), DFU_WEDGED);
	assert_true(clock_now() - before >= (int64_t)s.limits.sector_ms * CLOCK_MS);
	assert_int_equal(script_count(&t, DFU_CLRSTATUS), 0);
	assert_int_equal(script_count(&t, DFU_ABORT), 0);
	assert_int_equal(script_count(&t, DFU_GETSTATE), 0);
	assert_int_equal(t.state, DFU_DNBUSY);
	assert_int_equal(s.last.state, DFU_DNBUSY);
	assert_int_equal(dfu_unwedge(&s), DFU_OK);
	assert_int_equal(dfu_set_pointer(&s, BASE), DFU_OK);
}

static void early_questions_that_are_not_welcome(void **state)
{
	(void)state;
	static const struct {
		int io, say_state, say_status;
	} rows[] = {
		{DFU_IO_STALL, 0, 0},
		{DFU_IO_ERROR, 0, 0},
		{DFU_IO_OK, SET(DFU_ERROR), SET(DFU_ERR_STALLEDPKT)},
		{DFU_IO_OK, SET(DFU_IDLE), 0},
		{DFU_IO_OK, SET(0x77), 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t before = clock_now();

		script_start(&t, &s);
		script_has_time(&s);
		t.poll_ms = 4;
		t.fault[t.faults++] =
			FAULT(.request = DFU_GETSTATUS, .nth = 2, .io = (enum dfu_io)rows[i].io,
			      .say_state = rows[i].say_state, .say_status = rows[i].say_status);
		assert_int_equal(dfu_erase_sector(&s, BASE, false), DFU_OK);
		assert_true(s.fell_back);
		assert_int_equal(script_count(&t, DFU_GETSTATUS), 3);
		assert_true(clock_now() - before >= 4 * CLOCK_MS);

		/* For good: the next one is not asked early. */
		before = clock_now();
		assert_int_equal(dfu_erase_sector(&s, BASE, false), DFU_OK);
		assert_true(clock_now() - before >= 4 * CLOCK_MS);
	}
}

static void with_spec_the_same_stall_is_a_failure(void **state)
{
	(void)state;
	s.limits.poll = DFU_POLL_SPEC;
	t.poll_ms = 2;
	t.fault[t.faults++] = FAULT(.request = DFU_GETSTATUS, .nth = 2, .io = DFU_IO_STALL);
	assert_int_equal(dfu_erase_sector(&s, BASE, false), DFU_STALLED);
	assert_false(s.fell_back);
	assert_int_equal(t.state, DFU_IDLE);
}

static void a_stall_tells_why(void **state)
{
	(void)state;
	char text[128];

	t.fault[t.faults++] = FAULT(.request = DFU_DNLOAD, .io = DFU_IO_STALL,
				    .state = SET(DFU_ERROR), .status = SET(DFU_ERR_VENDOR));
	assert_int_equal(dfu_erase_sector(&s, BASE, false), DFU_BAD_STATUS);
	assert_int_equal(t.state, DFU_IDLE);
	assert_int_equal(s.last.status, DFU_ERR_VENDOR);
	assert_int_equal(s.last_request, DFU_DNLOAD);
	dfu_describe(&s, DFU_BAD_STATUS, text, sizeof(text));
	assert_string_equal(text, "DNLOAD stalled, dfuERROR, errVENDOR");
	assert_int_equal(script_count(&t, DFU_DNLOAD), 1);
}

static void a_stall_without_a_change_of_state(void **state)
{
	(void)state;
	t.fault[t.faults++] = FAULT(.request = DFU_DNLOAD, .io = DFU_IO_STALL);
	assert_int_equal(dfu_set_pointer(&s, BASE), DFU_STALLED);
	assert_int_equal(t.state, DFU_IDLE);
	assert_int_equal(script_count(&t, DFU_DNLOAD), 1);
	assert_false(s.pointer_known);
}

static void an_error_status_of_the_operation(void **state)
{
	(void)state;
	char text[128];

	t.fault[t.faults++] = FAULT(.request = DFU_GETSTATUS, .state = SET(DFU_ERROR),
				    .status = SET(DFU_ERR_TARGET), .say_state = SET(DFU_ERROR),
				    .say_status = SET(DFU_ERR_TARGET));
	assert_int_equal(dfu_set_pointer(&s, 0x12345678), DFU_BAD_STATUS);
	assert_int_equal(s.last.status, DFU_ERR_TARGET);
	assert_int_equal(t.state, DFU_IDLE);
	dfu_describe(&s, DFU_BAD_STATUS, text, sizeof(text));
	assert_string_equal(text, "DNLOAD refused, dfuERROR, errTARGET");
}

static void every_request_may_fail_in_every_way(void **state)
{
	(void)state;
	static const struct {
		enum dfu_io io;
		enum dfu_result result;
	} rows[] = {
		{DFU_IO_TIMEOUT, DFU_TIMED_OUT}, {DFU_IO_GONE, DFU_GONE},
		{DFU_IO_OVERFLOW, DFU_LONG},     {DFU_IO_ERROR, DFU_BUS_ERROR},
		{DFU_IO_LEAKED, DFU_LEAKED},     {DFU_IO_NOMEM, DFU_NO_MEMORY},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (unsigned nth = 1; nth <= 3; nth++) {
			script_start(&t, &s);
			s.limits.poll = DFU_POLL_SPEC;
			t.fault[t.faults++] = FAULT(.request = ANY, .nth = nth, .times = FOREVER,
						    .io = rows[i].io, .done_anyway = true);
			assert_int_equal(dfu_set_pointer(&s, BASE), rows[i].result);
			assert_false(s.pointer_known);
			assert_int_equal(t.in_flight, 0);
			assert_in_range(t.logged, nth, 40);
		}
	}
}

static void short_answers(void **state)
{
	(void)state;
	for (int actual = 0; actual < 6; actual++) {
		script_start(&t, &s);
		s.limits.poll = DFU_POLL_SPEC;
		t.fault[t.faults++] = FAULT(.request = DFU_GETSTATUS, .actual = SET(actual));
		assert_int_equal(dfu_set_pointer(&s, BASE), DFU_SHORT);
		assert_int_equal(t.state, DFU_IDLE);
	}
	script_start(&t, &s);
	t.fault[t.faults++] = FAULT(.request = DFU_DNLOAD, .actual = SET(3));
	assert_int_equal(dfu_set_pointer(&s, BASE), DFU_SHORT);
	assert_int_equal(t.state, DFU_IDLE);
	assert_int_equal(t.pointer, 0xdeadbeef);
}

static void leaving(void **state)
{
	(void)state;
	t.busy_answers = 1;
	assert_int_equal(dfu_leave(&s, BASE), DFU_OK);
	assert_int_equal(t.log[3].request, DFU_DNLOAD);
	assert_int_equal(t.log[3].length, 0);
	assert_int_not_equal(t.log[3].value, 0);
	assert_int_not_equal(t.log[3].value, 1);
	assert_int_equal(t.state, DFU_MANIFEST);

	/* The part disappears during the request, as after leaving. */
	static const struct {
		enum dfu_io io;
		enum dfu_result result;
	} rows[] = {
		{DFU_IO_GONE, DFU_OK},
		{DFU_IO_TIMEOUT, DFU_OK},
		{DFU_IO_ERROR, DFU_OK},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		script_start(&t, &s);
		t.fault[t.faults++] = FAULT(.request = DFU_GETSTATUS, .nth = 3, .times = FOREVER,
					    .io = rows[i].io);
		assert_int_equal(dfu_leave(&s, BASE), rows[i].result);
	}
}

static void a_refusal_to_leave(void **state)
{
	(void)state;
	t.fault[t.faults++] = FAULT(.request = DFU_DNLOAD, .nth = 2, .io = DFU_IO_STALL,
				    .state = SET(DFU_ERROR), .status = SET(DFU_ERR_VENDOR));
	assert_int_equal(dfu_leave(&s, BASE), DFU_BAD_STATUS);
	assert_int_equal(t.state, DFU_IDLE);

	script_start(&t, &s);
	t.fault[t.faults++] = FAULT(.request = DFU_GETSTATUS, .nth = 3, .state = SET(DFU_IDLE),
				    .say_state = SET(DFU_IDLE));
	assert_int_equal(dfu_leave(&s, BASE), DFU_BAD_STATE);
}

static void read_unprotect(void **state)
{
	static const struct {
		enum dfu_io io;
		enum dfu_result result;
	} rows[] = {
		{DFU_IO_GONE, DFU_GONE},
		{DFU_IO_TIMEOUT, DFU_OK},
		{DFU_IO_ERROR, DFU_OK},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		script_start(&t, &s);
		t.fault[t.faults++] = FAULT(.request = DFU_GETSTATUS, .nth = 1, .times = FOREVER,
					    .io = rows[i].io);
		assert_int_equal(dfu_read_unprotect(&s), rows[i].result);
		assert_int_equal(t.log[0].request, DFU_DNLOAD);
		assert_int_equal(t.log[0].value, 0);
		assert_int_equal(t.log[0].length, 1);
	}
	script_start(&t, &s);
	t.fault[t.faults++] = FAULT(.request = DFU_GETSTATUS, .nth = 1, .state = SET(DFU_ERROR),
				    .status = SET(DFU_ERR_VENDOR), .say_state = SET(DFU_ERROR),
				    .say_status = SET(DFU_ERR_VENDOR));
	assert_int_equal(dfu_read_unprotect(&s), DFU_BAD_STATUS);
}

static unsigned stop_at, stop_asked;

static bool stop_later(void *user)
{
	(void)user;
	return ++stop_asked >= stop_at;
}

static void a_stop_does_not_cut_a_group_before_it_is_started(void **state)
{
	(void)state;
	for (stop_at = 1; stop_at < 6; stop_at++) {
		script_start(&t, &s);
		t.busy_answers = 3;
		t.poll_ms = 1;
		s.stop = stop_later;
		stop_asked = 0;
		if (dfu_erase_sector(&s, BASE, false) == DFU_STOPPED)
			assert_true(t.logged == 0 || t.log[t.logged - 1].request == DFU_GETSTATUS);
		assert_int_equal(t.in_flight, 0);
	}
}

static void the_deadline_ends_a_wait(void **state)
{
	(void)state;
	s.limits.sector_ms = 3600000;
	s.limits.poll = DFU_POLL_SPEC;
	t.wedges_on_erase = true;
	t.poll_ms = 0xffffff;
	s.deadline = clock_after_ms(10);
	assert_int_equal(dfu_erase_sector(&s, BASE, false), DFU_EXPIRED);
	assert_true(clock_now() >= s.deadline);
	unsigned before = t.logged;

	assert_int_equal(dfu_erase_sector(&s, BASE, false), DFU_EXPIRED);
	assert_int_equal(dfu_get_status(&s, 0, NULL), DFU_EXPIRED);
	assert_int_equal(dfu_abort(&s), DFU_EXPIRED);
	assert_int_equal(t.logged, before);
}

static void plain_requests(void **state)
{
	(void)state;
	struct dfu_status status;
	uint8_t value = 0;

	t.poll_ms = 0x123456;
	assert_int_equal(dfu_get_status(&s, 7, &status), DFU_OK);
	assert_int_equal(status.poll_ms, 0x123456);
	assert_int_equal(status.state, DFU_IDLE);
	assert_true(status.known);
	assert_int_equal(dfu_get_state(&s, &value), DFU_OK);
	assert_int_equal(value, DFU_IDLE);
	t.state = DFU_ERROR;
	assert_int_equal(dfu_clear_status(&s), DFU_OK);
	t.state = DFU_DNLOAD_IDLE;
	assert_int_equal(dfu_abort(&s), DFU_OK);
	assert_int_equal(t.state, DFU_IDLE);
	assert_int_equal(script_count(&t, ANY), 4);
	s.pointer_known = true;
	assert_int_equal(dfu_select_alt(&s, 1), DFU_OK);
	assert_false(s.pointer_known);
	assert_int_equal(s.alt, 1);
}

static void describing_never_overruns(void **state)
{
	(void)state;
	char text[200];

	s.last.known = true;
	s.last.state = 200;
	s.last.status = 200;
	for (int result = -1; result <= DFU_NO_MEMORY + 1; result++) {
		for (size_t size = 1; size < 100; size++) {
			memset(text, 'x', sizeof(text));
			dfu_describe(&s, (enum dfu_result)result, text, size);
			assert_true(memchr(text, 0, size) != NULL);
			assert_int_equal(text[size], 'x');
		}
		dfu_describe(&s, (enum dfu_result)result, text, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(block_sizes, start),
		cmocka_unit_test_setup(commands_go_as_an3156_says, start),
		cmocka_unit_test_setup(a_target_that_is_ready_at_once_is_asked_once, start),
		cmocka_unit_test_setup(poll_times_of_hours_do_not_hang, start),
		cmocka_unit_test_setup(poll_times_of_nothing_do_not_spin, start),
		cmocka_unit_test_setup(spec_sleeps_what_it_is_told, start),
		cmocka_unit_test_setup(a_wedge_is_told_after_the_worst_case_and_left_alone, start),
		cmocka_unit_test_setup(early_questions_that_are_not_welcome, start),
		cmocka_unit_test_setup(with_spec_the_same_stall_is_a_failure, start),
		cmocka_unit_test_setup(a_stall_tells_why, start),
		cmocka_unit_test_setup(a_stall_without_a_change_of_state, start),
		cmocka_unit_test_setup(an_error_status_of_the_operation, start),
		cmocka_unit_test_setup(every_request_may_fail_in_every_way, start),
		cmocka_unit_test_setup(short_answers, start),
		cmocka_unit_test_setup(leaving, start),
		cmocka_unit_test_setup(a_refusal_to_leave, start),
		cmocka_unit_test_setup(read_unprotect, start),
		cmocka_unit_test_setup(a_stop_does_not_cut_a_group_before_it_is_started, start),
		cmocka_unit_test_setup(the_deadline_ends_a_wait, start),
		cmocka_unit_test_setup(plain_requests, start),
		cmocka_unit_test_setup(describing_never_overruns, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
