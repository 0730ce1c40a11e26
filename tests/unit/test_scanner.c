/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A serial scanner on a pseudo-terminal, and the characters of an input device's keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <linux/input-event-codes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "h7gang/base/clock.h"
#include "h7gang/scanner/scanner.h"
#include "scanner/keymap.h"
#include "scanner/scan_text.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char scans[10][512];
static unsigned scanned, told;

static void on_scan(void *user, const char *text)
{
	(void)user;
	pthread_mutex_lock(&lock);
	snprintf(scans[scanned++ % 10], 512, "%.511s", text);
	pthread_mutex_unlock(&lock);
}

static void on_tell(void *user, const char *text)
{
	(void)user;
	(void)text;
	pthread_mutex_lock(&lock);
	told++;
	pthread_mutex_unlock(&lock);
}

static bool wait_until(const unsigned *count, unsigned wanted)
{
	int64_t end = clock_after_ms(20000);
	bool there = false;

	while (!there && clock_now() < end) {
		pthread_mutex_lock(&lock);
		there = *count >= wanted;
		pthread_mutex_unlock(&lock);
		clock_sleep_until(clock_after_ms(5));
	}
	return there;
}

static int open_master(char path[64])
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);

	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	assert_int_equal(ptsname_r(master, path, 64), 0);
	return master;
}

static void set_speed(int master, speed_t speed)
{
	struct termios port;

	assert_int_equal(tcgetattr(master, &port), 0);
	assert_int_equal(cfsetspeed(&port, speed), 0);
	assert_int_equal(tcsetattr(master, TCSANOW, &port), 0);
}

static speed_t speed_of(int master)
{
	struct termios port;

	assert_int_equal(tcgetattr(master, &port), 0);
	return cfgetospeed(&port);
}

static void a_serial_scanner_is_read_and_opened_again(void **state)
{
	char folder[] = "/tmp/test_scanner_XXXXXX", link[80], path[64], why[200];
	struct scanner_options options = {.device = link, .scan = on_scan, .tell = on_tell};
	struct scanner *scanner;
	int master = open_master(path);

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(link, sizeof(link), "%s/scanner", folder);
	assert_int_equal(symlink(path, link), 0);
	set_speed(master, B115200);
	scanner = scanner_open(&options, why, sizeof(why));
	assert_non_null(scanner);
	assert_int_equal(write(master, "no end", 6), 6); /* ends by silence */
	assert_true(wait_until(&scanned, 1));
	assert_string_equal(scans[0], "no end");
	assert_int_equal(write(master,
			       "LOT-7\r\nSN1\x1d"
			       "2\t\n",
			       14),
			 14);
	assert_true(wait_until(&scanned, 3));
	assert_string_equal(scans[1], "LOT-7");
	assert_string_equal(scans[2], "SN1\x1d"
				      "2");
	/* It ends its scans, so this is a piece of one, and the rest follows. */
	assert_int_equal(write(master, "123", 3), 3);
	assert_true(wait_until(&told, 1));
	assert_int_equal(write(master, "45\n", 3), 3);
	assert_true(wait_until(&told, 2));
	assert_int_equal(scanned, 3);
	assert_int_equal(write(master, "\x03\x1a\x1c\x13q\n", 6),
			 6); /* no signal, no flow control */
	assert_true(wait_until(&scanned, 4));
	assert_string_equal(scans[3], "\x03\x1a\x1c\x13q");
	for (int i = 0; i < 5000; i++)
		assert_int_equal(write(master, "x", 1), 1);
	assert_int_equal(write(master, "\n", 1), 1);
	assert_true(wait_until(&told, 3)); /* too long */
	assert_int_equal(scanned, 4);
	close(master); /* unplugged */
	assert_true(wait_until(&told, 4));
	unlink(link);
	master = open_master(path);
	assert_int_equal(symlink(path, link), 0);
	assert_true(wait_until(&told, 5)); /* it is back, on a port that was never set */
	assert_int_equal(speed_of(master), B115200);
	assert_int_equal(write(master, "again\n", 6), 6);
	assert_true(wait_until(&scanned, 5));
	assert_string_equal(scans[4], "again");
	scanner_close(scanner);
	close(master);
	unlink(link);
	rmdir(folder);
}

