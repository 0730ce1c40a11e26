/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dfu_script.h"

static struct script t;
static struct dfu_session s;
static uint8_t data[4096];

static int start(void **state)
{
	(void)state;
	script_start(&t, &s);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 + i / 256);
	return 0;
}

/* Every data DNLOAD in the log: never wValue 0 or 1, in an idle state, short ones as 2 right after
 * a set-pointer. */
static void check_log(void)
{
	unsigned last_pointer = UINT32_MAX;

	for (unsigned i = 0; i < t.logged; i++) {
		const struct asked *a = &t.log[i];

		if (a->request != DFU_DNLOAD)
			continue;
		assert_true(a->state == DFU_IDLE || a->state == DFU_DNLOAD_IDLE);
		if (a->value == 0) {
			assert_int_equal(a->length, 5);
			last_pointer = i;
			continue;
		}
		assert_in_range(a->value, 2, 65535);
		assert_int_equal(a->length % s.limits.flash_word, 0);
		if (a->length != t.pipe.descriptors.transfer_size) {
			assert_int_equal(a->value, 2);
			assert_int_equal(i - last_pointer, 3);
		}
	}
	assert_false(t.other_in_flight);
	assert_in_range(t.most_in_flight, 0, 1);
}

static void blocks_are_numbered_from_the_pointer(void **state)
{
	(void)state;
	size_t done = 0;
	unsigned value = 2;

	assert_int_equal(dfu_write(&s, BASE + 128, data, 640, &done), DFU_OK);
	assert_int_equal(done, 640);
	assert_memory_equal(t.memory + 128, data, 640);
	assert_int_equal(t.writes, 10);
	assert_int_equal(t.memory[127], 0xff);
	assert_int_equal(t.memory[768], 0xff);
	check_log();
	for (unsigned i = 0; i < t.logged; i++)
		if (t.log[i].request == DFU_DNLOAD && t.log[i].value != 0)
			assert_int_equal(t.log[i].value, value++);
	assert_int_equal(t.pointer, BASE + 128);
}

static void a_short_tail_is_padded_and_gets_its_own_pointer(void **state)
{
	(void)state;
	static const size_t lengths[] = {1, 31, 32, 33, 63, 64, 65, 127, 129};

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		size_t n = lengths[i], done = 0;
		size_t whole = (n + 31) / 32 * 32;

		script_start(&t, &s);
		memset(t.memory, 0x11, sizeof(t.memory));
		assert_int_equal(dfu_write(&s, BASE + 64, data, n, &done), DFU_OK);
		assert_int_equal(done, n);
		assert_memory_equal(t.memory + 64, data, n);
		for (size_t at = n; at < whole; at++)
			assert_int_equal(t.memory[64 + at], 0xff);
		assert_int_equal(t.memory[64 + whole], 0x11);
		check_log();
	}
}

static void erased_blocks_are_not_sent_and_the_rest_stays_in_its_place(void **state)
{
	(void)state;
	size_t done = 0;

	memset(data + 64, 0xff, 128);
	memset(data + 320, 0xff, 64);
	data[383] = 0xfe; /* one bit is not nothing */
	memset(data + 576, 0xff, 64);
	assert_int_equal(dfu_write(&s, BASE, data, 640, &done), DFU_OK);
	assert_int_equal(done, 640);
	assert_memory_equal(t.memory, data, 640);
	assert_int_equal(t.writes, 7);
	check_log();

	/* Nothing at all: not even a pointer. */
	script_start(&t, &s);
	memset(data, 0xff, 640);
	assert_int_equal(dfu_write(&s, BASE, data, 640, &done), DFU_OK);
	assert_int_equal(done, 640);
	assert_int_equal(t.logged, 0);
	assert_int_equal(dfu_write(&s, BASE, data, 0, &done), DFU_OK);
	assert_int_equal(done, 0);
}

static void blocks_of_another_size_are_never_numbered(void **state)
{
	(void)state;
	t.pipe.descriptors.transfer_size = 100; /* no multiple of a flash word: 96 is sent */
	assert_true(dfu_session_init(&s, &t.pipe, &s.limits));
	assert_int_equal(s.block, 96);
	assert_int_equal(dfu_write(&s, BASE, data, 500, NULL), DFU_OK);
	assert_memory_equal(t.memory, data, 500);
	check_log();
	for (unsigned i = 0; i < t.logged; i++)
		if (t.log[i].request == DFU_DNLOAD)
			assert_true(t.log[i].value == 0 || t.log[i].value == 2);
}

