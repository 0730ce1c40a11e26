/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dfu_script.h"

static struct script t;
static struct dfu_session s;

static void fill(void)
{
	script_start(&t, &s);
	for (size_t i = 0; i < MEMORY; i++)
		t.memory[i] = (uint8_t)(i * 13 + i / 256);
}

static int start(void **state)
{
	(void)state;
	fill();
	return 0;
}

struct got {
	uint32_t next;
	size_t bytes, blocks, enough;
	bool wrong;
};

static bool collect(void *user, uint32_t address, const uint8_t *data, size_t length)
{
	struct got *got = user;

	if (address != got->next || memcmp(data, t.memory + (address - BASE), length) != 0)
		got->wrong = true;
	got->next = address + (uint32_t)length;
	got->bytes += length;
	got->blocks++;
	return !got->enough || got->blocks < got->enough;
}

static void any_length_in_order_with_any_window(void **state)
{
	(void)state;
	static const size_t lengths[] = {2, 3, 63, 64, 65, 66, 127, 128, 129, 1000, 1024, 4097};

	for (unsigned window = 0; window <= DFU_PIPE_SLOTS + 3; window++) {
		for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
			struct got got = {.next = BASE + 96};

			fill();
			s.limits.window = window;
			assert_true(dfu_session_init(&s, &t.pipe, &s.limits));
			assert_int_equal(dfu_read(&s, BASE + 96, lengths[i], collect, &got),
					 DFU_OK);
			assert_false(got.wrong);
			assert_int_equal(got.bytes, lengths[i]);
			assert_int_equal(t.state, DFU_IDLE);
			assert_int_equal(s.last.state, DFU_IDLE);
			assert_int_equal(t.in_flight, 0);
			assert_in_range(t.most_in_flight, 1, s.limits.window);
			assert_false(t.other_in_flight);
			assert_int_equal(t.drains, 0);
		}
	}
}

static void the_window_is_used(void **state)
{
	(void)state;
	struct got got = {.next = BASE};

	assert_int_equal(dfu_read(&s, BASE, 2048, collect, &got), DFU_OK);
	assert_int_equal(t.most_in_flight, 4);
}

static void uploads_are_numbered_and_short_ones_stand_alone(void **state)
{
	(void)state;
	struct got got = {.next = BASE};
	unsigned pointers = 0;
	uint16_t next = 2;

	assert_int_equal(dfu_read(&s, BASE, 64 * 5 + 20, collect, &got), DFU_OK);
	for (unsigned i = 0; i < t.logged; i++) {
		const struct asked *a = &t.log[i];

		if (a->request == DFU_DNLOAD) {
			pointers++;
			next = 2;
		}
		if (a->request != DFU_UPLOAD)
			continue;
		assert_int_equal(a->value, next++);
		assert_true(a->state == DFU_IDLE || a->state == DFU_UPLOAD_IDLE);
		assert_int_equal(a->length, pointers == 1 ? 64 : 20);
	}
	assert_int_equal(pointers, 2);
}

static void the_overhead_of_a_small_read(void **state)
{
	(void)state;
	uint8_t buffer[16];
	size_t got;

	assert_int_equal(dfu_read_into(&s, BASE + 256, buffer, 12, &got), DFU_OK);
	assert_int_equal(got, 12);
	assert_memory_equal(buffer, t.memory + 256, 12);
	/* DNLOAD, GETSTATUS, GETSTATUS, ABORT, UPLOAD, ABORT, GETSTATUS */
	assert_int_equal(t.logged, 7);
}

static void unnumbered_blocks(void **state)
{
	(void)state;
	struct got got = {.next = BASE};

	t.pipe.descriptors.transfer_size = 100;
	assert_true(dfu_session_init(&s, &t.pipe, &s.limits));
	assert_int_equal(dfu_read(&s, BASE, 500, collect, &got), DFU_OK);
	assert_false(got.wrong);
	assert_int_equal(got.bytes, 500);
	for (unsigned i = 0; i < t.logged; i++)
		if (t.log[i].request == DFU_UPLOAD)
			assert_int_equal(t.log[i].value, 2);
}

static void enough_is_enough(void **state)
{
	(void)state;
	for (size_t enough = 1; enough <= 10; enough++) {
		struct got got = {.next = BASE, .enough = enough};

		fill();
		assert_int_equal(dfu_read(&s, BASE, 640, collect, &got), DFU_OK);
		assert_int_equal(got.blocks, enough);
		assert_int_equal(t.state, DFU_IDLE);
		assert_int_equal(t.in_flight, 0);
	}
}

