/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "publisher.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "h7gang/base/clock.h"
#include "h7gang/base/durable.h"
#include "receiver.h"

#define LOOK_MS 300
#define KEEP_MS 200 /* between two writes of the position while rows go out */
#define BACKOFF_MIN_MS 500
#define BACKOFF_MAX_MS 15000
#define REMIND_MS 600000
#define UNREADABLE_MAX 4 /* looks of --once at a log that cannot be read */

struct work {
	struct publisher *publisher;
	struct rows *rows;
	struct receiver *receiver;
	struct audit_published kept; /* as in the position file */
	int64_t kept_at, backoff_ms;
	unsigned unreadable;
	char station[PUBLISH_ONE_TEXT];
	char told[PUBLISH_WHY]; /* the trouble that was said last; "" none */
	int64_t told_at;
};

/* The same trouble is said once, and then every ten minutes. */
static void trouble(struct work *work, const char *why)
{
	if (strcmp(work->told, why) == 0 && clock_elapsed_ms(work->told_at) < REMIND_MS)
		return;
	snprintf(work->told, sizeof(work->told), "%s", why);
	work->told_at = clock_now();
	publish_say("rows after row %" PRIu64 " wait: %s; trying again", rows_at(work->rows)->seq,
		    why);
}

static void well(struct work *work)
{
	if (work->told[0])
		publish_say("going on: row %" PRIu64 " was sent", rows_at(work->rows)->seq);
	work->told[0] = 0;
	work->backoff_ms = 0;
}

static void back_off(struct work *work)
{
	work->backoff_ms = work->backoff_ms ? 2 * work->backoff_ms : BACKOFF_MIN_MS;
	if (work->backoff_ms > BACKOFF_MAX_MS)
		work->backoff_ms = BACKOFF_MAX_MS;
	if (work->receiver)
		work->receiver->idle(work->receiver, work->backoff_ms);
	else
		publish_wait(work->backoff_ms);
}

/* With --once: whether there was no progress for too long. */
static bool given_up(const struct work *work)
{
	const struct publisher *publisher = work->publisher;

	return publisher->options->once && clock_elapsed_ms(atomic_load(&publisher->progress_at)) >=
						   (int64_t)publisher->options->wait_s * 1000;
}

/* --- the position --- */

static bool keep(struct work *work)
{
	const struct audit_published *at = rows_at(work->rows);
	char why[PUBLISH_WHY];
	int rc;

	if (at->seq == work->kept.seq)
		return true;
	rc = audit_published_write(work->publisher->position, at);
	if (rc < 0) {
		snprintf(why, sizeof(why), "%.200s cannot be written: %s",
			 work->publisher->position, strerrordesc_np(-rc));
		trouble(work, why);
		return false;
	}
	work->kept = *at;
	work->kept_at = clock_now();
	return true;
}

/* Nothing more is sent until the position is on disk. False: the end. */
static bool keep_surely(struct work *work)
{
	while (!keep(work)) {
		if (publish_ending() || given_up(work))
			return false;
		back_off(work);
	}
	well(work);
	return true;
}

/* --- rows --- */

/* The station that the topic of the state names. */
static void choose_station(struct work *work, const struct message *message)
{
	const char *chosen = work->publisher->options->station;
	const char *row = message ? message->station : rows_station(work->rows);

	if (chosen || row[0])
		snprintf(work->station, sizeof(work->station), "%s", chosen ? chosen : row);
	else if (gethostname(work->station, sizeof(work->station) - 1) != 0)
		work->station[0] = 0;
}

static bool open_target(struct work *work, const struct message *message)
{
	const struct publish_options *options = work->publisher->options;
	char why[PUBLISH_WHY] = "";

	if (work->receiver)
		return true;
	choose_station(work, message);
	work->receiver = options->mqtt ? mqtt_open(options, work->station, why, sizeof(why))
				       : http_open(options, why, sizeof(why));
	if (!work->receiver)
		publish_say("%s", why);
	return work->receiver;
}

/* Until the receiver has taken it. False: the end. */
static bool deliver(struct work *work, const struct message *message)
{
	char why[PUBLISH_WHY] = "";

	while (!work->receiver->deliver(work->receiver, message, why, sizeof(why))) {
		if (publish_ending())
			return false;
		trouble(work, why);
		if (given_up(work))
			return false;
		keep(work);
		back_off(work);
		if (publish_ending() || given_up(work))
			return false;
	}
	return true;
}

