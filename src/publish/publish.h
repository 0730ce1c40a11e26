/* SPDX-License-Identifier: GPL-2.0-or-later */
/* h7gang-publish: a program of its own that sends the rows of a log to an MQTT broker or an HTTP
 * server. Shared by its files. */
#ifndef PUBLISH_PUBLISH_H
#define PUBLISH_PUBLISH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "h7gang/base/say.h"

#define PUBLISH_PROGRAM "h7gang-publish"
#define PUBLISH_WHY 400
#define PUBLISH_ONE_TEXT 512 /* a name, a password: bytes with NUL */

struct publish_options {
	const char *log, *positions; /* NULL: positions stand beside the log */
	const char *name;
	const char *mqtt, *http; /* one of them */
	const char *station;     /* in topics; NULL: the station in the row */
	const char *topic;       /* the beginning of each topic */
	const char *ca, *certificate, *key;
	const char *user, *password_file, *token_file;
	const char *after; /* a command instead of a service: set the position */
	bool with_operator, without_subscriber, once;
	unsigned timeout_s; /* for an answer */
	unsigned wait_s;    /* with --once: without progress */
};

/* A line for the journal, safe for a terminal whatever a server sent. */
#define publish_say(...) say(PUBLISH_PROGRAM, __VA_ARGS__)

bool publish_ending_init(void); /* before any thread; false: no descriptor */
void publish_end(void);

/* Whether a signal asked for the end. */
bool publish_ending(void);

/* Waits up to `ms`, or until the end is asked for. */
void publish_wait(int64_t ms);

#endif
