/* SPDX-License-Identifier: GPL-2.0-or-later */
static const char help_text[] =
	"h7gang slots --learn [--output FILE] [--count N] [--wait S]\n"
	"\n"
	"Writes the slots: list of a profile. Begin with an empty fixture: a board that is in a "
	"slot\n"
	"at the start is ignored until you take it out and insert it again. Insert a board in\n"
	"bootloader mode into each slot in turn. Each new port becomes the next slot: S1, S2 and\n"
	"so on. Learning ends when you press Enter. Ports are written in their boot-stable form\n"
	"if udev provides one. An existing file is not replaced.\n"
	"\n"
	"  --learn        required\n"
	"  --output FILE  a new file for the list; default: standard output\n"
	"  --count N      also end after N slots\n"
	"  --wait S       also end when no new board appears for S seconds; default: no limit.\n"
	"                 Without a terminal, --count or --wait is needed.\n"
	"\n"
	"Exit status: 0 success; 2 usage; 3 no slot, or fewer than N; 5 internal error.\n";

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "file.h"
#include "h7gang/base/clock.h"
#include "h7gang/usb/bus.h"

#define LOOK_MS 100
#define RESCAN_MS 2000
#define SEEN_MAX 1024

struct lesson {
	struct usb_bus *bus;
	struct usb_seen *seen; /* SEEN_MAX: the devices that a look finds */
	struct usb_seen slot[PROFILE_SLOTS_MAX];
	unsigned slots;
	struct usb_seen early[PROFILE_SLOTS_MAX]; /* on the bus before the first question; they were
						     not inserted in answer to one */
	unsigned earlies;
};

static void ignore(void *user, enum usb_change change, const struct usb_seen *seen)
{
	(void)user;
	(void)change;
	(void)seen;
}

static bool same(const struct usb_seen *a, const struct usb_seen *b)
{
	return strcmp(a->path, b->path) == 0 && a->bus == b->bus && a->address == b->address;
}

static bool known(const struct lesson *lesson, const struct usb_seen *seen)
{
	for (unsigned i = 0; i < lesson->earlies; i++)
		if (same(&lesson->early[i], seen))
			return true;
	for (unsigned i = 0; i < lesson->slots; i++)
		if (strcmp(lesson->slot[i].path, seen->path) == 0)
			return true;
	return false;
}

static const char *place(const struct usb_seen *seen)
{
	return seen->id_path[0] ? seen->id_path : seen->path;
}

static bool look(struct lesson *lesson)
{
	unsigned count = usb_bus_list(lesson->bus, lesson->seen, SEEN_MAX);
	bool learnt = false;

	for (unsigned i = 0; i < count && lesson->slots < PROFILE_SLOTS_MAX; i++) {
		if (known(lesson, &lesson->seen[i]))
			continue;
		lesson->slot[lesson->slots++] = lesson->seen[i];
		fprintf(stderr, "S%u: %s\n", lesson->slots, place(&lesson->seen[i]));
		learnt = true;
	}
	return learnt;
}

static void note_early(struct lesson *lesson)
{
	unsigned count = usb_bus_list(lesson->bus, lesson->seen, SEEN_MAX);

	for (unsigned i = 0; i < count && lesson->earlies < PROFILE_SLOTS_MAX; i++) {
		lesson->early[lesson->earlies++] = lesson->seen[i];
		cli_say("%s: a board is there already: take it out, and put it in again in its "
			"turn",
			lesson->seen[i].path);
	}
}

static bool enter_pressed(bool listens)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};

	return listens && poll(&input, 1, 0) == 1;
}

static void learn(struct lesson *lesson, const struct cli_options *options, bool listens)
{
	unsigned wanted = options->count ? options->count : PROFILE_SLOTS_MAX;
	int64_t rescan = clock_after_ms(RESCAN_MS), news = clock_now();

	note_early(lesson);
	fprintf(stderr, "Insert a board into the first slot.%s\n",
		listens ? " Press Enter to end." : "");
	while (lesson->slots < wanted && !enter_pressed(listens)) {
		if (look(lesson))
			news = clock_now();
		else if (options->given[CLI_WAIT] &&
			 clock_elapsed_ms(news) >= (int64_t)options->wait_s * 1000)
			return;
		if (clock_now() >= rescan) {
			usb_bus_rescan(lesson->bus);
			rescan = clock_after_ms(RESCAN_MS);
		}
		clock_sleep_until(clock_after_ms(LOOK_MS));
	}
}

static enum h7_exit hand_out(const struct lesson *lesson, const char *output)
{
	enum h7_exit status = H7_EXIT_OK;
	char *text = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&text, &length);

	if (!stream) {
		cli_say("no memory");
		return H7_EXIT_INTERNAL;
	}
	fputs("slots:\n", stream);
	for (unsigned i = 0; i < lesson->slots; i++)
		fprintf(stream, "  - {name: S%u, path: \"%s\"}%s%s\n", i + 1,
			place(&lesson->slot[i]), lesson->slot[i].id_path[0] ? " # " : "",
			lesson->slot[i].id_path[0] ? lesson->slot[i].path : "");
	if (fclose(stream) != 0) {
		cli_say("no memory");
		status = H7_EXIT_INTERNAL;
	} else if (output) {
		status = file_write_new(output, text, length);
	} else {
		fputs(text, stdout);
	}
	free(text);
	return status;
}

static enum h7_exit with_bus(struct lesson *lesson, const struct cli_options *options)
{
	const struct usb_filter rom = {.vid = USB_VID_ST, .pid = USB_PID_ST_DFU};
	bool listens = isatty(STDIN_FILENO);
	char why[200];

	if (!listens && !options->given[CLI_COUNT] && !options->given[CLI_WAIT])
		return cli_usage("slots", "without a terminal --count or --wait says when it ends");
	lesson->bus = usb_bus_open(&rom, ignore, NULL, why, sizeof(why));
	if (!lesson->bus) {
		cli_say("no USB: %s", why);
		return H7_EXIT_NO_TARGET;
	}
	usb_bus_rescan(lesson->bus);
	learn(lesson, options, listens);
	usb_bus_close(lesson->bus);
	if (lesson->slots == 0 || lesson->slots < options->count) {
		cli_say("%u slot%s learnt; nothing is written", lesson->slots,
			lesson->slots == 1 ? "" : "s");
		return H7_EXIT_NO_TARGET;
	}
	return hand_out(lesson, options->output);
}

static enum h7_exit run(const struct cli_options *options)
{
	enum h7_exit status = H7_EXIT_INTERNAL;
	struct lesson *lesson;

	if (!options->given[CLI_LEARN])
		return cli_usage("slots", "--learn is required");
	if (options->count > PROFILE_SLOTS_MAX)
		return cli_usage("slots", "--count: a profile has at most %d slots",
				 PROFILE_SLOTS_MAX);
	if (options->output && (status = file_check_new(options->output)) != H7_EXIT_OK)
		return status;
	lesson = calloc(1, sizeof(*lesson));
	if (lesson)
		lesson->seen = calloc(SEEN_MAX, sizeof(*lesson->seen));
	if (lesson && lesson->seen)
		status = with_bus(lesson, options);
	else
		cli_say("no memory");
	if (lesson)
		free(lesson->seen);
	free(lesson);
	return status;
}

const struct cli_command cli_slots = {
	.name = "slots",
	.summary = "learn which port is which slot of the fixture",
	.help = help_text,
	.accepts = CLI_LIST(CLI_LEARN, CLI_OUTPUT, CLI_COUNT, CLI_WAIT),
	.run = run,
};