static bool send_row(struct work *work, const struct row *row, enum h7_exit *status)
{
	const struct publish_options *options = work->publisher->options;
	struct message *message = message_new(row, options->with_operator);
	bool done;

	*status = H7_EXIT_INTERNAL;
	if (!message)
		publish_say("no memory");
	if (!message || !open_target(work, message)) {
		message_free(message);
		return false;
	}
	*status = H7_EXIT_FAILED;
	done = deliver(work, message);
	message_free(message);
	if (!done)
		return false;
	rows_taken(work->rows);
	atomic_store(&work->publisher->progress_at, clock_now());
	atomic_fetch_add(&work->publisher->sent, 1);
	well(work);
	*status = H7_EXIT_LOG;
	return clock_elapsed_ms(work->kept_at) < KEEP_MS || keep_surely(work);
}

/* Everything is sent. False: that is all. */
static bool at_end(struct work *work, enum h7_exit *status)
{
	*status = H7_EXIT_LOG;
	if (!keep_surely(work))
		return false;
	*status = H7_EXIT_INTERNAL;
	if (!open_target(work, NULL))
		return false;
	*status = H7_EXIT_OK;
	if (work->publisher->options->once)
		return false;
	if (work->receiver->caught_up)
		work->receiver->caught_up(work->receiver, rows_at(work->rows));
	work->receiver->idle(work->receiver, LOOK_MS);
	return true;
}

static bool unreadable(struct work *work, enum h7_exit *status)
{
	trouble(work, rows_why(work->rows));
	keep(work);
	*status = H7_EXIT_LOG;
	if (work->publisher->options->once && ++work->unreadable >= UNREADABLE_MAX)
		return false;
	if (work->receiver)
		work->receiver->idle(work->receiver, LOOK_MS);
	else
		publish_wait(LOOK_MS);
	return true;
}

static void say_wrong(const struct work *work)
{
	const struct publish_options *options = work->publisher->options;

	publish_say("%s. Nothing is sent any more. Put the right log back, or say where to go on: "
		    "h7gang publish --log %s --name %s --after SEQ (0: everything again, end: only "
		    "later rows)",
		    rows_why(work->rows), options->log, options->name);
}

static bool step(struct work *work, enum h7_exit *status)
{
	struct row row;

	switch (rows_next(work->rows, &row)) {
	case ROWS_ROW:
		return send_row(work, &row, status);
	case ROWS_END:
		return at_end(work, status);
	case ROWS_WAIT:
		return unreadable(work, status);
	case ROWS_WRONG:
	default:
		say_wrong(work);
		*status = H7_EXIT_LOG;
		return false;
	}
}

enum h7_exit publisher_run(struct publisher *publisher)
{
	struct work work = {.publisher = publisher, .kept = publisher->at};
	enum h7_exit status = H7_EXIT_INTERNAL, stopped;
	bool more = true;

	work.rows = rows_open(publisher->options->log, publisher->at.seq ? &publisher->at : NULL);
	if (!work.rows) {
		publish_say("no memory");
		return status;
	}
	while (more && !publish_ending())
		more = step(&work, &status);
	stopped = publisher->options->once ? H7_EXIT_FAILED : H7_EXIT_OK;
	if (more || (publish_ending() && status != H7_EXIT_OK && status != H7_EXIT_INTERNAL))
		status = stopped;
	if (!keep(&work) && status != H7_EXIT_INTERNAL)
		status = H7_EXIT_LOG;
	publisher->at = *rows_at(work.rows);
	if (work.receiver)
		work.receiver->close(work.receiver, &publisher->at);
	rows_close(work.rows);
	return status;
}

/* --- --after --- */

static int forget(const char *position)
{
	const char *name;
	int folder = durable_folder(position, false, &name), rc = folder;

	if (folder < 0)
		return rc;
	rc = durable_remove(folder, name);
	if (rc == 0)
		rc = durable_sync_folder(folder);
	close(folder);
	return rc;
}

enum h7_exit publisher_set(const struct publish_options *options, const char *position)
{
	bool end = strcmp(options->after, "end") == 0;
	struct audit_published at;
	char why[PUBLISH_WHY], *rest = NULL;
	uint64_t seq = end ? 0 : strtoull(options->after, &rest, 10);
	int rc;

	if (!end && (options->after[0] < '0' || options->after[0] > '9' || *rest)) {
		publish_say("--after: the number of a row, or end");
		return H7_EXIT_USAGE;
	}
	if ((end || seq) && !rows_locate(options->log, end, seq, &at, why, sizeof(why))) {
		publish_say("--after: %s", why);
		return H7_EXIT_LOG;
	}
	rc = end || seq ? audit_published_write(position, &at) : forget(position);
	if (rc < 0) {
		publish_say("%s: %s", position, strerrordesc_np(-rc));
		return H7_EXIT_LOG;
	}
	publish_say("%s: row %" PRIu64 " comes next", options->name, (end || seq ? at.seq : 0) + 1);
	return H7_EXIT_OK;
}