static void blocks_that_are_not_what_was_asked(void **state)
{
	(void)state;
	static const struct {
		struct fault fault;
		enum dfu_result result;
	} rows[] = {
		{{.request = DFU_UPLOAD, .nth = 3, .actual = SET(63)}, DFU_SHORT},
		{{.request = DFU_UPLOAD, .nth = 3, .actual = SET(0)}, DFU_SHORT},
		{{.request = DFU_UPLOAD, .nth = 3, .actual = SET(65)}, DFU_LONG},
		{{.request = DFU_UPLOAD, .nth = 3, .io = DFU_IO_OVERFLOW}, DFU_LONG},
		{{.request = DFU_UPLOAD, .nth = 3, .io = DFU_IO_STALL}, DFU_STALLED},
		{{.request = DFU_UPLOAD,
		  .nth = 3,
		  .io = DFU_IO_STALL,
		  .state = SET(DFU_ERROR),
		  .status = SET(DFU_ERR_VENDOR)},
		 DFU_BAD_STATUS},
		{{.request = DFU_UPLOAD, .nth = 3, .io = DFU_IO_TIMEOUT}, DFU_TIMED_OUT},
		{{.request = DFU_UPLOAD, .nth = 3, .io = DFU_IO_ERROR}, DFU_BUS_ERROR},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct got got = {.next = BASE};

		fill();
		t.fault[t.faults++] = rows[i].fault;
		assert_int_equal(dfu_read(&s, BASE, 640, collect, &got), rows[i].result);
		assert_int_equal(got.bytes, 128);
		assert_false(got.wrong);
		assert_int_equal(t.state, DFU_IDLE);
		assert_int_equal(t.in_flight, 0);
		assert_int_equal(s.last_request, DFU_UPLOAD);
		if (rows[i].result == DFU_BAD_STATUS)
			assert_int_equal(s.last.status, DFU_ERR_VENDOR);
	}
}

static void a_target_that_leaves_in_the_middle(void **state)
{
	(void)state;
	for (unsigned nth = 1; nth <= 16; nth++) {
		struct got got = {.next = BASE};

		fill();
		t.fault[t.faults++] =
			FAULT(.request = ANY, .nth = nth, .times = FOREVER, .io = DFU_IO_GONE);
		assert_int_equal(dfu_read(&s, BASE, 640, collect, &got), DFU_GONE);
		assert_int_equal(t.in_flight, 0);
	}
}

static void too_little_kernel_memory_only_narrows_the_window(void **state)
{
	(void)state;
	for (unsigned most = 1; most <= 4; most++) {
		struct got got = {.next = BASE};

		fill();
		t.most = most;
		assert_int_equal(dfu_read(&s, BASE, 1024, collect, &got), DFU_OK);
		assert_int_equal(got.bytes, 1024);
		assert_false(got.wrong);
		assert_int_equal(t.most_in_flight, most);
	}
}

/* Whichever of those that are held finds no memory: it and those behind it are asked for again. */
static void a_held_block_without_memory_is_asked_for_again(void **state)
{
	(void)state;
	for (unsigned nth = 1; nth < 40; nth++) {
		struct got got = {.next = BASE};

		fill();
		t.starve = nth;
		assert_int_equal(dfu_read(&s, BASE, 64 * 40, collect, &got), DFU_OK);
		assert_false(got.wrong);
		assert_int_equal(got.bytes, 64 * 40);
		assert_int_equal(t.starve, 0);
		assert_int_equal(t.state, DFU_IDLE);
		assert_in_range(t.most_in_flight, 1, s.limits.window);
		assert_false(t.other_in_flight);
	}
}

/* A reading that ends with its first block has not asked for much more than the window. */
static void the_first_blocks_are_looked_at_soon(void **state)
{
	struct got got = {.next = BASE, .enough = 1};
	unsigned uploads = 0;

	(void)state;
	assert_int_equal(dfu_read(&s, BASE, 64 * 60, collect, &got), DFU_OK);
	for (unsigned i = 0; i < t.logged; i++)
		uploads += t.log[i].request == DFU_UPLOAD;
	assert_in_range(uploads, 1, 2 * s.limits.window);
}

static void a_long_read_takes_few_wake_ups(void **state)
{
	struct got got = {.next = BASE};

	(void)state;
	assert_int_equal(dfu_read(&s, BASE, 64 * 60, collect, &got), DFU_OK);
	assert_in_range(t.sleeps, 1, 10);
}

