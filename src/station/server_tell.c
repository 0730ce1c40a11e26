/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of the server to its clients, and about them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "server_private.h"

#define NOTE_MS 1000

/* At most one a second: a client must not flood the operator's messages. */
void server_trouble(struct station_server *server, const char *format, ...)
{
	char text[400];
	va_list arguments;

	if (server->noted && clock_elapsed_ms(server->noted) < NOTE_MS)
		return;
	server->noted = clock_now();
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	server->options.note(server->options.user, text);
}

void server_leave(struct station_server *server, struct peer *peer)
{
	outbox_close(&peer->outbox);
	server->peers--;
}

void server_flush(struct station_server *server, struct peer *peer)
{
	if (peer->outbox.fd < 0)
		return;
	if (outbox_flush(&peer->outbox) != 0)
		server_leave(server, peer);
	else if (peer->leaves != CLOCK_NEVER && clock_now() >= peer->leaves)
		server_leave(server, peer);
	else if (peer->leaves != CLOCK_NEVER && peer->outbox.used == 0)
		shutdown(peer->outbox.fd, SHUT_WR); /* the reason is out; its end comes next */
}

void server_dismiss(struct station_server *server, struct peer *peer, const char *reason)
{
	server_trouble(server, "socket: %s was dropped: %s", peer->who, reason);
	peer_dismiss(peer, reason);
	server_flush(server, peer);
}

void server_tell(struct station_server *server, struct peer *peer, const char *line)
{
	if (!peer_tell(peer, line))
		server_trouble(server, "socket: %s was dropped: it does not keep up", peer->who);
	server_flush(server, peer);
}

void server_tell_object(struct station_server *server, struct peer *peer, json_t *object)
{
	char *line = object ? station_json_line(object) : NULL;

	if (line)
		server_tell(server, peer, line);
	else
		server_dismiss(server, peer, "the station is out of memory");
	free(line);
	json_decref(object);
}

void server_snapshot(struct station_server *server, struct peer *peer)
{
	const struct station_options *options = &server->options;
	struct station_model *model = server->model;
	json_t *object;

	memset(&model->figures, 0, sizeof(model->figures));
	options->figures(options->user, model->lot, &model->figures);
	object = station_model_json(model, clock_now());
	if (object && !station_set_number(object, "n", (int64_t)server->told)) {
		json_decref(object);
		object = NULL;
	}
	server_tell_object(server, peer, object);
}
