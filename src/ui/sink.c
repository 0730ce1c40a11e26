/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sink.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "h7gang/base/clock.h"
#include "h7gang/station/outbox.h"
#include "h7gang/station/queue.h"

#define UNIX_PREFIX "unix:"
#define READERS_MAX 16
#define BEHIND_MAX (512u << 10) /* bytes that may wait for one reader */
#define QUEUE_MAX 4096u         /* events that may wait for the thread */
#define CLOSE_MS 5000

struct ui_sink {
	pthread_t thread;
	struct event_queue queue;
	/* under the queue's lock */
	bool given_up;
	char trouble[200]; /* not reported yet; "" none */
	/* the thread's own */
	struct ui_view view;
	int listener; /* -1: no socket */
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	char *hello;                       /* the run's first line, for each new reader */
	struct outbox reader[READERS_MAX]; /* the file is the first */
};

static void tell(struct ui_sink *sink, const char *text, int error)
{
	pthread_mutex_lock(&sink->queue.lock);
	snprintf(sink->trouble, sizeof(sink->trouble), "--events: %s%s%s", text, error ? ": " : "",
		 error ? strerrordesc_np(error) : "");
	pthread_mutex_unlock(&sink->queue.lock);
}

/* Writes the reader's queue. A file on disk takes all of it; a socket or a FIFO as much as it has
 * room for. */
static void flush(struct ui_sink *sink, struct outbox *reader)
{
	int error = outbox_flush(reader);

	if (!error)
		return;
	if (sink->listener < 0)
		tell(sink, "no more events can be written to the file", error);
	outbox_close(reader);
}

static void give(struct ui_sink *sink, struct outbox *reader, const char *line)
{
	if (reader->fd < 0)
		return;
	if (outbox_add(reader, line, strlen(line), BEHIND_MAX)) {
		flush(sink, reader);
		return;
	}
	tell(sink, "a reader that did not keep up was dropped", 0);
	outbox_close(reader);
}

static void take_reader(struct ui_sink *sink)
{
	int fd = accept4(sink->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	for (unsigned i = 0; i < READERS_MAX; i++) {
		if (sink->reader[i].fd >= 0)
			continue;
		sink->reader[i] = (struct outbox){.fd = fd, .socket = true};
		if (sink->hello)
			give(sink, &sink->reader[i], sink->hello);
		return;
	}
	close(fd);
	tell(sink, "too many readers: one was refused", 0);
}

static void distribute(struct ui_sink *sink, const struct gang_event *event)
{
	bool silent = false;
	char *line = ui_render_json(&sink->view, event, &silent);

	if (!line) {
		if (!silent)
			tell(sink, "out of memory: an event is missing", 0);
		return;
	}
	for (unsigned i = 0; i < READERS_MAX; i++)
		give(sink, &sink->reader[i], line);
	if (event->kind == GANG_STARTED && sink->listener >= 0) {
		free(sink->hello);
		sink->hello = line;
	} else {
		free(line);
	}
}

static bool behind(const struct ui_sink *sink)
{
	for (unsigned i = 0; i < READERS_MAX; i++)
		if (sink->reader[i].fd >= 0 && sink->reader[i].used)
			return true;
	return false;
}

/* Waits for an event, a new reader, or room with a reader. A reader that sends is not listened to,
 * and one that left is noticed when it is written to. */
static void wait_for_work(struct ui_sink *sink, int limit_ms)
{
	struct pollfd fds[READERS_MAX + 2] = {{.fd = sink->queue.wake, .events = POLLIN},
					      {.fd = sink->listener, .events = POLLIN}};
	uint64_t count;

	for (unsigned i = 0; i < READERS_MAX; i++) {
		fds[i + 2].fd = sink->reader[i].used ? sink->reader[i].fd : -1;
		fds[i + 2].events = POLLOUT;
	}
	if (poll(fds, READERS_MAX + 2, limit_ms) <= 0)
		return;
	if (fds[0].revents)
		(void)!read(sink->queue.wake, &count, sizeof(count));
	if (fds[1].revents)
		take_reader(sink);
	for (unsigned i = 0; i < READERS_MAX; i++)
		if (fds[i + 2].revents)
			flush(sink, &sink->reader[i]);
}

static void *sink_main(void *user)
{
	struct ui_sink *sink = user;
	int64_t end = CLOCK_NEVER;
	struct queued_event *queued;

	for (;;) {
		while ((queued = event_queue_take(&sink->queue))) {
			distribute(sink, &queued->event);
			free(queued);
		}
		if (event_queue_closing(&sink->queue)) {
			if (end == CLOCK_NEVER)
				end = clock_after_ms(CLOSE_MS / 2);
			if (!behind(sink) || clock_now() >= end)
				break;
		}
		wait_for_work(sink, end == CLOCK_NEVER ? -1 : 100);
	}
	for (unsigned i = 0; i < READERS_MAX; i++)
		outbox_close(&sink->reader[i]);
	event_queue_end(&sink->queue);
	return NULL;
}

/* A FIFO without a reader is opened all the same: its events are lost until there is one. */
static int open_file(const char *path)
{
	int fd =
		open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0640);

	if (fd < 0 && errno == ENXIO)
		fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	return fd;
}

