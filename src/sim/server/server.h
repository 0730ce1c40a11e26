/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Serves the tray to programs that load the libusb stand-in: one thread, one unix socket. */
#ifndef SIM_SERVER_H
#define SIM_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct fleet;
struct server;
struct tray;

/* Counts of what programs had not released when they closed their connection or ended. */
struct server_left {
	unsigned handles, claims, requests;
};

struct server_options {
	const char *socket;       /* path to listen on for the stand-in; NULL: none */
	const char *control;      /* path to listen on for text commands; NULL: none */
	const char *clock;        /* path of the shared clock: virtual time; NULL: real time */
	const char *sysfs;        /* folder for the bus in the form of sysfs; NULL: none */
	double speed;             /* fleet seconds in a real second; without virtual time */
	struct server_left *left; /* counts until server_free */
};

/* Fleet and tray are borrowed. The tray's time 0 is now. NULL with a reason. */
struct server *server_new(const struct fleet *fleet, struct tray *tray,
			  const struct server_options *options, char *why, size_t why_size);
void server_free(struct server *server);

/* Another front beside the stand-in's: `service` is called when `fd` is readable. False: no memory.
 */
bool server_add_front(struct server *server, int fd, void (*service)(void *user), void *user);
/* Serves until `settled` says so. False: not within `limit_ms` of real time, or interrupted by a
 * signal. */
bool server_settle(struct server *server, bool (*settled)(void *user), void *user,
		   unsigned limit_ms);

/* Serves until the child has ended, passing SIGINT and SIGTERM on to it. These and SIGCHLD must be
 * blocked. Returns its wait status, or -1 with errno. */
int server_run(struct server *server, pid_t child);

/* The commands of the control socket, a line each. */
void server_control_help(FILE *to);

#endif
