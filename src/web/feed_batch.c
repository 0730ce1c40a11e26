/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events for readers: batches of them, kept for a while. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feed_private.h"

#define BATCH_MS 250     /* events of this time go out together */
#define PROGRESS_MS 1000 /* interval of each slot's progress */

static bool grow(struct batch *batch, const char *text)
{
	size_t length = strlen(text);
	char *more = realloc(batch->text, batch->length + length + 1);

	if (!more)
		return false;
	memcpy(more + batch->length, text, length + 1);
	batch->text = more;
	batch->length += length;
	return true;
}

/* One event of SSE: https://html.spec.whatwg.org/multipage/server-sent-events.html. A line of JSON
 * holds no line end. `n` 0: it has no number. */
static char *sse(const char *run_id, uint64_t n, const char *event, const char *line)
{
	char *text = NULL;
	size_t length;
	FILE *to = open_memstream(&text, &length);

	if (!to)
		return NULL;
	if (n)
		fprintf(to, "id: %s-%" PRIu64 "\n", run_id, n);
	fprintf(to, "event: %s\ndata: %s\n", event, line);
	if (line[0] == 0 || line[strlen(line) - 1] != '\n')
		putc('\n', to);
	if (fclose(to) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

void feed_publish(struct feed *feed)
{
	struct batch *batch = &feed->batch[feed->batches % BATCHES];

	if (!feed->next.text)
		return;
	free(batch->text);
	*batch = feed->next;
	feed->batches++;
	feed->next = (struct batch){.text = NULL};
	feed->flush_at = CLOCK_NEVER;
	pthread_cond_broadcast(&feed->changed);
}

void feed_add(struct feed *feed, uint64_t n, const char *event, const char *line)
{
	struct batch *next = &feed->next;
	char *text = sse(feed->model->run_id, n, event, line);

	if (text && next->events == BATCH_EVENTS)
		feed_publish(feed);
	if (text) {
		next->n[next->events] = n;
		next->at[next->events++] = next->length;
		grow(next, text);
	}
	free(text);
	if (feed->flush_at == CLOCK_NEVER)
		feed->flush_at = clock_after_ms(BATCH_MS);
}

void feed_add_progress(struct feed *feed)
{
	feed->progress_at = clock_after_ms(PROGRESS_MS);
	for (unsigned i = 0; i < feed->progresses; i++) {
		char *line = station_json_line(feed->progress[i].json);

		if (line)
			feed_add(feed, feed->n, "progress", line);
		free(line);
		json_decref(feed->progress[i].json);
	}
	feed->progresses = 0;
}

void feed_drop_progress(struct feed *feed, const struct gang_event *event)
{
	for (unsigned i = 0; i < feed->progresses; i++) {
		if (strcmp(feed->progress[i].slot, event->slot) != 0)
			continue;
		json_decref(feed->progress[i].json);
		feed->progress[i] = feed->progress[--feed->progresses];
		return;
	}
}

bool feed_keep_progress(struct feed *feed, const struct gang_event *event, json_t *object)
{
	unsigned i = 0;

	if (event->kind != GANG_PROGRESS)
		return false;
	while (i < feed->progresses && strcmp(feed->progress[i].slot, event->slot) != 0)
		i++;
	if (i == STATION_SLOTS_MAX)
		return true;
	if (i < feed->progresses)
		json_decref(feed->progress[i].json);
	else
		feed->progresses++;
	memcpy(feed->progress[i].slot, event->slot, sizeof(event->slot));
	feed->progress[i].json = json_incref(object);
	feed->flush_at = clock_earlier(feed->flush_at, feed->progress_at);
	return true;
}

json_t *feed_whole(struct feed *feed)
{
	json_t *object = station_model_json(feed->model, clock_now());

	if (object && station_set_flag(object, "connected", feed->connected) &&
	    station_set_text(object, "why", feed->why))
		return object;
	json_decref(object);
	return NULL;
}

/* --- for a reader --- */

/* With the lock: goes on behind the reader's last event, if all later events are still here. */
static bool resume(struct feed *feed, const char *last_id, struct feed_cursor *cursor, char **text)
{
	size_t run = strlen(feed->model->run_id);
	uint64_t seen, oldest = feed->batches > BATCHES ? feed->batches - BATCHES : 0;
	char *end;

	if (!run || strncmp(last_id, feed->model->run_id, run) != 0 || last_id[run] != '-')
		return false;
	seen = strtoull(last_id + run + 1, &end, 10);
	if (*end || seen > feed->n)
		return false;
	for (uint64_t b = feed->batches; b-- > oldest;) {
		const struct batch *batch = &feed->batch[b % BATCHES];

		/* An event of an earlier connection to the station is not in this sequence. */
		for (unsigned i = batch->events; i-- > 0;) {
			if (batch->n[i] > seen)
				continue;
			*text = strdup(i + 1 < batch->events ? batch->text + batch->at[i + 1] : "");
			cursor->next = b + 1;
			return true;
		}
	}
	return false;
}

char *feed_begin(struct feed *feed, const char *last_id, struct feed_cursor *cursor)
{
	char *text = NULL, *line = NULL;
	json_t *object;

	pthread_mutex_lock(&feed->lock);
	if (!last_id[0] || !resume(feed, last_id, cursor, &text)) {
		object = feed_whole(feed);
		cursor->next = feed->batches;
		line = object ? station_json_line(object) : NULL;
		if (line)
			text = sse(feed->model->run_id, feed->n, "snapshot", line);
		free(line);
		json_decref(object);
	}
	cursor->begun = true;
	pthread_mutex_unlock(&feed->lock);
	return text;
}

enum feed_next feed_next(struct feed *feed, struct feed_cursor *cursor, char **text)
{
	int64_t deadline = clock_after_ms(FEED_WAIT_MS);
	enum feed_next next = FEED_TEXT;

	pthread_mutex_lock(&feed->lock);
	while (cursor->next == feed->batches && !feed->ending &&
	       clock_wait_until(&feed->changed, &feed->lock, deadline))
		;
	if (feed->ending)
		next = FEED_OVER;
	else if (cursor->next + BATCHES < feed->batches)
		next = FEED_BEHIND;
	else if (cursor->next < feed->batches)
		*text = strdup(feed->batch[cursor->next++ % BATCHES].text);
	else
		*text = strdup("event: beat\ndata: {}\n\n");
	pthread_mutex_unlock(&feed->lock);
	return next;
}
