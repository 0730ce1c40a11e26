/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses that the program answers at, by libmicrohttpd: a thread for each connection, all of
 * them bounded. */
#ifndef WEB_LISTEN_H
#define WEB_LISTEN_H

#include "address.h"
#include "web.h"

struct listener;

/* Answers at `address`; `metrics`: with nothing but /metrics. NULL: `why`. */
struct listener *listener_open(struct web *web, const struct address *address, bool metrics,
			       char *why, size_t why_size);
void listener_close(struct listener *listener);

#endif
