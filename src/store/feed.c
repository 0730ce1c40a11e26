/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The feed's thread: waits for rows, and for the store. */
#include "h7gang/store/feed.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "follow.h"
#include "h7gang/base/clock.h"
#include "h7gang/store/store.h"

#define STOP_MS 10000 /* longest wait for the store at the end of a run */
#define PATIENCE_MS 5000
#define FIRST_PAUSE_MS 1000 /* before the store is tried again; doubled each time */
#define LAST_PAUSE_MS 60000
#define STACK_SIZE (512 * 1024)

struct store_feed {
	struct store_feed_options options; /* with texts of its own */
	char *url, *path;
	struct audit_log *log;
	struct follow follow; /* used by the thread only, as all that follows */
	struct db *db;
	int64_t pause_ms; /* 0: the store answers */
	bool told_away;

	pthread_t thread;
	bool started;
	pthread_mutex_t mutex;
	pthread_cond_t wake, done;
	/* under the mutex: */
	uint64_t wakes; /* counts new rows */
	bool closing, ended;
	int64_t stop_at; /* once closing */
	bool refused, known;
	uint64_t head;     /* of the store, as last known */
	uint64_t begun_at; /* the log's head when the feed started */
	char why[512];
};

static void note(struct store_feed *feed, const char *format, const char *text)
{
	char line[700];

	snprintf(line, sizeof(line), format, text);
	if (feed->options.note)
		feed->options.note(feed->options.user, line);
}

/* Whether the run has ended and no more time is given. */
static bool out_of_time(void *user)
{
	struct store_feed *feed = user;
	bool over;

	pthread_mutex_lock(&feed->mutex);
	over = feed->closing && clock_now() >= feed->stop_at;
	pthread_mutex_unlock(&feed->mutex);
	return over;
}

static enum db_error connect_store(struct store_feed *feed)
{
	char why[512];
	enum db_error error;

	if (feed->db)
		return DB_OK;
	error = store_open(feed->url, PATIENCE_MS, &feed->db, why, sizeof(why));
	follow_use(&feed->follow, feed->db);
	return error == DB_OK ? DB_OK : follow_fail(&feed->follow, error, why);
}

static void keep_result(struct store_feed *feed, enum db_error error)
{
	pthread_mutex_lock(&feed->mutex);
	feed->known = follow_head(&feed->follow, &feed->head) || feed->known;
	if (!feed->refused)
		snprintf(feed->why, sizeof(feed->why), "%s",
			 error == DB_OK ? "" : follow_why(&feed->follow));
	feed->refused = feed->refused || error == DB_REFUSED;
	pthread_mutex_unlock(&feed->mutex);
}

/* Brings the rows that are on disk now into the store. */
static void work(struct store_feed *feed)
{
	struct audit_head head;
	bool again = feed->refused; /* at the end, for the numbers of later rows */
	enum db_error error = connect_store(feed);

	audit_head(feed->log, &head);
	if (error == DB_OK)
		error = follow_to(&feed->follow, head.seq);
	/* An idle connection may have died long ago: tries a new one. */
	if (error == DB_AWAY && feed->db && feed->pause_ms == 0) {
		db_close(feed->db);
		feed->db = NULL;
		error = connect_store(feed);
		if (error == DB_OK)
			error = follow_to(&feed->follow, head.seq);
	}
	keep_result(feed, error);
	if (error == DB_OK) {
		if (feed->told_away)
			note(feed, "store: back%s", "");
		feed->told_away = false;
		feed->pause_ms = 0;
		return;
	}
	if (again)
		return;
	if (error == DB_REFUSED) {
		feed->pause_ms = 0;
		if (feed->options.refused && follow_contradicts(&feed->follow))
			feed->options.refused(feed->options.user, follow_why(&feed->follow));
		note(feed, "store: REFUSED: %s", follow_why(&feed->follow));
		return;
	}
	db_close(feed->db);
	feed->db = NULL;
	follow_use(&feed->follow, NULL);
	if (!feed->told_away)
		note(feed, "store: away, rows wait in the log: %s", follow_why(&feed->follow));
	feed->told_away = true;
	feed->pause_ms = feed->pause_ms == 0 ? FIRST_PAUSE_MS : 2 * feed->pause_ms;
	if (feed->pause_ms > LAST_PAUSE_MS)
		feed->pause_ms = LAST_PAUSE_MS;
}

/* When the store may be tried again: not all stations at the same moment. */
static int64_t next_try(const struct store_feed *feed)
{
	int64_t spread = feed->pause_ms / 4 + 1;

	return feed->pause_ms ? clock_after_ms(feed->pause_ms + clock_now() / 1000 % spread) : 0;
}

/* While the store is away, rows do not wake the feeder; nor once it has refused the log. Without
 * rows, it asks the store for nothing. `next`: when it may be tried again; 0: it is not away. */
static bool rests(const struct store_feed *feed, int64_t next, bool no_rows)
{
	if (feed->refused)
		return true;
	return next ? clock_now() < next : no_rows;
}