/* 64-byte blocks run out of numbers after 4 MiB: the pointer is set anew, never wrapped. */
static enum dfu_io swallow(struct dfu_pipe *pipe, unsigned slot, const struct dfu_setup *u,
			   const uint8_t *out)
{
	struct script *r = script_of(pipe);

	if (u->request == DFU_DNLOAD && u->value != 0) {
		uint32_t at = r->pointer + (uint32_t)(u->value - 2) * 64;
		uint32_t told;

		assert_in_range(u->value, 2, 65535);
		memcpy(&told, out, 4);
		assert_int_equal(at, told);
		r->writes++;
		r->state = DFU_DNLOAD_SYNC;
		r->pending = false;
		r->slot[slot].io = DFU_IO_OK;
		r->slot[slot].actual = u->length;
		r->in_flight++;
		return DFU_IO_OK;
	}
	r->logged = 0;
	return script_send(pipe, slot, u, out);
}

static void numbers_do_not_wrap(void **state)
{
	(void)state;
	const uint32_t blocks = 65534 + 3;
	uint8_t *big = test_malloc((size_t)blocks * 64);

	memset(big, 0, (size_t)blocks * 64);
	for (uint32_t i = 0; i < blocks; i++) {
		uint32_t at = BASE + i * 64;

		memcpy(big + (size_t)i * 64, &at, 4);
	}
	t.send = swallow;
	assert_int_equal(dfu_write(&s, BASE, big, (size_t)blocks * 64, NULL), DFU_OK);
	assert_int_equal(t.writes, blocks);
	assert_int_equal(t.pointer, BASE + 65534 * 64);
	test_free(big);
}

static void wrong_calls_send_nothing(void **state)
{
	(void)state;
	size_t done = 7;

	assert_int_equal(dfu_write(&s, BASE + 16, data, 64, &done), DFU_REFUSED);
	assert_int_equal(done, 0);
	assert_int_equal(dfu_write(&s, 0xffffffe0, data, 64, NULL), DFU_REFUSED);
	assert_int_equal(t.logged, 0);
}

/* After any failure of a block: it is never sent twice, `done` ends before it, the target is idle
 * and the next write sets its pointer again. */
static void no_block_is_sent_again(void **state)
{
	(void)state;
	static const struct fault faults[] = {
		{.request = DFU_DNLOAD, .nth = 4, .io = DFU_IO_STALL},
		{.request = DFU_DNLOAD,
		 .nth = 4,
		 .io = DFU_IO_STALL,
		 .state = SET(DFU_ERROR),
		 .status = SET(DFU_ERR_VENDOR)},
		{.request = DFU_DNLOAD, .nth = 4, .io = DFU_IO_STALL, .done_anyway = true},
		{.request = DFU_DNLOAD, .nth = 4, .io = DFU_IO_TIMEOUT},
		{.request = DFU_DNLOAD, .nth = 4, .io = DFU_IO_TIMEOUT, .done_anyway = true},
		{.request = DFU_DNLOAD, .nth = 4, .io = DFU_IO_ERROR, .done_anyway = true},
		{.request = DFU_DNLOAD, .nth = 4, .actual = SET(32)},
		{.request = DFU_GETSTATUS, .nth = 7, .io = DFU_IO_STALL},
		{.request = DFU_GETSTATUS, .nth = 7, .say_state = SET(DFU_IDLE)},
		{.request = DFU_GETSTATUS, .nth = 7, .say_state = SET(99)},
		{.request = DFU_GETSTATUS, .nth = 7, .say_status = SET(DFU_ERR_PROG)},
		{.request = DFU_GETSTATUS, .nth = 7, .actual = SET(5)},
		/* The last answer of the group: a status read early is read again. */
		{.request = DFU_GETSTATUS, .nth = 8, .times = 2, .io = DFU_IO_STALL},
		{.request = DFU_GETSTATUS, .nth = 8, .times = 2, .io = DFU_IO_ERROR},
		{.request = DFU_GETSTATUS, .nth = 8, .io = DFU_IO_TIMEOUT},
		{.request = DFU_GETSTATUS, .nth = 8, .times = 2, .say_state = SET(DFU_IDLE)},
		{.request = DFU_GETSTATUS, .nth = 8, .times = 2, .say_state = SET(DFU_UPLOAD_IDLE)},
		{.request = DFU_GETSTATUS, .nth = 8, .times = 2, .say_state = SET(99)},
		{.request = DFU_GETSTATUS, .nth = 8, .say_status = SET(DFU_ERR_PROG)},
		{.request = DFU_GETSTATUS, .nth = 8, .times = 2, .actual = SET(5)},
		{.request = DFU_GETSTATUS, .nth = 8, .times = 2, .actual = SET(0)},
	};

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		size_t done = 999;
		unsigned data_blocks = 0;

		script_start(&t, &s);
		t.fault[t.faults++] = faults[i];
		assert_int_not_equal(dfu_write(&s, BASE, data, 640, &done), DFU_OK);
		assert_int_equal(done, 128);
		assert_int_equal(t.state, DFU_IDLE);
		assert_false(s.pointer_known);
		assert_int_equal(t.in_flight, 0);
		for (unsigned j = 0; j < t.logged; j++)
			data_blocks += t.log[j].request == DFU_DNLOAD && t.log[j].value != 0;
		assert_int_equal(data_blocks, 3);

		t.logged = 0;
		assert_int_equal(dfu_write(&s, BASE + 1024, data, 128, &done), DFU_OK);
		assert_int_equal(t.log[0].value, 0);
		assert_memory_equal(t.memory + 1024, data, 128);
	}
}

