/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guests.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "h7gang/base/clock.h"

#define LOOK_MS 1000

struct guest {
	bool used, known, cut;
	int fd; /* borrowed */
	char peer[HTTP_PEER_SIZE];
	int64_t since, deadline; /* deadline: CLOCK_NEVER while it is answered */
};

struct guests {
	pthread_mutex_t lock;
	pthread_t thread;
	int wake; /* readable: the end */
	int64_t idle_ms;
	unsigned most;
	struct guest guest[]; /* under the lock */
};

/* With the lock. The library's thread of the connection sees the end and closes it. */
static void cut(struct guest *guest)
{
	shutdown(guest->fd, SHUT_RDWR);
	guest->cut = true;
}

static void *guests_main(void *user)
{
	struct guests *guests = user;

	while (!(clock_wait_other(guests->wake, POLLIN, LOOK_MS) & POLLIN)) {
		int64_t now = clock_now();

		pthread_mutex_lock(&guests->lock);
		for (unsigned i = 0; i < guests->most; i++)
			if (guests->guest[i].used && !guests->guest[i].cut &&
			    now >= guests->guest[i].deadline)
				cut(&guests->guest[i]);
		pthread_mutex_unlock(&guests->lock);
	}
	return NULL;
}

struct guests *guests_open(unsigned most, int64_t idle_ms)
{
	struct guests *guests = calloc(1, sizeof(*guests) + most * sizeof(guests->guest[0]));

	if (!guests)
		return NULL;
	guests->most = most;
	guests->idle_ms = idle_ms;
	guests->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (guests->wake >= 0 && pthread_mutex_init(&guests->lock, NULL) == 0 &&
	    pthread_create(&guests->thread, NULL, guests_main, guests) == 0)
		return guests;
	if (guests->wake >= 0)
		close(guests->wake);
	free(guests);
	return NULL;
}

void guests_close(struct guests *guests)
{
	if (!guests)
		return;
	(void)!eventfd_write(guests->wake, 1);
	pthread_join(guests->thread, NULL);
	pthread_mutex_destroy(&guests->lock);
	close(guests->wake);
	free(guests);
}

/* With the lock: the oldest of the peer's connections without a login, if there are too many. */
static void make_room(struct guests *guests, const char *peer)
{
	struct guest *oldest = NULL;
	unsigned count = 0;

	for (unsigned i = 0; i < guests->most; i++) {
		struct guest *guest = &guests->guest[i];

		if (!guest->used || guest->known || guest->cut || strcmp(guest->peer, peer) != 0)
			continue;
		count++;
		if (!oldest || guest->since < oldest->since)
			oldest = guest;
	}
	if (count >= GUESTS_PER_PEER)
		cut(oldest);
}

struct guest *guests_begin(struct guests *guests, int fd, const char *peer)
{
	struct guest *guest = NULL;

	pthread_mutex_lock(&guests->lock);
	make_room(guests, peer);
	for (unsigned i = 0; i < guests->most && !guest; i++)
		if (!guests->guest[i].used)
			guest = &guests->guest[i];
	if (guest) {
		*guest = (struct guest){.used = true,
					.fd = fd,
					.since = clock_now(),
					.deadline = clock_after_ms(GUESTS_REQUEST_MS)};
		memcpy(guest->peer, peer, strnlen(peer, sizeof(guest->peer) - 1));
	}
	pthread_mutex_unlock(&guests->lock);
	return guest;
}

void guests_asked(struct guests *guests, struct guest *guest)
{
	if (!guest)
		return;
	pthread_mutex_lock(&guests->lock);
	guest->deadline = CLOCK_NEVER;
	pthread_mutex_unlock(&guests->lock);
}

void guests_known(struct guests *guests, struct guest *guest, bool known)
{
	if (!guest)
		return;
	pthread_mutex_lock(&guests->lock);
	guest->known = known;
	pthread_mutex_unlock(&guests->lock);
}

void guests_answered(struct guests *guests, struct guest *guest)
{
	if (!guest)
		return;
	pthread_mutex_lock(&guests->lock);
	guest->deadline = clock_after_ms(guests->idle_ms + GUESTS_REQUEST_MS);
	pthread_mutex_unlock(&guests->lock);
}

void guests_end(struct guests *guests, struct guest *guest)
{
	if (!guest)
		return;
	pthread_mutex_lock(&guests->lock);
	*guest = (struct guest){.used = false};
	pthread_mutex_unlock(&guests->lock);
}
