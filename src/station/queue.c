/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/station/queue.h"

#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "h7gang/base/clock.h"

bool event_queue_open(struct event_queue *queue)
{
	*queue = (struct event_queue){.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
	queue->last = &queue->first;
	if (queue->wake < 0)
		return false;
	if (pthread_mutex_init(&queue->lock, NULL) == 0)
		return true;
	close(queue->wake);
	return false;
}

void event_queue_free(struct event_queue *queue)
{
	struct queued_event *event;

	while ((event = event_queue_take(queue)))
		free(event);
	close(queue->wake);
	pthread_mutex_destroy(&queue->lock);
}

bool event_queue_put(struct event_queue *queue, const struct gang_event *event, unsigned most)
{
	struct queued_event *added = NULL;

	pthread_mutex_lock(&queue->lock);
	if (queue->waiting < most)
		added = malloc(sizeof(*added));
	if (added) {
		*added = (struct queued_event){.event = *event, .at = clock_now()};
		*queue->last = added;
		queue->last = &added->next;
		queue->waiting++;
	}
	pthread_mutex_unlock(&queue->lock);
	(void)!eventfd_write(queue->wake, 1);
	return added != NULL;
}

struct queued_event *event_queue_take(struct event_queue *queue)
{
	struct queued_event *event;

	pthread_mutex_lock(&queue->lock);
	event = queue->first;
	if (event) {
		queue->first = event->next;
		if (!queue->first)
			queue->last = &queue->first;
		queue->waiting--;
	}
	pthread_mutex_unlock(&queue->lock);
	return event;
}

bool event_queue_closing(struct event_queue *queue)
{
	bool closing;

	pthread_mutex_lock(&queue->lock);
	closing = queue->closing && !queue->first;
	pthread_mutex_unlock(&queue->lock);
	return closing;
}

void event_queue_end(struct event_queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->ended = true;
	pthread_mutex_unlock(&queue->lock);
}

bool event_queue_close(struct event_queue *queue, int64_t ms)
{
	int64_t end = clock_after_ms(ms);
	bool ended = false;

	pthread_mutex_lock(&queue->lock);
	queue->closing = true;
	pthread_mutex_unlock(&queue->lock);
	(void)!eventfd_write(queue->wake, 1);
	while (!ended && clock_now() < end) {
		pthread_mutex_lock(&queue->lock);
		ended = queue->ended;
		pthread_mutex_unlock(&queue->lock);
		if (!ended)
			clock_sleep_until(clock_after_ms(5));
	}
	return ended;
}
