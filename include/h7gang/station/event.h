/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events as JSON, the same wherever a program reads them (--json, --events, the station socket, a
 * browser), and back. docs/events.schema.json describes them. jansson builds and reads the objects;
 * base/text writes them, so that no character in them drives a terminal. */
#ifndef H7GANG_STATION_EVENT_H
#define H7GANG_STATION_EVENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "h7gang/gang/events.h"

/* The facts in the event of a run's start. Borrowed, "" if absent. */
struct station_facts {
	const char *command, *profile, *part, *lot, *log;
};

/* The event as an object. NULL: no memory. */
json_t *station_event_json(const struct station_facts *facts, const struct gang_event *event);

/* An event of that form back; `facts` (may be NULL) gets texts of `object`. False: it is no event
 * that this version knows. Texts are cut to their size. */
bool station_event_read(const json_t *object, struct gang_event *event,
			struct station_facts *facts);

/* The object as one line with its LF, to be freed. NULL: no memory. */
char *station_json_line(const json_t *object);

/* Sets a member; a text may hold anything, its invalid bytes become U+FFFD. False: no memory. */
bool station_set_text(json_t *object, const char *key, const char *text);
bool station_set_number(json_t *object, const char *key, int64_t number);
bool station_set_flag(json_t *object, const char *key, bool flag);

/* The text of a member, cut to its size; "" where there is no such text. */
void station_get_text(const json_t *object, const char *key, char *to, size_t size);

/* A number of a member between two limits; `otherwise` where there is none. */
int64_t station_get_number(const json_t *object, const char *key, int64_t least, int64_t most,
			   int64_t otherwise);

/* The verdict as it may be shown: "PASS" only if its row is on disk. */
const char *station_verdict(const struct gang_event *event);

/* "started", "unit" ... Static. */
const char *station_event_name(enum gang_event_kind kind);

#endif
