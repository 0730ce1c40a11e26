/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asks for the devices at ports in a thread of its own: reading a product string waits for a lock
 * in the kernel, which a hanging device may hold for long. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "h7gang/usb/port.h"

struct inquiry {
	pthread_mutex_t lock;
	pthread_cond_t told;
	struct usb_filter filter;
	bool brief; /* no filter was given */
	unsigned count, done;
	bool left; /* the caller has stopped waiting: the thread frees this */
	struct usb_port_news news[];
};

static void inquiry_free(struct inquiry *inquiry)
{
	pthread_cond_destroy(&inquiry->told);
	pthread_mutex_destroy(&inquiry->lock);
	free(inquiry);
}

static void look_at_port(const struct inquiry *inquiry, struct usb_port_news *news)
{
	struct usb_occupant there;

	if (inquiry->brief)
		snprintf(news->text, sizeof(news->text), "%s",
			 usb_port_look(news->port, false, &there) ? "something" : "nothing");
	else
		usb_port_tell(news->port, &inquiry->filter, news->text, sizeof(news->text));
}

static void *inquiry_main(void *user)
{
	struct inquiry *inquiry = user;
	bool left = false;

	for (unsigned i = 0; i < inquiry->count && !left; i++) {
		struct usb_port_news news = inquiry->news[i];

		look_at_port(inquiry, &news);
		pthread_mutex_lock(&inquiry->lock);
		inquiry->news[i] = news;
		inquiry->done++;
		left = inquiry->left;
		pthread_cond_signal(&inquiry->told);
		pthread_mutex_unlock(&inquiry->lock);
	}
	pthread_mutex_lock(&inquiry->lock);
	inquiry->done = inquiry->count;
	left = inquiry->left;
	inquiry->left = true; /* the other one frees it */
	pthread_cond_signal(&inquiry->told);
	pthread_mutex_unlock(&inquiry->lock);
	if (left)
		inquiry_free(inquiry);
	return NULL;
}

static struct inquiry *inquiry_new(const struct usb_port_news *news, unsigned count,
				   const struct usb_filter *filter)
{
	struct inquiry *inquiry = calloc(1, sizeof(*inquiry) + count * sizeof(*news));

	if (!inquiry)
		return NULL;
	inquiry->count = count;
	inquiry->brief = !filter;
	if (filter)
		inquiry->filter = *filter;
	memcpy(inquiry->news, news, count * sizeof(*news));
	if (pthread_mutex_init(&inquiry->lock, NULL) != 0)
		goto err_free;
	if (clock_cond_init(&inquiry->told) != 0)
		goto err_lock;
	return inquiry;

err_lock:
	pthread_mutex_destroy(&inquiry->lock);
err_free:
	free(inquiry);
	return NULL;
}

void usb_ports_ask(struct usb_port_news *news, unsigned count, const struct usb_filter *filter,
		   uint32_t ms)
{
	struct inquiry *inquiry = count ? inquiry_new(news, count, filter) : NULL;
	int64_t deadline = clock_after_ms(ms);
	pthread_t thread;
	bool ended;

	if (!inquiry)
		return;
	if (pthread_create(&thread, NULL, inquiry_main, inquiry) != 0) {
		inquiry_free(inquiry);
		return;
	}
	pthread_detach(thread);
	pthread_mutex_lock(&inquiry->lock);
	while (!inquiry->left && clock_wait_until(&inquiry->told, &inquiry->lock, deadline))
		;
	for (unsigned i = 0; i < inquiry->done && i < count; i++)
		news[i] = inquiry->news[i];
	ended = inquiry->left;
	inquiry->left = true;
	pthread_mutex_unlock(&inquiry->lock);
	if (ended)
		inquiry_free(inquiry);
}
