/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/scanner/scanner.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "device.h"
#include "h7gang/base/clock.h"

#define AGAIN_MS 1000 /* until a scanner that is gone is looked for again */
#define REST_MS 5000  /* the rest of a scan that came in pieces comes within */

struct scanner {
	struct scanner_options options;
	char *path;
	pthread_t thread;
	int end; /* an eventfd: the thread is to end */
	struct device device;
	struct scan_text text;
	bool ends;            /* it ends its scans with Enter, Tab or a line end */
	bool pieces;          /* the last scan came without its end: its rest follows */
	int64_t last_silence; /* when that was seen */
};

static void tell(const struct scanner *scanner, const char *what)
{
	char text[300];

	snprintf(text, sizeof(text), "scanner %.200s %s", scanner->path, what);
	scanner->options.tell(scanner->options.user, text);
}

/* `ended`: by the scanner, not by silence. A pause in a scan must not make a number shorter: once
 * the scanner has ended a scan, a text without an end is a piece, and the next one is its rest. */
static void end_scan(struct scanner *scanner, bool ended)
{
	bool rest = scanner->pieces && clock_elapsed_ms(scanner->last_silence) < REST_MS;
	bool good;

	ended |= scan_text_ends(&scanner->text);
	scanner->pieces = !ended && scanner->ends;
	scanner->last_silence = clock_now();
	if (rest || scanner->pieces)
		scanner->text.spoilt = true;
	good = scan_text_end(&scanner->text);
	if (good && ended)
		scanner->ends = true;
	if (good)
		scanner->options.scan(scanner->options.user, scanner->text.bytes);
	else if (scanner->text.spoilt)
		tell(scanner, "lost a part of a scan: scan it again");
	scanner->text.spoilt = false;
}

/* Reads all that is available. False: the device is gone. */
static bool take(struct scanner *scanner)
{
	uint32_t character;

	for (;;) {
		switch (device_read(&scanner->device, &character)) {
		case DEVICE_MORE:
			/* A serial port gives the bytes of UTF-8 as they are. */
			if (scanner->device.evdev || character < 0x80)
				scan_text_add(&scanner->text, character);
			else
				scan_text_add_byte(&scanner->text, character);
			break;
		case DEVICE_END:
			end_scan(scanner, true);
			break;
		case DEVICE_LOST:
			scanner->text.spoilt = true;
			break;
		case DEVICE_IDLE:
			return true;
		case DEVICE_GONE:
			return false;
		}
	}
}

/* Opens a scanner that was gone. */
static void open_again(struct scanner *scanner)
{
	char why[200];

	if (device_open(&scanner->device, scanner->path, scanner->options.layout, why, sizeof(why)))
		tell(scanner, "is back");
}

static bool under_way(const struct scanner *scanner)
{
	return scanner->text.used || scanner->text.spoilt;
}

static void *scanner_main(void *user)
{
	struct scanner *scanner = user;

	for (;;) {
		struct pollfd fds[] = {{.fd = scanner->end, .events = POLLIN},
				       {.fd = scanner->device.fd, .events = POLLIN}};
		int wait = scanner->device.fd < 0 ? AGAIN_MS
			   : under_way(scanner)   ? SCAN_SILENCE_MS
						  : -1;
		int ready = poll(fds, 2, wait);

		if (fds[0].revents)
			return NULL;
		if (scanner->device.fd < 0) {
			open_again(scanner);
		} else if (ready == 0) {
			end_scan(scanner, false);
		} else if (fds[1].revents && !take(scanner)) {
			device_close(&scanner->device);
			scanner->text.used = 0;
			scanner->text.spoilt = false;
			tell(scanner, "is unplugged: it is used again once it is back");
		}
	}
}

static void scanner_free(struct scanner *scanner)
{
	device_close(&scanner->device);
	if (scanner->end >= 0)
		close(scanner->end);
	free(scanner->path);
	free(scanner);
}

struct scanner *scanner_open(const struct scanner_options *options, char *why, size_t why_size)
{
	struct scanner *scanner = calloc(1, sizeof(*scanner));

	snprintf(why, why_size, "no memory or no thread");
	if (!scanner)
		return NULL;
	scanner->options = *options;
	scanner->device.fd = -1;
	scanner->path = strdup(options->device);
	scanner->end = eventfd(0, EFD_CLOEXEC);
	if (!scanner->path || scanner->end < 0 ||
	    !device_open(&scanner->device, options->device, options->layout, why, why_size))
		goto err;
	if (pthread_create(&scanner->thread, NULL, scanner_main, scanner) == 0)
		return scanner;
	snprintf(why, why_size, "no memory or no thread");
err:
	scanner_free(scanner);
	return NULL;
}

void scanner_close(struct scanner *scanner)
{
	if (!scanner)
		return;
	eventfd_write(scanner->end, 1);
	pthread_join(scanner->thread, NULL);
	scanner_free(scanner);
}
