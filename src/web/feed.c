/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "feed_private.h"
#include "h7gang/station/client.h"

#define HELLO_MS 5000
#define AGAIN_MS 1000 /* before connecting again */
#define FRESH_MS 5000 /* interval of asking for figures that no event has */
#define ANSWER_MS 10000

/* --- events from the station --- */

static void take_answer(struct feed *feed, const struct gang_event *event)
{
	for (unsigned i = 0; i < ASKS; i++) {
		struct ask *ask = &feed->ask[i];

		if (!ask->used || ask->done || strcmp(ask->id, event->id) != 0)
			continue;
		ask->done = true;
		ask->accepted = event->accepted;
		ask->later = event->later;
		memcpy(ask->text, event->detail, sizeof(ask->text));
		pthread_cond_broadcast(&feed->changed);
	}
}

static void take_event(struct feed *feed, json_t *object)
{
	struct gang_event *event = malloc(sizeof(*event));
	char *line = NULL;

	if (!event || !station_event_read(object, event, NULL))
		goto out;
	pthread_mutex_lock(&feed->lock);
	feed->n = (uint64_t)station_get_number(object, "n", 0, INT64_MAX, (int64_t)feed->n);
	station_model_event(feed->model, event, clock_now());
	if (event->kind == GANG_ANSWER && event->id[0])
		take_answer(feed, event);
	/* Readers must not see whose command it was. */
	if (event->kind == GANG_ANSWER)
		station_set_text(object, "id", "");
	if (!feed_keep_progress(feed, event, object) && (line = station_json_line(object))) {
		feed_drop_progress(feed, event);
		feed_add(feed, feed->n, station_event_name(event->kind), line);
	}
	pthread_mutex_unlock(&feed->lock);
out:
	free(line);
	free(event);
}

/* With the lock. */
static void add_whole(struct feed *feed)
{
	json_t *object = feed_whole(feed);
	char *line = object ? station_json_line(object) : NULL;

	if (line)
		feed_add(feed, feed->n, "snapshot", line);
	free(line);
	json_decref(object);
}

/* Readers get the first snapshot of a connection; later ones only renew the figures. */
static void take_snapshot(struct feed *feed, const json_t *object)
{
	struct station_model *fresh = malloc(sizeof(*fresh));

	if (fresh && station_model_read(fresh, object, clock_now())) {
		pthread_mutex_lock(&feed->lock);
		feed->n = (uint64_t)station_get_number(object, "n", 0, INT64_MAX, (int64_t)feed->n);
		if (feed->connected) {
			feed->model->figures = fresh->figures;
		} else {
			*feed->model = *fresh;
			feed->connected = true;
			feed->why[0] = 0;
			add_whole(feed);
			feed_publish(feed);
		}
		pthread_mutex_unlock(&feed->lock);
	}
	free(fresh);
}

static void take(struct feed *feed, json_t *object)
{
	char event[16];

	station_get_text(object, "event", event, sizeof(event));
	if (strcmp(event, "snapshot") == 0)
		take_snapshot(feed, object);
	else if (strcmp(event, "bye") != 0)
		take_event(feed, object);
	json_decref(object);
}

/* --- the thread --- */

static bool is_ending(struct feed *feed)
{
	bool ending;

	pthread_mutex_lock(&feed->lock);
	ending = feed->ending;
	pthread_mutex_unlock(&feed->lock);
	return ending;
}

static void flush_due(struct feed *feed)
{
	pthread_mutex_lock(&feed->lock);
	if (clock_now() >= feed->flush_at) {
		if (clock_now() >= feed->progress_at)
			feed_add_progress(feed);
		feed_publish(feed);
		feed->flush_at = feed->progresses ? feed->progress_at : CLOCK_NEVER;
	}
	pthread_mutex_unlock(&feed->lock);
}

static int64_t left_ms(int64_t deadline)
{
	int64_t now = clock_now();

	return deadline <= now ? 0 : (deadline - now) / CLOCK_MS + 1;
}

static void follow(struct feed *feed)
{
	int64_t fresh = clock_after_ms(FRESH_MS);

	while (!is_ending(feed) && !station_client_over(feed->client, NULL, 0)) {
		int64_t until =
			clock_earlier(clock_earlier(feed->flush_at, fresh), clock_after_ms(1000));
		json_t *object = station_client_next(feed->client, left_ms(until));

		if (object)
			take(feed, object);
		flush_due(feed);
		if (clock_now() >= fresh) {
			pthread_mutex_lock(&feed->lock);
			station_client_say(feed->client, "figures", "snapshot", "");
			pthread_mutex_unlock(&feed->lock);
			fresh = clock_after_ms(FRESH_MS);
		}
	}
}

