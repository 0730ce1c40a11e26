/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pushes the log of a run into the store, in the background. The log is the outbox: a store that is
 * away delays nothing and loses nothing; when it is back, its missing rows are read from the log's
 * files. */
#ifndef H7GANG_STORE_FEED_H
#define H7GANG_STORE_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "h7gang/audit/audit.h"

struct store_feed;

/* Texts are copied. */
struct store_feed_options {
	const char *url, *path; /* the store; the log's file */
	const char *station;    /* the name of this station */
	/* Something that people should know: away, back, refused. From the feed's thread; must not
	 * block. */
	void (*note)(void *user, const char *text);
	/* The store refused the log because it was forked, changed or cut, or is broken: `why`. As
	 * `note`. */
	void (*refused)(void *user, const char *why);
	void *user;
};

/* The result. */
struct store_fed {
	bool in_time; /* false: the thread hangs, and the feed must not be freed */
	bool known;   /* the store was reached: `left` is right; else it counts the rows of this run
		       */
	uint64_t left; /* rows that the store does not have */
	bool refused;
	char why[512]; /* the reason if there are any left, else "" */
};

/* NULL: no memory. */
struct store_feed *store_feed_new(const struct store_feed_options *options);

/* Starts the thread; rows are taken up to the head of `log`. False: no thread. */
bool store_feed_start(struct store_feed *feed, struct audit_log *log);

/* New rows are on the disk. `feed` is a struct store_feed; never blocks. */
void store_feed_wake(void *feed);

/* Rows that the store does not have yet, as far as is known. While the feed is started. */
uint64_t store_feed_lag(struct store_feed *feed);

/* Ends the thread, within some seconds, and sums up. Before audit_close. */
void store_feed_stop(struct store_feed *feed, struct store_fed *fed);

/* After audit_close, since the log's thread may wake the feed until then. NULL is allowed. */
void store_feed_free(struct store_feed *feed);

#endif
