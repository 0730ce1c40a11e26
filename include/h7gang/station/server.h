/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The station socket: a thread that tells its clients the station's state, and takes their
 * commands. No unit waits for a client, and no client for another. docs/web.md describes the
 * protocol. */
#ifndef H7GANG_STATION_SERVER_H
#define H7GANG_STATION_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "h7gang/gang/control.h"
#include "h7gang/station/model.h"

/* Texts are borrowed for the server's life. */
struct station_options {
	const char *path; /* of the socket; NULL: `listener` is it */
	int listener;     /* that systemd passed; -1: none */
	const char *command;
	const struct profile *profile;
	const char *lot, *operator_name, *station; /* "" if absent */
	bool watch;
	struct gang_control *gang_control; /* gets the commands */
	/* Fills in the figures. From the server's thread. */
	void (*figures)(void *user, const char *lot, struct station_figures *figures);
	/* Something that people should know: a client that was dropped, a command that was refused.
	 * From the server's thread; must not block. */
	void (*note)(void *user, const char *text);
	void *user;
};

struct station_server;

/* Starts the thread; signals must be blocked before. NULL: `why`. */
struct station_server *station_server_open(const struct station_options *options, char *why,
					   size_t why_size);

/* A gang_sink; `server` is a struct station_server. Never blocks. */
void station_server_event(void *server, const struct gang_event *event);

/* Sends the clients the waiting events, for at most 5 s, and frees. NULL is allowed. */
void station_server_close(struct station_server *server);

#endif
