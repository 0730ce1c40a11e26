/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes that a hook leaves behind. One that calls setsid leaves the hook's process group; its
 * parent's end makes it a child of the nearest subreaper, which is this program. A mark in its
 * environment says which hook it came from. Thread-safe. */
#ifndef GANG_LEFTOVERS_H
#define GANG_LEFTOVERS_H

#include <pthread.h>
#include <stdbool.h>

#define LEFTOVERS_MARK_SIZE 64

struct leftovers {
	pthread_mutex_t lock; /* held while children without a mark are ended */
	unsigned hooks;       /* that run now */
	unsigned started;     /* so far: numbers the marks */
	bool strict;          /* every child is a hook's, whether it has a mark or not */
};

/* Makes this process a subreaper. Returns 0 or an errno value. */
int leftovers_init(struct leftovers *leftovers);
void leftovers_destroy(struct leftovers *leftovers);

/* Before a hook is started: `mark` is the "NAME=value" for its environment. */
void leftovers_enter(struct leftovers *leftovers, char mark[LEFTOVERS_MARK_SIZE]);

/* After the hook's own process was reaped, or could not be started: kills and reaps all that it
 * left, for 2 s at most. False: something could not be ended. */
bool leftovers_end(struct leftovers *leftovers, const char *mark);

#endif
