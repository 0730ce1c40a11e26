/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events on their way from the gang, which must not wait, to one thread that may. */
#ifndef H7GANG_STATION_QUEUE_H
#define H7GANG_STATION_QUEUE_H

#include <pthread.h>
#include <stdbool.h>

#include "h7gang/gang/events.h"

struct queued_event {
	struct queued_event *next;
	struct gang_event event;
	int64_t at; /* base/clock */
};

struct event_queue {
	pthread_mutex_t lock; /* also protects data of the queue's user */
	struct queued_event *first, **last;
	unsigned waiting;
	bool closing, ended;
	int wake; /* to poll(2): an event waits, or the end has begun */
};

/* False: no memory or no descriptor; nothing is to be freed. */
bool event_queue_open(struct event_queue *queue);
void event_queue_free(struct event_queue *queue);

/* Adds an event, unless `most` wait. False: it was not added. Never blocks. */
bool event_queue_put(struct event_queue *queue, const struct gang_event *event, unsigned most);

/* For the thread: the next event, to be freed. NULL: none waits. */
struct queued_event *event_queue_take(struct event_queue *queue);

/* For the thread: whether the end has begun and no event waits; and that it has ended. */
bool event_queue_closing(struct event_queue *queue);
void event_queue_end(struct event_queue *queue);

/* Begins the end, and waits for it. False: the thread did not end within `ms`. */
bool event_queue_close(struct event_queue *queue, int64_t ms);

#endif
