/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A barcode scanner as a device of its own: an input device (grabbed, so that no other program gets
 * its input) or a serial port. A thread reads it. If the scanner is unplugged, the thread tells
 * the operator, and opens the scanner again when it is back. */
#ifndef H7GANG_SCANNER_SCANNER_H
#define H7GANG_SCANNER_SCANNER_H

#include <stddef.h>

#include "h7gang/profile/operation.h"

struct scanner;

struct scanner_options {
	const char *device; /* /dev/input/..., or a terminal device; copied */
	enum profile_scan_layout layout;
	/* Both from the scanner's thread. A scan's text has no end-of-line; a key that is no
	 * character, or a NUL, is DEL in it. */
	void (*scan)(void *user, const char *text);
	void (*tell)(void *user, const char *text); /* for people */
	void *user;
};

/* The device must be there now. NULL: `why`. */
struct scanner *scanner_open(const struct scanner_options *options, char *why, size_t why_size);
void scanner_close(struct scanner *scanner); /* NULL is allowed */

#endif
