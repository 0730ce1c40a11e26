/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the feed share: feed.c speaks with the station, feed_batch.c serves readers. */
#ifndef WEB_FEED_PRIVATE_H
#define WEB_FEED_PRIVATE_H

#include "feed.h"
#include "h7gang/station/event.h"

#define BATCHES 256      /* that are kept for those who come back */
#define BATCH_EVENTS 128 /* of one batch at most */
#define ASKS 64

struct batch {
	char *text;
	size_t length;
	unsigned events;
	uint64_t n[BATCH_EVENTS]; /* the station's number of each event, and where it begins */
	size_t at[BATCH_EVENTS];
};

struct ask {
	bool used, done, accepted;
	char id[32];
	char text[AUDIT_TEXT_MAX];
};

struct feed {
	char path[STATION_PATH_SIZE];
	pthread_t thread;
	int wake;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* under the lock */
	bool ending, connected;
	char why[WEB_WHY];
	struct station_model *model;
	uint64_t n; /* the station's number of the last event */
	struct batch batch[BATCHES];
	uint64_t batches; /* so far; a ring */
	struct ask ask[ASKS];
	uint64_t asks;
	struct station_client *client; /* used by other threads only to say commands */
	/* the thread's own */
	struct batch next;
	struct {
		char slot[PROFILE_NAME_SIZE];
		json_t *json;
	} progress[STATION_SLOTS_MAX]; /* the last of each slot that waits */
	unsigned progresses;
	int64_t flush_at, progress_at; /* when the batch goes out; when progress may */
};

/* feed_batch.c; all with the lock. */

/* Hands the batch that waits to the readers. */
void feed_publish(struct feed *feed);

/* Adds an event to the batch that waits. */
void feed_add(struct feed *feed, uint64_t n, const char *event, const char *line);

/* Of progress only the last of each slot goes out with a batch. False: it is no progress. */
bool feed_keep_progress(struct feed *feed, const struct gang_event *event, json_t *object);
void feed_add_progress(struct feed *feed);

/* What is told of a slot now makes older progress of it untrue. */
void feed_drop_progress(struct feed *feed, const struct gang_event *event);

/* The station as it is. NULL: no memory. */
json_t *feed_whole(struct feed *feed);

#endif
