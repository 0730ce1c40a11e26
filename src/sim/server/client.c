/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client's connection: its output queue, and its end. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "server_private.h"

bool client_room(struct buffer *buffer, size_t length)
{
	size_t size = buffer->size ? buffer->size : SERVER_BUFFER;
	uint8_t *grown;

	if (buffer->start == buffer->end)
		buffer->start = buffer->end = 0;
	if (buffer->size - buffer->end >= length)
		return true;
	if (buffer->bytes)
		memmove(buffer->bytes, buffer->bytes + buffer->start, buffer->end - buffer->start);
	buffer->end -= buffer->start;
	buffer->start = 0;
	if (buffer->size - buffer->end >= length)
		return true;
	while (size - buffer->end < length)
		size *= 2;
	grown = realloc(buffer->bytes, size);
	if (!grown)
		return false;
	buffer->bytes = grown;
	buffer->size = size;
	return true;
}

static void queue(struct server_client *client, const void *bytes, size_t length)
{
	if (!length || client->dead)
		return;
	if (!client_room(&client->out, length)) {
		client->dead = true;
		return;
	}
	memcpy(client->out.bytes + client->out.end, bytes, length);
	client->out.end += length;
	client->sent += length;
}

void server_send(struct server_client *client, const struct proto_head *head, const void *body,
		 size_t length)
{
	struct proto_head sized = *head;

	sized.size = (uint32_t)(sizeof(sized) + length);
	queue(client, &sized, sizeof(sized));
	queue(client, body, length);
}

void server_send_text(struct server_client *client, const char *text)
{
	queue(client, text, strlen(text));
}

void server_watch(struct server *server, struct source *source, int operation, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = source};

	/* Fails only if kernel memory is short; the client then hangs and its user ends it. */
	if (epoll_ctl(server->epoll, operation, source->fd, &event) < 0)
		perror("h7gang-sim: epoll_ctl");
}

void client_flush(struct server_client *client)
{
	struct buffer *out = &client->out;

	while (out->start < out->end) {
		ssize_t sent = send(client->source.fd, out->bytes + out->start,
				    out->end - out->start, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			server_watch(client->server, &client->source, EPOLL_CTL_MOD,
				     EPOLLIN | EPOLLOUT);
			return;
		}
		if (sent < 0) {
			client->dead = true;
			return;
		}
		out->start += (size_t)sent;
	}
}
