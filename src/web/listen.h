/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Serves an address by libmicrohttpd: a thread for each connection, with limits on their number and
 * time. */
#ifndef WEB_LISTEN_H
#define WEB_LISTEN_H

#include "address.h"
#include "web.h"

struct listener;

/* Serves `address`; `metrics`: only /metrics. NULL: `why`. */
struct listener *listener_open(struct web *web, const struct address *address, bool metrics,
			       char *why, size_t why_size);
void listener_close(struct listener *listener);

#endif
