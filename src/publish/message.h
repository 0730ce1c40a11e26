/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The messages: one JSON object for a row, and the state of the publisher
 * (docs/publish.schema.json).
 */
#ifndef PUBLISH_MESSAGE_H
#define PUBLISH_MESSAGE_H

#include "rows.h"

struct message {
	uint64_t seq;
	const char *row_hash; /* the row's */
	const char *kind;     /* "unit" or "note" */
	char *station;        /* of the row; owned */
	char *text;           /* JSON, owned */
	size_t length;
};

/* NULL: no memory. */
struct message *message_new(const struct row *row, bool with_operator);
void message_free(struct message *message);

/* The retained state. To be freed; NULL: no memory. */
char *message_state(bool online, const char *station, const char *name,
		    const struct audit_published *at);

/* A level of a topic, without characters that are special in MQTT, control characters and invalid
 * UTF-8. */
void message_level(const char *text, char *level, size_t size);

#endif