/* A file with other contents than events would be spoilt: a log, a profile, an image. */
static bool holds_events(const char *path)
{
	static const char begin[] = "{\"v\":";
	char text[sizeof(begin)] = "";
	struct stat st;
	FILE *file;
	bool good;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size == 0)
		return true;
	file = fopen(path, "re");
	good = file && fgets(text, sizeof(text), file) && strcmp(text, begin) == 0;
	if (file)
		fclose(file);
	return good;
}

static bool open_outputs(struct ui_sink *sink, const char *where, char *why, size_t why_size)
{
	const size_t prefix = sizeof(UNIX_PREFIX) - 1;

	for (unsigned i = 0; i < READERS_MAX; i++)
		sink->reader[i].fd = -1;
	sink->listener = -1;
	if (strncmp(where, UNIX_PREFIX, prefix) == 0) {
		sink->listener = station_listen(where + prefix, NULL, why, why_size);
		if (sink->listener >= 0)
			snprintf(sink->path, sizeof(sink->path), "%s", where + prefix);
		return sink->listener >= 0;
	}
	if (!holds_events(where)) {
		snprintf(why, why_size, "%s: it exists and holds no events; name another file",
			 where);
		return false;
	}
	sink->reader[0].fd = open_file(where);
	if (sink->reader[0].fd < 0)
		snprintf(why, why_size, "%s: %s", where, strerrordesc_np(errno));
	return sink->reader[0].fd >= 0;
}

/* Frees all but the descriptors that the thread closes. */
static void sink_free(struct ui_sink *sink)
{
	if (sink->listener >= 0)
		close(sink->listener);
	if (sink->path[0])
		unlink(sink->path);
	event_queue_free(&sink->queue);
	free(sink->hello);
	free(sink);
}

struct ui_sink *ui_sink_open(const char *where, const struct ui_options *options, char *why,
			     size_t why_size)
{
	struct ui_sink *sink = calloc(1, sizeof(*sink));
	int error;

	snprintf(why, why_size, "out of memory");
	if (!sink || !event_queue_open(&sink->queue)) {
		free(sink);
		return NULL;
	}
	sink->view.options = *options;
	sink->view.options.quiet = false;
	if (!open_outputs(sink, where, why, why_size)) {
		sink_free(sink);
		return NULL;
	}
	error = pthread_create(&sink->thread, NULL, sink_main, sink);
	if (error == 0)
		return sink;
	snprintf(why, why_size, "cannot start a thread: %s", strerrordesc_np(error));
	outbox_close(&sink->reader[0]);
	sink_free(sink);
	return NULL;
}

void ui_sink_put(struct ui_sink *sink, const struct gang_event *event)
{
	bool given_up;

	pthread_mutex_lock(&sink->queue.lock);
	given_up = sink->given_up;
	pthread_mutex_unlock(&sink->queue.lock);
	if (given_up || event_queue_put(&sink->queue, event, QUEUE_MAX) ||
	    event->kind == GANG_PROGRESS)
		return;
	pthread_mutex_lock(&sink->queue.lock);
	sink->given_up = true;
	snprintf(sink->trouble, sizeof(sink->trouble),
		 "--events: the file does not keep up: no further event is written to it");
	pthread_mutex_unlock(&sink->queue.lock);
}

bool ui_sink_trouble(struct ui_sink *sink, char *text, size_t size)
{
	bool there;

	pthread_mutex_lock(&sink->queue.lock);
	there = sink->trouble[0] != 0;
	snprintf(text, size, "%s", sink->trouble);
	sink->trouble[0] = 0;
	pthread_mutex_unlock(&sink->queue.lock);
	return there;
}

void ui_sink_close(struct ui_sink *sink)
{
	if (!sink)
		return;
	if (!event_queue_close(&sink->queue, CLOSE_MS)) { /* hangs in write(2): frees nothing */
		if (sink->path[0])
			unlink(sink->path);
		pthread_detach(sink->thread);
		return;
	}
	pthread_join(sink->thread, NULL);
	sink_free(sink);
}
