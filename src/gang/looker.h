/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A thread that polls files. A file system may hang: the run does not wait for such
 * a thread longer than LOOKER_END_MS, and leaves it behind. */
#ifndef GANG_LOOKER_H
#define GANG_LOOKER_H

#include <pthread.h>
#include <stdbool.h>

#define LOOKER_END_MS 1000

struct looker {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	/* under the lock */
	bool ending; /* the thread is to end */
	bool ended;
	bool left; /* the thread is not joined */
};

/* Lock and condition; the owner creates the thread. False: no memory, and nothing to destroy. */
bool looker_init(struct looker *looker);
void looker_destroy(struct looker *looker);

/* The last call of the thread, without the lock. True: it was left behind, and frees its own
 * memory. */
bool looker_ended(struct looker *looker);

/* Asks the thread to end. True: it has ended and is joined, the owner frees its memory. */
bool looker_end(struct looker *looker);

#endif