static void the_abort_after_reading_must_work(void **state)
{
	(void)state;
	struct got got = {.next = BASE};

	t.fault[t.faults++] =
		FAULT(.request = DFU_GETSTATUS, .nth = 3, .say_state = SET(DFU_UPLOAD_IDLE));
	assert_int_equal(dfu_read(&s, BASE, 640, collect, &got), DFU_BAD_STATE);
	assert_int_equal(t.state, DFU_IDLE);
	assert_int_equal(got.bytes, 640);
}

static void wrong_calls_send_nothing(void **state)
{
	(void)state;
	struct got got = {0};
	uint8_t buffer[8];
	size_t n = 9;

	assert_int_equal(dfu_read(&s, BASE, 0, collect, &got), DFU_REFUSED);
	assert_int_equal(dfu_read(&s, BASE, 1, collect, &got), DFU_REFUSED);
	assert_int_equal(dfu_read(&s, 0xffffffff, 2, collect, &got), DFU_REFUSED);
	assert_int_equal(dfu_read_block(&s, BASE, buffer, 1, &n), DFU_REFUSED);
	assert_int_equal(n, 0);
	assert_int_equal(dfu_read_block(&s, BASE, buffer, DFU_PIPE_MAX_LENGTH + 1, &n),
			 DFU_REFUSED);
	assert_int_equal(t.logged, 0);
}

static void a_block_in_one_piece(void **state)
{
	(void)state;
	uint8_t buffer[308];
	size_t got;
	unsigned uploads = 0;

	assert_int_equal(dfu_read_block(&s, BASE + 32, buffer, sizeof(buffer), &got), DFU_OK);
	assert_int_equal(got, sizeof(buffer));
	assert_memory_equal(buffer, t.memory + 32, sizeof(buffer));
	for (unsigned i = 0; i < t.logged; i++)
		uploads += t.log[i].request == DFU_UPLOAD;
	assert_int_equal(uploads, 1);
	assert_int_equal(t.state, DFU_IDLE);
}

static unsigned stop_at, stop_asked;

static bool stop_later(void *user)
{
	(void)user;
	return ++stop_asked >= stop_at;
}

static void a_stop_leaves_nothing_queued(void **state)
{
	(void)state;
	for (stop_at = 1; stop_at < 12; stop_at++) {
		struct got got = {.next = BASE};

		fill();
		s.stop = stop_later;
		stop_asked = 0;
		assert_int_equal(dfu_read(&s, BASE, 640, collect, &got), DFU_STOPPED);
		assert_int_equal(t.in_flight, 0);
		assert_false(got.wrong);
		if (t.logged > 3)
			assert_int_equal(t.state, DFU_IDLE);
	}
}

/* Strings: a pipe that serves strings of a hostile target. */
static const uint8_t *string_bytes;
static size_t string_length;
static uint16_t string_language;

static enum dfu_io serve_string(struct dfu_pipe *pipe, unsigned slot, const struct dfu_setup *u,
				const uint8_t *out)
{
	static const uint8_t languages[] = {4, 3, 0x07, 0x04};
	struct script *r = script_of(pipe);

	(void)out;
	assert_int_equal(u->request_type, 0x80);
	assert_int_equal(u->request, 6);
	assert_int_equal(u->value >> 8, 3);
	r->slot[slot].io = DFU_IO_OK;
	r->in_flight++;
	if ((u->value & 0xff) == 0) {
		memcpy(r->slot[slot].data, languages, sizeof(languages));
		r->slot[slot].actual = sizeof(languages);
		return DFU_IO_OK;
	}
	string_language = u->index;
	memcpy(r->slot[slot].data, string_bytes, string_length);
	r->slot[slot].actual = string_length;
	return DFU_IO_OK;
}

static enum dfu_result ask_string(const uint8_t *bytes, size_t length, char *text, size_t size)
{
	string_bytes = bytes;
	string_length = length;
	t.send = serve_string;
	return dfu_string(&s, 4, text, size);
}

