/* SPDX-License-Identifier: GPL-2.0-or-later */
static const char scan_help[] =
	"h7gang scan --test [--profile FILE] [--scanner DEVICE] [--count N]\n"
	"\n"
	"Shows the bytes that a scanner sends, and which pattern of the profile's `scan` they\n"
	"match. Touches no board.\n"
	"\n"
	"  --test               required\n"
	"  --profile FILE       use the patterns and the layout of this profile\n"
	"  --scanner DEVICE     an input device such as /dev/input/by-id/..., or a serial port;\n"
	"                       without it, the keyboard, or lines of standard input\n"
	"  --count N            end after N scans\n"
	"\n"
	"The key F10, pressed alone, ends it.\n"
	"\n"
	"Exit status: 0 success; 2 usage, profile or scanner.\n";

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli.h"
#include "h7gang/base/clock.h"
#include "h7gang/scanner/scanner.h"
#include "h7gang/ui/keys.h"
#include "h7gang/base/text.h"

#define LOOK_MS 50
#define WHY_SIZE 512

struct test {
	const struct profile *profile; /* NULL: none */
	unsigned count, scans;
	pthread_mutex_t lock; /* a scanner has a thread of its own */
};

static void show_bytes(const char *text)
{
	fputs("  bytes:", stdout);
	for (const unsigned char *at = (const unsigned char *)text; *at; at++)
		printf(" %02x", *at);
	putchar('\n');
}

static void show_match(const struct profile *profile, const char *text)
{
	enum profile_scan_kind kind;
	char found[PROFILE_SCAN_SIZE], shown[4 * PROFILE_SCAN_SIZE], why[200];

	if (!profile)
		return;
	if (profile_scan_read(profile, text, &kind, found, why, sizeof(why)) !=
	    PROFILE_SCAN_MATCHED) {
		printf("  refused: %s\n", why);
		return;
	}
	text_terminal(found, shown, sizeof(shown));
	if (kind == PROFILE_SCAN_SLOT && profile->slots && !profile_slot_find(profile, found))
		printf("  refused: the fixture has no slot %s\n", shown);
	else
		printf("  %s: \"%s\"\n", profile_scan_name(kind), shown);
}

static void show(void *user, const char *text)
{
	struct test *test = user;
	char shown[4 * UI_KEYS_MAX];

	pthread_mutex_lock(&test->lock);
	text_terminal(text, shown, sizeof(shown));
	printf("scan \"%s\"\n", shown);
	show_bytes(text);
	show_match(test->profile, text);
	fflush(stdout);
	test->scans++;
	pthread_mutex_unlock(&test->lock);
}

static void tell(void *user, const char *text)
{
	(void)user;
	cli_say("%s", text);
}

static bool enough(struct test *test)
{
	bool done;

	pthread_mutex_lock(&test->lock);
	done = test->count && test->scans >= test->count;
	pthread_mutex_unlock(&test->lock);
	return done;
}

static void show_press(const struct ui_press *press)
{
	if (press->key == UI_KEY_CHARACTER)
		printf("a key alone: %c\n", press->character);
	else
		printf("a key alone that is no character\n");
	fflush(stdout);
}

/* Hands out complete input. False: F10 was pressed. */
static bool take_keys(struct test *test, struct ui_keys *keys)
{
	struct ui_press press;
	char text[UI_KEYS_MAX];

	for (;;) {
		switch (ui_keys_next(keys, &press, text)) {
		case UI_INPUT_NONE:
			return true;
		case UI_INPUT_PRESS:
			if (press.key == UI_KEY_F10)
				return false;
			show_press(&press);
			break;
		case UI_INPUT_SCAN:
			show(test, text);
			break;
		case UI_INPUT_PIECE:
			printf("a piece of a scan, with a pause in it: scan it again\n");
			break;
		case UI_INPUT_TOO_LONG:
			printf("more than %d bytes without a pause\n", UI_KEYS_MAX - 1);
			break;
		}
	}
}

/* From a terminal, or from a file or pipe until its end. With a scanner only F10 and the end. */
static void read_input(struct test *test, bool scanner)
{
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
	bool open = true, terminal = isatty(STDIN_FILENO);
	struct ui_keys keys = {.f10 = terminal ? ui_keys_f10() : NULL};
	char bytes[512];

	while (!enough(test)) {
		int ready = poll(&in, open ? 1 : 0, LOOK_MS);
		ssize_t got = ready > 0 ? read(STDIN_FILENO, bytes, sizeof(bytes)) : 0;

		if (ready > 0 && got <= 0) {
			open = false;
			if (!scanner) {
				ui_keys_quiet(&keys, CLOCK_NEVER);
				take_keys(test, &keys);
				return;
			}
		} else if (got > 0) {
			ui_keys_feed(&keys, bytes, (size_t)got, clock_now());
		} else {
			ui_keys_quiet(&keys, clock_now());
		}
		if (!take_keys(test, &keys) && terminal)
			return;
	}
}

static enum h7_exit run_test(struct test *test, const struct cli_options *options)
{
	struct scanner_options wanted = {.device = options->scanner,
					 .layout = test->profile ? test->profile->scan.layout
								 : PROFILE_LAYOUT_US,
					 .scan = show,
					 .tell = tell,
					 .user = test};
	struct scanner *scanner = NULL;
	struct termios before, raw;
	bool terminal = tcgetattr(STDIN_FILENO, &before) == 0;
	char why[WHY_SIZE];

	if (options->scanner) {
		scanner = scanner_open(&wanted, why, sizeof(why));
		if (!scanner)
			return cli_usage("scan", "--scanner: %s", why);
	}
	raw = before;
	if (terminal) { /* no key is a signal: a scanner may send each of them */
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
		raw.c_iflag &= ~(tcflag_t)(IXON | ICRNL | INLCR);
		tcsetattr(STDIN_FILENO, TCSANOW, &raw);
		puts("Scan something. F10 ends.");
	}
	read_input(test, scanner != NULL);
	if (terminal)
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
	scanner_close(scanner);
	return H7_EXIT_OK;
}

static enum h7_exit scan(const struct cli_options *options)
{
	struct profile_problems problems = {0};
	struct profile *profile = NULL;
	struct test test = {.count = options->count, .lock = PTHREAD_MUTEX_INITIALIZER};
	enum h7_exit status = H7_EXIT_USAGE;

	if (!options->given[CLI_TEST])
		return cli_usage("scan", "--test is missing");
	if (options->profile)
		profile = cli_profile(options->profile, &problems);
	test.profile = profile;
	if (profile || !options->profile)
		status = run_test(&test, options);
	profile_free(profile);
	profile_problems_free(&problems);
	return status;
}

const struct cli_command cli_scan = {
	.name = "scan",
	.summary = "show what a scanner sends, and what it means",
	.help = scan_help,
	.accepts = CLI_LIST(CLI_PROFILE, CLI_SCANNER, CLI_TEST, CLI_COUNT),
	.any_profile = true,
	.run = scan,
};
