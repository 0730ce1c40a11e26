/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nothing that a scanner can send is a key: every byte and every escape sequence, in bursts of 2 ms
 * and of 30 ms a key, also where the program reads late. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "h7gang/ui/keys.h"

static struct ui_keys keys;
static int64_t now;
static unsigned presses, scans, pieces, too_long;
static struct ui_press last;
static char text[UI_KEYS_MAX];

static int fresh(void **state)
{
	(void)state;
	keys = (struct ui_keys){.used = 0};
	now = 1000 * CLOCK_MS;
	presses = scans = pieces = too_long = 0;
	text[0] = 0;
	return 0;
}

static void drain(void)
{
	struct ui_press press;

	for (;;) {
		switch (ui_keys_next(&keys, &press, text)) {
		case UI_INPUT_NONE:
			return;
		case UI_INPUT_PRESS:
			presses++;
			last = press;
			break;
		case UI_INPUT_SCAN:
			scans++;
			break;
		case UI_INPUT_PIECE:
			pieces++;
			break;
		case UI_INPUT_TOO_LONG:
			too_long++;
			break;
		}
	}
}

/* The program looks every 50 ms: reads available input, or finds none. */
static void look_until(int64_t end)
{
	for (; now < end; now += 50 * CLOCK_MS) {
		ui_keys_quiet(&keys, now);
		drain();
	}
}

static void feed(const void *bytes, size_t length)
{
	ui_keys_feed(&keys, bytes, length, now);
}

static void pause_ms(int64_t ms)
{
	look_until(now + ms * CLOCK_MS);
}

/* Each byte by itself, `gap` ms after the one before it. */
static void type(const char *bytes, size_t length, int64_t gap)
{
	for (size_t i = 0; i < length; i++) {
		feed(bytes + i, 1);
		now += gap * CLOCK_MS;
		ui_keys_quiet(&keys, now);
		drain();
	}
}

static const char *const sequences[] = {"\033[A",   "\033[B",   "\033[C",    "\033[D",   "\033OP",
					"\033OQ",   "\033[11~", "\033[15~",  "\033[17~", "\033[21~",
					"\033[24~", "\033[[A",  "\033[1;5C", "\033[5~",  "\033[6~",
					"\033[Z",   "\033a",    "\033\033",  "\033[200~"};

static void no_byte_of_a_scan_is_a_key(void **state)
{
	(void)state;
	for (int64_t gap = 2; gap <= 30; gap += 28) {
		for (unsigned byte = 0; byte < 256; byte++) {
			char burst[3] = {'A', (char)byte, '\r'};

			fresh(NULL);
			type(burst, 3, gap);
			pause_ms(300);
			assert_int_equal(presses, 0);
			assert_true(scans >= 1);
			fresh(NULL); /* the byte first */
			burst[0] = (char)byte;
			burst[1] = '7';
			type(burst, 3, gap);
			pause_ms(300);
			assert_int_equal(presses, 0);
		}
	}
}

static void no_escape_sequence_of_a_scan_is_a_key(void **state)
{
	(void)state;
	for (int64_t gap = 2; gap <= 30; gap += 28) {
		for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++) {
			char burst[64];

			fresh(NULL);
			snprintf(burst, sizeof(burst), "q%sq\r", sequences[i]);
			type(burst, strlen(burst), gap);
			pause_ms(300);
			assert_int_equal(presses, 0);
			assert_int_equal(scans, 1);
			fresh(NULL);
			snprintf(burst, sizeof(burst), "%s\r", sequences[i]);
			type(burst, strlen(burst), gap);
			pause_ms(300);
			assert_int_equal(presses, 0);
		}
	}
}

static void a_key_alone_is_a_key(void **state)
{
	static const struct {
		const char *bytes;
		enum ui_key key;
	} cases[] = {
		{"q", UI_KEY_CHARACTER}, {"\033[21~", UI_KEY_F10}, {"\033", UI_KEY_ESCAPE},
		{"\r", UI_KEY_ENTER},    {"\033OA", UI_KEY_UP},    {"\033[6~", UI_KEY_PAGE_DOWN},
		{"\003", UI_KEY_OTHER},  {"\023", UI_KEY_OTHER},   {"\032", UI_KEY_OTHER},
		{"\034", UI_KEY_OTHER},  {"\033OP", UI_KEY_OTHER}, {"\033[[A", UI_KEY_OTHER},
		{"\t", UI_KEY_OTHER},    {"\014", UI_KEY_REDRAW},  {"\303\244", UI_KEY_OTHER}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fresh(state);
		feed(cases[i].bytes, strlen(cases[i].bytes));
		pause_ms(300);
		assert_int_equal(presses, 1);
		assert_int_equal(scans, 0);
		assert_int_equal(last.key, cases[i].key);
	}
}

