/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of the server. */
#ifndef STATION_SERVER_PRIVATE_H
#define STATION_SERVER_PRIVATE_H

#include <pthread.h>
#include <stdarg.h>

#include "h7gang/station/event.h"
#include "h7gang/station/queue.h"
#include "h7gang/station/server.h"
#include "peer.h"

#define SERVER_PEERS_MAX 32
#define SERVER_ASKED_MAX 64
#define SERVER_ID_MAX 65 /* bytes of a client's id with its NUL */

/* A command that was handed to the run, and is not answered yet. */
struct server_asked {
	bool used;
	unsigned peer;
	uint64_t number; /* its id with the run */
	char id[SERVER_ID_MAX];
};

struct station_server {
	struct station_options options;
	pthread_t thread;
	struct event_queue queue;
	bool lost; /* an event is missing; under the queue's lock */
	/* the thread's own */
	int listener;
	bool made; /* this process made the socket and removes it */
	struct station_model *model;
	uint64_t told; /* events so far */
	int64_t noted; /* time of the last message to the operator; 0: never */
	unsigned peers, peer_number;
	struct peer peer[SERVER_PEERS_MAX];
	uint64_t asked_number;
	struct server_asked asked[SERVER_ASKED_MAX]; /* a ring: the oldest is forgotten */
};

/* server_tell.c */

/* A message to the operator; at most one a second. */
void server_trouble(struct station_server *server, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* One line, or one object (given away; NULL: no memory), for one client. */
void server_tell(struct station_server *server, struct peer *peer, const char *line);
void server_tell_object(struct station_server *server, struct peer *peer, json_t *object);
void server_snapshot(struct station_server *server, struct peer *peer);

/* Drops a client with a reason; writes as much as it takes now; closes it. */
void server_dismiss(struct station_server *server, struct peer *peer, const char *reason);
void server_flush(struct station_server *server, struct peer *peer);
void server_leave(struct station_server *server, struct peer *peer);

/* server_commands.c: carries out every whole line from the client. */
void server_obey(struct station_server *server, struct peer *peer);

/* The client's command that the run answers with this id. NULL: no client gave it. */
struct server_asked *server_asked_find(struct station_server *server, const char *id);

#endif
