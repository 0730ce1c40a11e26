/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/station/client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "h7gang/base/clock.h"
#include "h7gang/station/event.h"
#include "h7gang/station/outbox.h"

#define LINE_MAX_BYTES (4u << 20) /* a snapshot of 128 slots has some 300 kB */
#define SEND_MS 2000
#define SOCKET_NAME "station.sock"

struct station_client {
	int fd;
	char *bytes;
	size_t used, room, looked; /* looked: no LF before it */
	bool over;
	char why[200];
};

static void end(struct station_client *client, const char *why)
{
	client->over = true;
	snprintf(client->why, sizeof(client->why), "%s", why);
}

/* The next whole line, in place. NULL: there is none yet. */
static char *whole_line(struct station_client *client, size_t *taken)
{
	char *from = client->bytes + client->looked;
	char *lf = client->used > client->looked ? memchr(from, '\n', client->used - client->looked)
						 : NULL;

	client->looked = client->used;
	if (!lf)
		return NULL;
	*lf = 0;
	*taken = (size_t)(lf - client->bytes) + 1;
	return client->bytes;
}

static json_t *take_line(struct station_client *client)
{
	size_t taken;
	char *line = whole_line(client, &taken);
	json_t *object = line ? json_loads(line, JSON_REJECT_DUPLICATES, NULL) : NULL;
	char event[16], why[160];

	if (!line)
		return NULL;
	if (!json_is_object(object)) {
		end(client, "the program that answers there is not a station");
		json_decref(object);
		return NULL;
	}
	memmove(client->bytes, client->bytes + taken, client->used - taken);
	client->used -= taken;
	client->looked = 0;
	station_get_text(object, "event", event, sizeof(event));
	if (strcmp(event, "bye") == 0) {
		station_get_text(object, "reason", why, sizeof(why));
		end(client, why);
	}
	return object;
}

static void hear(struct station_client *client)
{
	ssize_t got;

	if (client->used + 4096 > client->room) {
		size_t room = client->room ? 2 * client->room : 65536;
		char *more = room <= LINE_MAX_BYTES ? realloc(client->bytes, room) : NULL;

		if (!more) {
			end(client, "a line of the station is too long, or memory is out");
			return;
		}
		client->bytes = more;
		client->room = room;
	}
	got = recv(client->fd, client->bytes + client->used, client->room - client->used,
		   MSG_DONTWAIT);
	if (got > 0)
		client->used += (size_t)got;
	else if (got == 0)
		end(client, "the station ended the connection");
	else if (errno != EAGAIN && errno != EINTR)
		end(client, strerrordesc_np(errno));
}

json_t *station_client_next(struct station_client *client, int64_t ms)
{
	for (;;) {
		json_t *object = take_line(client);

		if (object || client->over)
			return object;
		if (!clock_wait_other(client->fd, POLLIN, ms))
			return NULL;
		hear(client);
	}
}

struct station_client *station_client_open(const char *path, int64_t ms, char *why, size_t why_size)
{
	struct station_client *client = calloc(1, sizeof(*client));
	char event[16];
	json_t *hello;
	bool known;

	snprintf(why, why_size, "out of memory");
	if (!client)
		return NULL;
	client->fd = station_connect(path);
	if (client->fd < 0) {
		snprintf(why, why_size, "%s: %s", path,
			 errno == ENOENT || errno == ECONNREFUSED
				 ? "no station runs there (h7gang run --watch --socket)"
				 : strerrordesc_np(errno));
		goto err;
	}
	hello = station_client_next(client, ms);
	station_get_text(hello, "event", event, sizeof(event));
	known = hello && strcmp(event, "hello") == 0 &&
		station_get_number(hello, "v", 2, 2, 0) == 2;
	snprintf(why, why_size, "%s: %s", path,
		 client->why[0] ? client->why
		 : hello        ? "the station speaks another version"
				: "the station does not answer");
	json_decref(hello);
	if (known)
		return client;
err:
	station_client_close(client);
	return NULL;
}

void station_client_close(struct station_client *client)
{
	if (!client)
		return;
	if (client->fd >= 0)
		close(client->fd);
	free(client->bytes);
	free(client);
}

bool station_client_over(const struct station_client *client, char *why, size_t why_size)
{
	if (why)
		snprintf(why, why_size, "%s", client->why);
	return client->over;
}

/* A command is short: a station that does not take it at once takes nothing. */
static bool send_all(struct station_client *client, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		ssize_t sent = send(client->fd, text, left, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (sent > 0) {
			text += sent;
			left -= (size_t)sent;
		} else if (sent < 0 && errno == EAGAIN) {
			if (!clock_wait_other(client->fd, POLLOUT, SEND_MS))
				return false;
		} else if (errno != EINTR) {
			return false;
		}
	}
	return true;
}

bool station_client_say(struct station_client *client, const char *id, const char *command,
			const char *asker)
{
	json_t *object = json_object();
	char *line = NULL;
	bool done;

	if (object && station_set_text(object, "id", id) &&
	    station_set_text(object, "command", command) && station_set_text(object, "for", asker))
		line = station_json_line(object);
	done = line && !client->over && send_all(client, line);
	free(line);
	json_decref(object);
	return done;
}

bool station_path(const char *wanted, char *path, size_t size, char *why, size_t why_size)
{
	const char *folder = getenv("RUNTIME_DIRECTORY");
	int length;

	if (!wanted && (!folder || !folder[0])) {
		snprintf(why, why_size,
			 "the station's socket is not known: use --connect PATH, or set "
			 "RUNTIME_DIRECTORY");
		return false;
	}
	/* systemd.exec(5): several folders stand with colons between them. */
	length = wanted ? snprintf(path, size, "%s", wanted)
			: snprintf(path, size, "%.*s/" SOCKET_NAME, (int)strcspn(folder, ":"),
				   folder);
	if (length >= 0 && (size_t)length < size)
		return true;
	snprintf(why, why_size, "the path of the socket is too long");
	return false;
}