static void lost(struct feed *feed, const char *why)
{
	pthread_mutex_lock(&feed->lock);
	if (feed->connected || strcmp(feed->why, why) != 0) {
		feed->connected = false;
		snprintf(feed->why, sizeof(feed->why), "%s", why);
		add_whole(feed);
		feed_publish(feed);
		web_say("station: %s", why);
	}
	pthread_mutex_unlock(&feed->lock);
}

static void *feed_main(void *user)
{
	struct feed *feed = user;
	struct station_client *client;
	char why[WEB_WHY];

	while (!is_ending(feed)) {
		client = station_client_open(feed->path, HELLO_MS, why, sizeof(why));
		if (client) {
			pthread_mutex_lock(&feed->lock);
			feed->client = client;
			pthread_mutex_unlock(&feed->lock);
			follow(feed);
			station_client_over(client, why, sizeof(why));
			pthread_mutex_lock(&feed->lock);
			feed->client = NULL;
			pthread_mutex_unlock(&feed->lock);
			station_client_close(client);
		}
		if (!is_ending(feed))
			lost(feed, why);
		clock_wait_other(feed->wake, POLLIN, AGAIN_MS);
	}
	return NULL;
}

struct feed *feed_start(const char *path)
{
	struct feed *feed = calloc(1, sizeof(*feed));

	if (!feed)
		return NULL;
	snprintf(feed->path, sizeof(feed->path), "%s", path);
	snprintf(feed->why, sizeof(feed->why), "the station was not reached yet");
	feed->flush_at = CLOCK_NEVER;
	feed->model = calloc(1, sizeof(*feed->model));
	feed->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (feed->model && feed->wake >= 0 && pthread_mutex_init(&feed->lock, NULL) == 0 &&
	    clock_cond_init(&feed->changed) == 0 &&
	    pthread_create(&feed->thread, NULL, feed_main, feed) == 0)
		return feed;
	free(feed->model);
	free(feed);
	return NULL;
}

void feed_stop(struct feed *feed)
{
	pthread_mutex_lock(&feed->lock);
	feed->ending = true;
	pthread_cond_broadcast(&feed->changed);
	pthread_mutex_unlock(&feed->lock);
	(void)!eventfd_write(feed->wake, 1);
	pthread_join(feed->thread, NULL);
}

/* --- for other threads --- */

json_t *feed_snapshot(struct feed *feed)
{
	json_t *object;

	pthread_mutex_lock(&feed->lock);
	object = feed_whole(feed);
	pthread_mutex_unlock(&feed->lock);
	return object;
}

json_t *feed_slot(struct feed *feed, const char *name)
{
	struct station_slot *slot;
	json_t *object = NULL;

	pthread_mutex_lock(&feed->lock);
	slot = station_model_slot(feed->model, name);
	if (slot)
		object = station_slot_json(slot);
	pthread_mutex_unlock(&feed->lock);
	return object;
}

void feed_log(struct feed *feed, char path[STATION_PATH_SIZE])
{
	pthread_mutex_lock(&feed->lock);
	memcpy(path, feed->model->figures.log, STATION_PATH_SIZE);
	pthread_mutex_unlock(&feed->lock);
}

/* With the lock. NULL: too many wait. */
static struct ask *new_ask(struct feed *feed)
{
	for (unsigned i = 0; i < ASKS; i++) {
		struct ask *ask = &feed->ask[i];

		if (ask->used)
			continue;
		*ask = (struct ask){.used = true};
		snprintf(ask->id, sizeof(ask->id), "web-%" PRIu64, feed->asks++);
		return ask;
	}
	return NULL;
}

bool feed_command(struct feed *feed, const char *command, const char *asker,
		  struct feed_answer *answer)
{
	const size_t size = sizeof(answer->text);
	char *text = answer->text;
	int64_t deadline = clock_after_ms(ANSWER_MS);
	struct ask *ask;
	bool done = false;

	pthread_mutex_lock(&feed->lock);
	ask = new_ask(feed);
	snprintf(text, size, "%s",
		 !ask            ? "too many commands wait"
		 : !feed->client ? "the station is not connected"
				 : "the station did not answer in time; it may still carry out the "
				   "command: see its state");
	if (ask && feed->client && station_client_say(feed->client, ask->id, command, asker))
		while (!ask->done && clock_wait_until(&feed->changed, &feed->lock, deadline))
			;
	if (ask && ask->done) {
		done = true;
		answer->accepted = ask->accepted;
		answer->later = ask->later;
		snprintf(text, size, "%s", ask->text);
	}
	if (ask)
		ask->used = false;
	pthread_mutex_unlock(&feed->lock);
	return done;
}