/* A scanner that ends its scans with Tab is one that ends them. */
static void a_pause_before_the_tab_makes_no_number_shorter(void **state)
{
	char path[64], why[200];
	struct scanner_options options = {.device = path, .scan = on_scan, .tell = on_tell};
	struct scanner *scanner;
	int master = open_master(path);

	(void)state;
	scanned = told = 0;
	scanner = scanner_open(&options, why, sizeof(why));
	assert_non_null(scanner);
	assert_int_equal(write(master, "SN1234\t", 7), 7);
	assert_true(wait_until(&scanned, 1));
	assert_string_equal(scans[0], "SN1234");
	assert_int_equal(write(master, "SN56", 4), 4);
	assert_true(wait_until(&told, 1));
	assert_int_equal(write(master, "78\t", 3), 3);
	assert_true(wait_until(&told, 2));
	assert_int_equal(scanned, 1);
	scanner_close(scanner);
	close(master);
}

static void what_is_no_scanner_is_refused(void **state)
{
	struct scanner_options options = {.device = "/dev/null", .scan = on_scan, .tell = on_tell};
	char why[200];

	(void)state;
	assert_null(scanner_open(&options, why, sizeof(why)));
	options.device = "/nonexistent/scanner";
	assert_null(scanner_open(&options, why, sizeof(why)));
	assert_non_null(strstr(why, "No such file"));
}

/* Types keys: '^' before one holds Shift, '~' AltGr, '!' Ctrl. */
static void typed(enum profile_scan_layout layout, const unsigned *codes, const char *holds,
		  const char *wanted)
{
	struct keymap keymap = {.layout = layout};
	struct scan_text text = {.used = 0};

	for (size_t i = 0; holds[i]; i++) {
		unsigned hold = holds[i] == '^'   ? KEY_LEFTSHIFT
				: holds[i] == '~' ? KEY_RIGHTALT
				: holds[i] == '!' ? KEY_LEFTCTRL
						  : KEY_LEFTALT;
		uint32_t c;

		if (holds[i] != '.')
			assert_int_equal(keymap_key(&keymap, hold, 1), KEYMAP_NOTHING);
		c = keymap_key(&keymap, codes[i], 1);
		scan_text_add(&text, c);
		assert_int_equal(keymap_key(&keymap, codes[i], 2), KEYMAP_NOTHING);
		assert_int_equal(keymap_key(&keymap, codes[i], 0), KEYMAP_NOTHING);
		if (holds[i] != '.')
			assert_int_equal(keymap_key(&keymap, hold, 0), KEYMAP_NOTHING);
	}
	assert_true(scan_text_end(&text));
	assert_string_equal(text.bytes, wanted);
}

static void layouts_give_their_characters(void **state)
{
	static const unsigned us[] = {KEY_A, KEY_Y, KEY_Z, KEY_2, KEY_MINUS, KEY_RIGHTBRACE, KEY_C};
	static const unsigned de[] = {KEY_A, KEY_Z, KEY_Y, KEY_7, KEY_SLASH, KEY_Q, KEY_LEFTBRACE};
	static const unsigned fr[] = {KEY_Q, KEY_SEMICOLON, KEY_1, KEY_1, KEY_W, KEY_0, KEY_COMMA};

	(void)state;
	typed(PROFILE_LAYOUT_US, us, "^..^^!!", "Ayz@_\x1d\x03");
	typed(PROFILE_LAYOUT_DE, de, "^..^.~.", "Ayz/-@\xc3\xbc");
	typed(PROFILE_LAYOUT_FR, fr, "^.^...^", "Am1&z\xc3\xa0.");
}

/* Types with Alt held: its digits are the code of a character, not text. */
static uint32_t alt_code(struct keymap *keymap, const char *digits)
{
	static const unsigned keys[] = {KEY_KP0, KEY_KP1, KEY_KP2, KEY_KP3, KEY_KP4,
					KEY_KP5, KEY_KP6, KEY_KP7, KEY_KP8, KEY_KP9};

	assert_int_equal(keymap_key(keymap, KEY_LEFTALT, 1), KEYMAP_NOTHING);
	for (; *digits; digits++) {
		assert_int_equal(keymap_key(keymap, keys[*digits - '0'], 1), KEYMAP_NOTHING);
		assert_int_equal(keymap_key(keymap, keys[*digits - '0'], 0), KEYMAP_NOTHING);
	}
	return keymap_key(keymap, KEY_LEFTALT, 0);
}