/* A vt100 has another sequence for F10: the terminal's description counts. */
static void f10_is_what_the_terminal_sends(void **state)
{
	for (int known = 0; known < 2; known++) {
		fresh(state);
		keys.f10 = known ? "\033Ox" : NULL;
		feed("\033Ox", 3);
		pause_ms(300);
		assert_int_equal(presses, 1);
		assert_int_equal(last.key, known ? UI_KEY_F10 : UI_KEY_OTHER);
		feed("\033[21~", 5);
		pause_ms(300);
		assert_int_equal(last.key, UI_KEY_F10);
		feed("\033Ox", 3);
		pause_ms(300);
		assert_int_equal(last.key, known ? UI_KEY_F10 : UI_KEY_OTHER);
	}
}

static void a_key_is_told_only_once_it_is_alone(void **state)
{
	(void)state;
	feed("q", 1);
	look_until(now + 99 * CLOCK_MS);
	assert_int_equal(presses, 0);
	now = (1000 + 101) * CLOCK_MS;
	ui_keys_quiet(&keys, now);
	drain();
	assert_int_equal(presses, 1);
}

/* The program slept 400 ms in the middle of a scan: the rest is read at once. */
static void a_late_program_takes_no_scan_for_a_key(void **state)
{
	(void)state;
	feed("q", 1);
	now += 400 * CLOCK_MS;
	feed("uit\r", 4); /* the input was never seen empty between them */
	pause_ms(300);
	assert_int_equal(presses, 0);
	assert_int_equal(scans, 1);
	assert_string_equal(text, "quit");
}

static void lines_of_a_burst_are_scans(void **state)
{
	(void)state;
	type("LOT-1\rSN 2\t\n\n", 12, 2);
	pause_ms(300);
	assert_int_equal(scans, 2);
	assert_string_equal(text, "SN 2");
	fresh(state);
	type("no end", 6, 30);
	pause_ms(300);
	assert_int_equal(scans, 1);
	assert_string_equal(text, "no end");
}

static void a_held_cursor_key_moves(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++) {
		feed("\033[C", 3);
		now += 30 * CLOCK_MS;
	}
	pause_ms(300);
	assert_int_equal(presses, 5);
	assert_int_equal(scans, 0);
	fresh(state);
	type("qqqqq", 5, 30); /* a held letter is no command */
	pause_ms(300);
	assert_int_equal(presses, 0);
}

static void a_burst_without_end_is_dropped_whole(void **state)
{
	(void)state;
	for (int i = 0; i < 9000; i++)
		type("x", 1, 2);
	type("\rq\r", 3, 2);
	pause_ms(300);
	assert_int_equal(too_long, 1);
	assert_int_equal(presses + scans, 0);
	feed("q", 1);
	pause_ms(300);
	assert_int_equal(presses, 1);
}

static void a_pause_makes_no_number_shorter(void **state)
{
	static const char scan[] = "12345\r";

	(void)state;
	for (size_t cut = 1; cut < sizeof(scan) - 1; cut++) {
		fresh(NULL);
		type("SLOT-A1\r", 8, 2);
		pause_ms(300);
		assert_int_equal(scans, 1);
		type(scan, cut, 2);
		pause_ms(400);
		type(scan + cut, sizeof(scan) - 1 - cut, 2);
		pause_ms(300);
		assert_int_equal(scans, 1);
		assert_true(pieces >= 1 || cut == 1);
		type(scan, sizeof(scan) - 1, 2); /* scanned again */
		pause_ms(300);
		assert_int_equal(scans, 2);
		assert_string_equal(text, "12345");
		fresh(NULL); /* a letter first, of a scanner that is not known yet */
		type(scan, 1, 2);
		pause_ms(400);
		type(scan + 1, sizeof(scan) - 2, 2);
		pause_ms(300);
		assert_int_equal(scans, 0);
	}
}

static void a_scanner_without_ends_is_read(void **state)
{
	(void)state;
	for (unsigned i = 1; i < 4; i++) {
		type("12345", 5, 2);
		pause_ms(300);
		assert_int_equal(scans, i);
		assert_string_equal(text, "12345");
	}
	type("678\r", 4, 2); /* it was set up otherwise, and back */
	pause_ms(300);
	type("12345", 5, 2);
	pause_ms(6000);
	assert_int_equal(scans, 4);
	assert_int_equal(pieces, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(no_byte_of_a_scan_is_a_key, fresh),
		cmocka_unit_test_setup(no_escape_sequence_of_a_scan_is_a_key, fresh),
		cmocka_unit_test_setup(a_key_alone_is_a_key, fresh),
		cmocka_unit_test_setup(f10_is_what_the_terminal_sends, fresh),
		cmocka_unit_test_setup(a_key_is_told_only_once_it_is_alone, fresh),
		cmocka_unit_test_setup(a_late_program_takes_no_scan_for_a_key, fresh),
		cmocka_unit_test_setup(lines_of_a_burst_are_scans, fresh),
		cmocka_unit_test_setup(a_held_cursor_key_moves, fresh),
		cmocka_unit_test_setup(a_pause_makes_no_number_shorter, fresh),
		cmocka_unit_test_setup(a_scanner_without_ends_is_read, fresh),
		cmocka_unit_test_setup(a_burst_without_end_is_dropped_whole, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
