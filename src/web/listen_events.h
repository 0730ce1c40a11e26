/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Server-sent events as the body of an answer. */
#ifndef WEB_LISTEN_EVENTS_H
#define WEB_LISTEN_EVENTS_H

#include <microhttpd.h>

struct feed;

/* An answer that goes on until its reader leaves or does not keep up; it begins behind `last_id`
 * ("" none). NULL: no memory. */
struct MHD_Response *events_response(struct feed *feed, struct MHD_Connection *connection,
				     const char *last_id);

#endif
