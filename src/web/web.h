/* SPDX-License-Identifier: GPL-2.0-or-later */
/* h7gang-web: a program of its own that shows one station. Shared by its threads. */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "h7gang/base/say.h"
#include "h7gang/station/model.h"

#define WEB_PROGRAM "h7gang-web"
#define WEB_LISTENERS_MAX 8
#define WEB_HOSTS_MAX 16
#define WEB_WHY 300

struct feed;
struct follow_log;
struct auth;
struct rate;
struct report_maker;

struct web_options {
	const char *connect, *log; /* NULL: RUNTIME_DIRECTORY's; the station's */
	const char *listen[WEB_LISTENERS_MAX];
	unsigned listeners;
	const char *metrics; /* NULL: none */
	const char *host[WEB_HOSTS_MAX];
	unsigned hosts;
	const char *users, *certificate, *key, *client_ca, *trusted_header, *trace;
	bool control;
	unsigned session_minutes;
	/* a command instead of a service */
	const char *add_user, *add_token, *role;
};

/* Shared by the threads of connections. */
struct web {
	const struct web_options *options;
	char path[STATION_PATH_SIZE]; /* of the station's socket */
	struct feed *feed;
	struct follow_log *log;
	struct auth *auth; /* NULL: all may read, without commands */
	struct rate *rate;
	struct report_maker *report;
	bool tls;
};

/* A line for the journal. */
#define web_say(...) say(WEB_PROGRAM, __VA_ARGS__)

#endif
