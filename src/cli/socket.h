/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The station socket of a run, and the messages to systemd. */
#ifndef CLI_SOCKET_H
#define CLI_SOCKET_H

#include "cli.h"
#include "run_log.h"
#include "h7gang/station/server.h"

struct service;

struct cli_socket {
	const struct cli_options *options;
	const struct profile *profile;
	struct run_log *run_log;
	char path[STATION_PATH_SIZE], host[256];
	struct station_server *server; /* NULL: there is no socket */
	struct service *service;       /* NULL: systemd asks for nothing */
};

/* Opens the sockets that the options, the environment or systemd ask for, if any. The reason of a
 * failure has been told. */
enum h7_exit cli_socket_open(struct cli_socket *socket, struct gang_control *control);

/* A gang_sink; `socket` is a struct cli_socket. Never blocks. */
void cli_socket_event(void *socket, const struct gang_event *event);

void cli_socket_close(struct cli_socket *socket);

#endif