static void strings(void **state)
{
	(void)state;
	static const uint8_t plain[] = {8, 3, '@', 0, 'I', 0, 'n', 0};
	static const uint8_t lies_long[] = {200, 3, 'a', 0, 'b', 0};
	static const uint8_t lies_short[] = {4, 3, 'a', 0, 'b', 0};
	static const uint8_t odd[] = {7, 3, 'a', 0, 'b', 0, 'c'};
	static const uint8_t wide[] = {12, 3, 0xe9, 0, 0xac, 0x20, 0x3d, 0xd8, 0x00, 0xde, 'x', 0};
	static const uint8_t bad[] = {12, 3, 0x3d, 0xd8, 'x', 0, 0x00, 0xde, 0x1b, 0, 0x85, 0};
	static const uint8_t half[] = {4, 3, 0x3d, 0xd8};
	static const uint8_t empty[] = {2, 3};
	static const uint8_t wrong_type[] = {4, 2, 'a', 0};
	static const uint8_t stub[] = {2};
	char text[16];

	assert_int_equal(ask_string(plain, sizeof(plain), text, sizeof(text)), DFU_OK);
	assert_string_equal(text, "@In");
	assert_int_equal(string_language, 0x0407);
	assert_int_equal(ask_string(plain, sizeof(plain), text, 3), DFU_OK);
	assert_string_equal(text, "@I");
	assert_int_equal(ask_string(plain, sizeof(plain), text, 1), DFU_OK);
	assert_string_equal(text, "");
	assert_int_equal(ask_string(lies_long, sizeof(lies_long), text, sizeof(text)), DFU_OK);
	assert_string_equal(text, "ab");
	assert_int_equal(ask_string(lies_short, sizeof(lies_short), text, sizeof(text)), DFU_OK);
	assert_string_equal(text, "a");
	assert_int_equal(ask_string(odd, sizeof(odd), text, sizeof(text)), DFU_OK);
	assert_string_equal(text, "ab");
	assert_int_equal(ask_string(wide, sizeof(wide), text, sizeof(text)), DFU_OK);
	assert_string_equal(text, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80x");
	assert_int_equal(ask_string(wide, sizeof(wide), text, 9), DFU_OK);
	assert_string_equal(text, "\xc3\xa9\xe2\x82\xac");
	assert_int_equal(ask_string(bad, sizeof(bad), text, sizeof(text)), DFU_OK);
	assert_string_equal(text, "?x???");
	assert_int_equal(ask_string(half, sizeof(half), text, sizeof(text)), DFU_OK);
	assert_string_equal(text, "?");
	assert_int_equal(ask_string(empty, sizeof(empty), text, sizeof(text)), DFU_OK);
	assert_string_equal(text, "");
	assert_int_not_equal(ask_string(wrong_type, sizeof(wrong_type), text, sizeof(text)),
			     DFU_OK);
	assert_string_equal(text, "");
	assert_int_not_equal(ask_string(stub, sizeof(stub), text, sizeof(text)), DFU_OK);
	assert_int_not_equal(ask_string(stub, 0, text, sizeof(text)), DFU_OK);
	assert_int_not_equal(dfu_string(&s, 0, text, sizeof(text)), DFU_OK);
}

static void a_refused_string_is_empty(void **state)
{
	(void)state;
	char text[16] = "junk";

	assert_int_equal(dfu_string(&s, 4, text, sizeof(text)), DFU_STALLED);
	assert_string_equal(text, "");
	assert_string_equal(dfu_request_name(s.last_request), "GET_DESCRIPTOR");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(any_length_in_order_with_any_window, start),
		cmocka_unit_test_setup(the_window_is_used, start),
		cmocka_unit_test_setup(uploads_are_numbered_and_short_ones_stand_alone, start),
		cmocka_unit_test_setup(the_overhead_of_a_small_read, start),
		cmocka_unit_test_setup(unnumbered_blocks, start),
		cmocka_unit_test_setup(enough_is_enough, start),
		cmocka_unit_test_setup(blocks_that_are_not_what_was_asked, start),
		cmocka_unit_test_setup(a_target_that_leaves_in_the_middle, start),
		cmocka_unit_test_setup(too_little_kernel_memory_only_narrows_the_window, start),
		cmocka_unit_test_setup(a_held_block_without_memory_is_asked_for_again, start),
		cmocka_unit_test_setup(the_first_blocks_are_looked_at_soon, start),
		cmocka_unit_test_setup(a_long_read_takes_few_wake_ups, start),
		cmocka_unit_test_setup(the_abort_after_reading_must_work, start),
		cmocka_unit_test_setup(wrong_calls_send_nothing, start),
		cmocka_unit_test_setup(a_block_in_one_piece, start),
		cmocka_unit_test_setup(a_stop_leaves_nothing_queued, start),
		cmocka_unit_test_setup(strings, start),
		cmocka_unit_test_setup(a_refused_string_is_empty, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
