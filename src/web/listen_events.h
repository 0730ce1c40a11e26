/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Server-sent events as the body of an answer. */
#ifndef WEB_LISTEN_EVENTS_H
#define WEB_LISTEN_EVENTS_H

#include <microhttpd.h>

#include "http.h"

/* An answer that goes on until its reader leaves, does not keep up, or its login is not valid any
 * more. It begins behind the answer's `last_id` ("" none). NULL: no memory. */
struct MHD_Response *events_response(struct web *web, struct MHD_Connection *connection,
				     const struct http_answer *answer);

#endif
