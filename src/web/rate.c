/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rate.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/base/clock.h"

#define KEYS 1024 /* the one that was idle for longest is dropped */

struct key {
	char name[80];
	unsigned left;
	int64_t at;
};

struct rate {
	pthread_mutex_t lock;
	unsigned burst;
	int64_t refill;
	struct key key[KEYS];
};

struct rate *rate_new(unsigned burst, int64_t refill_ms)
{
	struct rate *rate = calloc(1, sizeof(*rate));

	if (!rate || pthread_mutex_init(&rate->lock, NULL) != 0) {
		free(rate);
		return NULL;
	}
	rate->burst = burst;
	rate->refill = refill_ms * CLOCK_MS;
	return rate;
}

void rate_free(struct rate *rate)
{
	if (rate)
		pthread_mutex_destroy(&rate->lock);
	free(rate);
}

static struct key *find(struct rate *rate, const char *name)
{
	struct key *oldest = &rate->key[0];

	for (unsigned i = 0; i < KEYS; i++) {
		if (strncmp(rate->key[i].name, name, sizeof(rate->key[i].name) - 1) == 0)
			return &rate->key[i];
		if (rate->key[i].at < oldest->at)
			oldest = &rate->key[i];
	}
	*oldest = (struct key){.left = rate->burst, .at = clock_now()};
	memcpy(oldest->name, name, strnlen(name, sizeof(oldest->name) - 1));
	return oldest;
}

bool rate_allows(struct rate *rate, const char *name)
{
	struct key *key;
	int64_t now = clock_now(), more;
	bool allowed;

	pthread_mutex_lock(&rate->lock);
	key = find(rate, name);
	more = (now - key->at) / rate->refill;
	if (more > 0) {
		key->left = more >= rate->burst - (int64_t)key->left ? rate->burst
								     : key->left + (unsigned)more;
		key->at = now;
	}
	allowed = key->left > 0;
	if (allowed)
		key->left--;
	pthread_mutex_unlock(&rate->lock);
	return allowed;
}
