/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A rate limit for each key: a burst, and then one more after each refill time. */
#ifndef WEB_RATE_H
#define WEB_RATE_H

#include <stdbool.h>
#include <stdint.h>

struct rate;

/* NULL: no memory. */
struct rate *rate_new(unsigned burst, int64_t refill_ms);
void rate_free(struct rate *rate);

/* Counts one for `key`. False: over the limit. From any thread. */
bool rate_allows(struct rate *rate, const char *key);

#endif
