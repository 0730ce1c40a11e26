/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections of a listener: each request must be complete by a deadline, and only so many of one
 * address may be without a login. libmicrohttpd has a limit for idle connections only, and a byte
 * now and then is not idle. */
#ifndef WEB_GUESTS_H
#define WEB_GUESTS_H

#include <stdbool.h>

#include "http.h"

#define GUESTS_REQUEST_MS 15000 /* for a TLS handshake, headers and body */
#define GUESTS_PER_PEER 64      /* without a login; the oldest is closed for one more */

struct guests;
struct guest;

/* Room for `most` connections. `idle_ms`: how long a connection may wait for its next request.
 * NULL: no memory. */
struct guests *guests_open(unsigned most, int64_t idle_ms);
void guests_close(struct guests *guests); /* after the last connection */

/* A connection begins. NULL: there is no room. */
struct guest *guests_begin(struct guests *guests, int fd, const char *peer);

/* Its request is complete; it is of a user who may read, or not; its answer is over. */
void guests_asked(struct guests *guests, struct guest *guest);
void guests_known(struct guests *guests, struct guest *guest, bool known);
void guests_answered(struct guests *guests, struct guest *guest);

/* It ends; its descriptor is still open. */
void guests_end(struct guests *guests, struct guest *guest);

#endif