/* With `ready`, the first answer after a block is dfuDNLOAD-IDLE. */
static void blocks_follow_each_other_without_a_wake_up(void **state)
{
	(void)state;
	for (int ready = 0; ready < 2; ready++) {
		size_t done = 0;

		script_start(&t, &s);
		t.busy_answers = ready ? 0 : 1;
		assert_int_equal(dfu_write(&s, BASE, data, 2560, &done), DFU_OK);
		assert_int_equal(done, 2560);
		assert_memory_equal(t.memory, data, 2560);
		assert_int_equal(t.writes, 40);
		/* No unnecessary request, and few prepared transfers are dropped. */
		assert_int_equal(script_count(&t, DFU_DNLOAD), 1 + 40);
		assert_int_equal(script_count(&t, DFU_GETSTATUS), (ready ? 1 : 2) * (1 + 40));
		assert_in_range(t.unsent, 0, ready ? DFU_PIPE_SLOTS : 0);
		assert_in_range(t.sleeps, 1, 1 + 40 / 2);
		check_log();
	}
}

/* Once it has to be asked a third time, the blocks behind it are queued anew. */
static void a_slow_block_among_others(void **state)
{
	(void)state;
	s.limits.write_ms = 60000;
	t.fault[t.faults++] = FAULT(.request = DFU_GETSTATUS, .nth = 10, .times = 3,
				    .say_state = SET(DFU_DNBUSY));
	assert_int_equal(dfu_write(&s, BASE, data, 640, NULL), DFU_OK);
	assert_memory_equal(t.memory, data, 640);
	assert_int_equal(t.writes, 10);
	assert_int_equal(script_count(&t, DFU_GETSTATUS), 2 * 11 + 3);
	assert_int_not_equal(t.unsent, 0);
	check_log();
}

static enum dfu_io tell_once(struct dfu_pipe *pipe, unsigned slot, const struct dfu_setup *u,
			     const uint8_t *out)
{
	struct script *r = script_of(pipe);
	enum dfu_io io = script_send(pipe, slot, u, out);

	/* The one answer before the refusal; waiting so long for every block would take long. */
	r->poll_ms = script_count(r, DFU_GETSTATUS) == 6 ? 500 : 1;
	return io;
}

static void an_early_question_refused_in_the_middle(void **state)
{
	(void)state;
	t.send = tell_once;
	t.fault[t.faults++] = FAULT(.request = DFU_GETSTATUS, .nth = 8, .io = DFU_IO_STALL);
	assert_int_equal(dfu_write(&s, BASE, data, 640, NULL), DFU_OK);
	assert_true(s.fell_back);
	assert_memory_equal(t.memory, data, 640);
	assert_int_equal(t.writes, 10);
	check_log();
}

