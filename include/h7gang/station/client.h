/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client of the station socket: for the panel, status, the web page. Its input is checked and
 * bounded: a station may be of another version, or no station at all. */
#ifndef H7GANG_STATION_CLIENT_H
#define H7GANG_STATION_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct station_client;

/* Connects; at most `ms` are waited for the station's hello. NULL: `why`. */
struct station_client *station_client_open(const char *path, int64_t ms, char *why,
					   size_t why_size);
void station_client_close(struct station_client *client);

/* Waits up to `ms` (0: not) for the next object, the caller's then. NULL: none came, or
 * station_client_over() is true. */
json_t *station_client_next(struct station_client *client, int64_t ms);

/* Whether the connection has ended; `why` (may be NULL) says how. */
bool station_client_over(const struct station_client *client, char *why, size_t why_size);

/* Sends a command; `asker` ("" none) is its author. False: it cannot be sent. */
bool station_client_say(struct station_client *client, const char *id, const char *command,
			const char *asker);

/* Where a station's socket is: `wanted`, or station.sock in $RUNTIME_DIRECTORY. False: neither is
 * given, or it is too long; `why`. */
bool station_path(const char *wanted, char *path, size_t size, char *why, size_t why_size);

#endif
