/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where messages go: an MQTT broker or an HTTP server. Used by one thread. */
#ifndef PUBLISH_RECEIVER_H
#define PUBLISH_RECEIVER_H

#include "message.h"

struct receiver {
	/* Hands one message over and waits, up to --timeout, until the other side has taken it.
	 * False: it has not, or it is not known: `why`. */
	bool (*deliver)(struct receiver *receiver, const struct message *message, char *why,
			size_t why_size);
	/* Tells that everything up to `at` is published. NULL: this kind tells no state. */
	void (*caught_up)(struct receiver *receiver, const struct audit_published *at);
	/* Waits; keeps the connection alive meanwhile. */
	void (*idle)(struct receiver *receiver, int64_t ms);
	void (*close)(struct receiver *receiver, const struct audit_published *at);
};

/* NULL: `why`, a mistake in the options, or no memory. `station`: the station in the topics of the
 * state.
 */
struct receiver *mqtt_open(const struct publish_options *options, const char *station, char *why,
			   size_t why_size);
struct receiver *http_open(const struct publish_options *options, char *why, size_t why_size);

#endif