/* The answer that names the operation's failure is no refusal to be asked. */
static void a_failed_block_is_not_asked_about_again(void **state)
{
	(void)state;
	t.poll_ms = 60000;
	t.fault[t.faults++] = FAULT(.request = DFU_GETSTATUS, .nth = 8, .state = SET(DFU_ERROR),
				    .status = SET(DFU_ERR_PROG), .say_state = SET(DFU_ERROR),
				    .say_status = SET(DFU_ERR_PROG));
	assert_int_equal(dfu_write(&s, BASE, data, 640, NULL), DFU_BAD_STATUS);
	assert_int_equal(s.last.status, DFU_ERR_PROG);
	assert_false(s.fell_back);
	assert_int_equal(t.writes, 3);
}

/* The attempt's time is over while a block is written: transfers held behind it are not sent. */
static enum dfu_io dawdle(struct dfu_pipe *pipe, unsigned slot, const struct dfu_setup *u,
			  const uint8_t *out)
{
	if (u->request == DFU_DNLOAD && u->value == 4)
		t.late = true;
	return script_send(pipe, slot, u, out);
}

static void nothing_is_sent_after_the_deadline(void **state)
{
	(void)state;
	size_t done = 0;

	t.send = dawdle;
	s.deadline = clock_after_ms(60000);
	assert_int_equal(dfu_write(&s, BASE, data, 640, &done), DFU_EXPIRED);
	assert_int_equal(done, 128);
	assert_int_equal(t.log[t.logged - 1].request, DFU_DNLOAD);
	assert_int_equal(t.log[t.logged - 1].value, 4);
	assert_int_equal(t.in_flight, 0);
}

static unsigned stop_at, stop_asked;

static bool stop_later(void *user)
{
	(void)user;
	return ++stop_asked >= stop_at;
}

static void a_stop_ends_between_blocks(void **state)
{
	(void)state;
	for (stop_at = 1; stop_at < 12; stop_at++) {
		size_t done = 0;

		script_start(&t, &s);
		s.stop = stop_later;
		stop_asked = 0;
		assert_int_equal(dfu_write(&s, BASE, data, 640, &done), DFU_STOPPED);
		assert_int_equal(done % 64, 0);
		assert_memory_equal(t.memory, data, done);
		assert_int_equal(t.in_flight, 0);
		assert_int_not_equal(t.state, DFU_DNLOAD_SYNC);
		check_log();
	}
}

static void a_busy_write_is_waited_for(void **state)
{
	(void)state;
	s.limits.write_ms = 60000;
	t.busy_answers = 3;
	t.poll_ms = 1;
	assert_int_equal(dfu_write(&s, BASE, data, 128, NULL), DFU_OK);
	s.limits.poll = DFU_POLL_SPEC;
	assert_int_equal(dfu_write(&s, BASE + 128, data, 128, NULL), DFU_OK);
	assert_memory_equal(t.memory + 128, data, 128);
	assert_false(s.fell_back);
}

/* Option bytes lie at 0x5200201C: no multiple of a flash word. */
static void one_block_anywhere(void **state)
{
	(void)state;
	assert_int_equal(dfu_write_block(&s, BASE + 28, data, 40), DFU_OK);
	assert_memory_equal(t.memory + 28, data, 40);
	assert_int_equal(t.writes, 1);
	assert_int_equal(dfu_write_block(&s, BASE, data, 0), DFU_REFUSED);
	assert_int_equal(dfu_write_block(&s, BASE, data, s.block + 1), DFU_REFUSED);
	assert_int_equal(t.writes, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(blocks_are_numbered_from_the_pointer, start),
		cmocka_unit_test_setup(a_short_tail_is_padded_and_gets_its_own_pointer, start),
		cmocka_unit_test_setup(erased_blocks_are_not_sent_and_the_rest_stays_in_its_place,
				       start),
		cmocka_unit_test_setup(blocks_of_another_size_are_never_numbered, start),
		cmocka_unit_test_setup(numbers_do_not_wrap, start),
		cmocka_unit_test_setup(wrong_calls_send_nothing, start),
		cmocka_unit_test_setup(no_block_is_sent_again, start),
		cmocka_unit_test_setup(blocks_follow_each_other_without_a_wake_up, start),
		cmocka_unit_test_setup(a_slow_block_among_others, start),
		cmocka_unit_test_setup(an_early_question_refused_in_the_middle, start),
		cmocka_unit_test_setup(a_failed_block_is_not_asked_about_again, start),
		cmocka_unit_test_setup(nothing_is_sent_after_the_deadline, start),
		cmocka_unit_test_setup(a_stop_ends_between_blocks, start),
		cmocka_unit_test_setup(a_busy_write_is_waited_for, start),
		cmocka_unit_test_setup(one_block_anywhere, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