static void *feed_main(void *argument)
{
	struct store_feed *feed = argument;
	uint64_t seen = 0;
	bool first = true, last = false;
	int64_t next = 0;

	pthread_mutex_lock(&feed->mutex);
	while (!last) {
		while (!feed->closing && rests(feed, next, !first && feed->wakes == seen))
			clock_wait_until(&feed->wake, &feed->mutex, next ? next : CLOCK_NEVER);
		last = feed->closing;
		/* It was away a moment ago, and there is no time to find it away again. */
		if (last && next && clock_now() < next && feed->pause_ms < LAST_PAUSE_MS)
			break;
		seen = feed->wakes;
		first = false;
		pthread_mutex_unlock(&feed->mutex);
		work(feed);
		next = next_try(feed);
		pthread_mutex_lock(&feed->mutex);
		last = last && feed->wakes == seen;
	}
	pthread_mutex_unlock(&feed->mutex);
	follow_close(&feed->follow);
	db_close(feed->db);
	feed->db = NULL;
	pthread_mutex_lock(&feed->mutex);
	feed->ended = true;
	pthread_cond_broadcast(&feed->done);
	pthread_mutex_unlock(&feed->mutex);
	return NULL;
}

struct store_feed *store_feed_new(const struct store_feed_options *options)
{
	struct store_feed *feed = calloc(1, sizeof(*feed));

	if (!feed)
		return NULL;
	feed->options = *options;
	feed->url = strdup(options->url);
	feed->path = strdup(options->path);
	if (!feed->url || !feed->path)
		goto err_feed;
	if (follow_open(&feed->follow, feed->path, options->station, out_of_time, feed) < 0)
		goto err_feed;
	if (pthread_mutex_init(&feed->mutex, NULL) != 0)
		goto err_follow;
	if (clock_cond_init(&feed->wake) != 0)
		goto err_mutex;
	if (clock_cond_init(&feed->done) == 0)
		return feed;
	pthread_cond_destroy(&feed->wake);
err_mutex:
	pthread_mutex_destroy(&feed->mutex);
err_follow:
	follow_close(&feed->follow);
err_feed:
	free(feed->path);
	free(feed->url);
	free(feed);
	return NULL;
}

bool store_feed_start(struct store_feed *feed, struct audit_log *log)
{
	struct audit_head head;
	pthread_attr_t attributes;
	sigset_t all, old;
	int rc = pthread_attr_init(&attributes);

	feed->log = log;
	audit_head(log, &head);
	feed->begun_at = head.seq;
	if (rc != 0)
		return false;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_attr_setstacksize(&attributes, STACK_SIZE);
	if (rc == 0)
		rc = pthread_create(&feed->thread, &attributes, feed_main, feed);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attributes);
	feed->started = rc == 0;
	return feed->started;
}

void store_feed_wake(void *user)
{
	struct store_feed *feed = user;

	pthread_mutex_lock(&feed->mutex);
	feed->wakes++;
	pthread_cond_signal(&feed->wake);
	pthread_mutex_unlock(&feed->mutex);
}

/* Under the mutex. */
static uint64_t rows_left(const struct store_feed *feed, uint64_t head)
{
	uint64_t has = feed->known ? feed->head : feed->begun_at;

	return head > has ? head - has : 0;
}

uint64_t store_feed_lag(struct store_feed *feed)
{
	struct audit_head head;
	uint64_t left;

	if (!feed->started)
		return 0;
	audit_head(feed->log, &head);
	pthread_mutex_lock(&feed->mutex);
	left = rows_left(feed, head.seq);
	pthread_mutex_unlock(&feed->mutex);
	return left;
}

void store_feed_stop(struct store_feed *feed, struct store_fed *fed)
{
	struct audit_head head;
	bool waiting = true;

	*fed = (struct store_fed){.in_time = true};
	if (!feed->started)
		return;
	audit_head(feed->log, &head);
	pthread_mutex_lock(&feed->mutex);
	feed->closing = true;
	feed->stop_at = clock_after_ms(STOP_MS);
	pthread_cond_signal(&feed->wake);
	/* It looks at the same clock, and gets a little more to hang up in good order. */
	while (!feed->ended && waiting)
		waiting = clock_wait_until(&feed->done, &feed->mutex,
					   feed->stop_at + 2000 * CLOCK_MS);
	fed->in_time = feed->ended;
	fed->known = feed->known;
	fed->refused = feed->refused;
	fed->left = rows_left(feed, head.seq);
	snprintf(fed->why, sizeof(fed->why), "%s", feed->ended ? feed->why : "no answer in time");
	pthread_mutex_unlock(&feed->mutex);
	if (fed->in_time)
		pthread_join(feed->thread, NULL);
	else
		pthread_detach(feed->thread);
}

void store_feed_free(struct store_feed *feed)
{
	if (!feed)
		return;
	follow_close(&feed->follow);
	pthread_cond_destroy(&feed->done);
	pthread_cond_destroy(&feed->wake);
	pthread_mutex_destroy(&feed->mutex);
	free(feed->path);
	free(feed->url);
	free(feed);
}
