/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of the feed: feed.c speaks with the station, feed_batch.c serves readers. */
#ifndef WEB_FEED_PRIVATE_H
#define WEB_FEED_PRIVATE_H

#include "feed.h"
#include "h7gang/station/event.h"

#define BATCHES 256      /* kept for readers that reconnect */
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
	bool used, done, accepted, later;
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
	struct station_client *client; /* other threads only send commands with it */
	/* used by the thread only */
	struct batch next;
	struct {
		char slot[PROFILE_NAME_SIZE];
		json_t *json;
	} progress[STATION_SLOTS_MAX]; /* not sent yet; only the last of each slot */
	unsigned progresses;
	int64_t flush_at, progress_at; /* when the batch goes out; when progress may */
};

/* feed_batch.c; all with the lock. */

/* Hands the open batch to the readers. */
void feed_publish(struct feed *feed);

/* Adds an event to the open batch. */
void feed_add(struct feed *feed, uint64_t n, const char *event, const char *line);

/* Keeps only the last progress of each slot for the next batch. False: the event is no progress. */
bool feed_keep_progress(struct feed *feed, const struct gang_event *event, json_t *object);
void feed_add_progress(struct feed *feed);

/* Drops older progress of the event's slot, which the event makes outdated. */
void feed_drop_progress(struct feed *feed, const struct gang_event *event);

/* The station's state. NULL: no memory. */
json_t *feed_whole(struct feed *feed);

#endif
