/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feeding.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "h7gang/base/text.h"
#include "store.h"

static void emit(struct cli_feeding *feeding, const char *text)
{
	struct gang_event event = {.kind = GANG_NOTE};

	clock_wall_text(event.time);
	memcpy(event.run_id, feeding->run_id, sizeof(event.run_id));
	snprintf(event.detail, sizeof(event.detail), "%s", text);
	ui_event(feeding->ui, &event);
}

/* The run's first event comes before all others. */
void cli_feeding_note(void *user, const char *text)
{
	struct cli_feeding *feeding = user;

	pthread_mutex_lock(&feeding->mutex);
	if (feeding->ui && feeding->started)
		emit(feeding, text);
	else
		snprintf(feeding->early, sizeof(feeding->early), "%s", text);
	pthread_mutex_unlock(&feeding->mutex);
}

void cli_feeding_event(void *user, const struct gang_event *event)
{
	struct cli_feeding *feeding = user;

	pthread_mutex_lock(&feeding->mutex);
	ui_event(feeding->ui, event);
	if (event->kind == GANG_STARTED) {
		memcpy(feeding->run_id, event->run_id, sizeof(feeding->run_id));
		feeding->started = true;
		if (feeding->early[0])
			emit(feeding, feeding->early);
	}
	pthread_mutex_unlock(&feeding->mutex);
}

static void keep_refused(void *user, const char *why)
{
	struct cli_feeding *feeding = user;

	pthread_mutex_lock(&feeding->mutex);
	snprintf(feeding->refused, sizeof(feeding->refused), "%s", why);
	pthread_mutex_unlock(&feeding->mutex);
}

bool cli_feeding_refused(void *user, char *why, size_t why_size)
{
	struct cli_feeding *feeding = user;
	bool refused;

	pthread_mutex_lock(&feeding->mutex);
	refused = feeding->refused[0] != '\0';
	if (refused)
		snprintf(why, why_size, "%s", feeding->refused);
	pthread_mutex_unlock(&feeding->mutex);
	return refused;
}

/* For the log at `path`. NULL: no memory. */
static struct store_feed *new_feed(struct cli_feeding *feeding, const char *path)
{
	const struct store_feed_options options = {.url = feeding->url,
						   .path = path,
						   .station = feeding->station,
						   .note = cli_feeding_note,
						   .refused = keep_refused,
						   .user = feeding};

	return store_feed_new(&options);
}

enum h7_exit cli_feeding_open(struct cli_feeding *feeding, const char *url, const char *path,
			      const char *station)
{
	char why[512];

	memset(feeding, 0, sizeof(*feeding));
	if (pthread_mutex_init(&feeding->mutex, NULL) != 0) {
		cli_say("no memory");
		return H7_EXIT_INTERNAL;
	}
	if (!url)
		return H7_EXIT_OK;
	if (db_check_url(url, why, sizeof(why)) != DB_OK)
		return cli_store_failed(DB_URL, why);
	if (!station && gethostname(feeding->host, sizeof(feeding->host) - 1) != 0)
		feeding->host[0] = '\0';
	feeding->station = station ? station : feeding->host;
	feeding->url = url;
	feeding->path = path;
	if (!path)
		return H7_EXIT_OK;
	feeding->feed = new_feed(feeding, path);
	if (feeding->feed)
		return H7_EXIT_OK;
	cli_say("no memory");
	return H7_EXIT_INTERNAL;
}

bool cli_feeding_prepare(struct cli_feeding *feeding, const char *path)
{
	if (!feeding->url)
		return true;
	feeding->next = new_feed(feeding, path);
	feeding->next_path = path;
	return feeding->next != NULL;
}

void cli_feeding_pause(struct cli_feeding *feeding)
{
	struct store_fed fed = {.in_time = true};

	if (feeding->feed)
		store_feed_stop(feeding->feed, &fed);
	cli_feeding_tell(feeding, &fed);
	feeding->hangs = !fed.in_time;
}

void cli_feeding_settle(struct cli_feeding *feeding, bool closed, struct audit_log *log)
{
	if (!log) {
		store_feed_free(feeding->next);
		feeding->next = NULL;
		return;
	}
	if (closed && !feeding->hangs)
		store_feed_free(feeding->feed);
	feeding->hangs = false;
	feeding->feed = feeding->next;
	feeding->path = feeding->next_path;
	feeding->next = NULL;
	if (feeding->feed && !store_feed_start(feeding->feed, log))
		cli_say("no thread for the store: h7gang store push sends this log later");
}

enum h7_exit cli_feeding_start(struct cli_feeding *feeding, struct audit_log *log, struct ui *ui)
{
	feeding->ui = ui;
	if (!feeding->feed || store_feed_start(feeding->feed, log))
		return H7_EXIT_OK;
	cli_say("no thread for the store");
	return H7_EXIT_INTERNAL;
}

void cli_feeding_stop(struct cli_feeding *feeding, struct store_fed *fed)
{
	*fed = (struct store_fed){.in_time = true};
	if (feeding->feed)
		store_feed_stop(feeding->feed, fed);
	/* Nothing of it may come after the ui's end, even from a thread that hangs. */
	pthread_mutex_lock(&feeding->mutex);
	feeding->ui = NULL;
	pthread_mutex_unlock(&feeding->mutex);
}

void cli_feeding_tell(const struct cli_feeding *feeding, const struct store_fed *fed)
{
	char why[sizeof(fed->why)];

	if (!feeding->feed || (fed->left == 0 && !fed->refused && fed->in_time))
		return;
	text_terminal(fed->why, why, sizeof(why));
	if (fed->refused)
		cli_say("store: REFUSED: %s", why);
	else if (fed->known)
		cli_say("store: %" PRIu64 " rows of %s are still to be pushed (%s); the next run "
			"does it, or h7gang store push",
			fed->left, feeding->path, why);
	else
		cli_say("store: not reached (%s); %" PRIu64 " rows of this run, and what it had "
			"not got before, wait in %s; the next run pushes them, or h7gang store "
			"push",
			why, fed->left, feeding->path);
}

void cli_feeding_close(struct cli_feeding *feeding, const struct store_fed *fed, bool log_closed)
{
	if (fed->in_time && log_closed)
		store_feed_free(feeding->feed);
}