static void codes_of_alt_are_characters(void **state)
{
	struct keymap keymap = {.layout = PROFILE_LAYOUT_FR};

	(void)state;
	assert_int_equal(alt_code(&keymap, "029"), 0x1d);
	assert_int_equal(alt_code(&keymap, "29"), 0x1d);
	assert_int_equal(alt_code(&keymap, "083"), 'S');
	assert_int_equal(alt_code(&keymap, "0228"), 0xe4);
	assert_int_equal(alt_code(&keymap, "013"), KEYMAP_END);
	assert_int_equal(alt_code(&keymap, ""), KEYMAP_NOTHING);
	/* Code page 437, and codes without a character. */
	assert_int_equal(alt_code(&keymap, "228"), KEYMAP_NO_CHARACTER);
	assert_int_equal(alt_code(&keymap, "0"), KEYMAP_NO_CHARACTER);
	assert_int_equal(alt_code(&keymap, "0150"), KEYMAP_NO_CHARACTER);
	assert_int_equal(alt_code(&keymap, "04294967326"), KEYMAP_NO_CHARACTER);
	assert_int_equal(keymap_key(&keymap, KEY_KP2, 1), '2'); /* Alt was let go */
	keymap_key(&keymap, KEY_LEFTALT, 1);
	assert_int_equal(keymap_key(&keymap, KEY_A, 1), KEYMAP_NO_CHARACTER);
}

/* How a scanner made for Windows types what a German keyboard has with AltGr. */
static void control_and_alt_are_altgr(void **state)
{
	struct keymap keymap = {.layout = PROFILE_LAYOUT_DE};

	(void)state;
	keymap_key(&keymap, KEY_LEFTCTRL, 1);
	keymap_key(&keymap, KEY_LEFTALT, 1);
	assert_int_equal(keymap_key(&keymap, KEY_Q, 1), '@');
	assert_int_equal(keymap_key(&keymap, KEY_8, 1), '[');
	assert_int_equal(keymap_key(&keymap, KEY_A, 1), KEYMAP_NO_CHARACTER);
	keymap_key(&keymap, KEY_LEFTALT, 0);
	assert_int_equal(keymap_key(&keymap, KEY_A, 1), 1); /* Ctrl-A again */
	keymap_key(&keymap, KEY_LEFTCTRL, 0);
	assert_int_equal(keymap_key(&keymap, KEY_Q, 1), 'q');
}

static void keys_that_are_no_characters_are_seen(void **state)
{
	struct keymap keymap = {.layout = PROFILE_LAYOUT_US};

	(void)state;
	assert_int_equal(keymap_key(&keymap, KEY_F10, 1), KEYMAP_NO_CHARACTER);
	assert_int_equal(keymap_key(&keymap, KEY_ESC, 1), KEYMAP_NO_CHARACTER);
	assert_int_equal(keymap_key(&keymap, KEY_UP, 1), KEYMAP_NO_CHARACTER);
	assert_int_equal(keymap_key(&keymap, KEY_ENTER, 1), KEYMAP_END);
	assert_int_equal(keymap_key(&keymap, KEY_CAPSLOCK, 1), KEYMAP_NOTHING);
	assert_int_equal(keymap_key(&keymap, KEY_B, 1), 'B');
	assert_int_equal(keymap_key(&keymap, KEY_1, 1), '1');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_serial_scanner_is_read_and_opened_again),
		cmocka_unit_test(a_pause_before_the_tab_makes_no_number_shorter),
		cmocka_unit_test(what_is_no_scanner_is_refused),
		cmocka_unit_test(layouts_give_their_characters),
		cmocka_unit_test(codes_of_alt_are_characters),
		cmocka_unit_test(control_and_alt_are_altgr),
		cmocka_unit_test(keys_that_are_no_characters_are_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
