/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "message.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/base/errors.h"
#include "h7gang/base/text.h"

#define VERSION 1

static json_t *row_object(const struct row *row)
{
	char *bytes = NULL;
	size_t length = 0;
	FILE *to = open_memstream(&bytes, &length);
	json_t *object = NULL;
	bool good;

	if (!to)
		return NULL;
	audit_record_json(to, "", row->reader, row->record);
	good = !ferror(to);
	if (fclose(to) == 0 && good)
		object = json_loadb(bytes, length, JSON_ALLOW_NUL, NULL);
	free(bytes);
	return object;
}

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

/* Whether no further attempt can follow. */
static bool is_final(const json_t *row)
{
	const char *error = text_of(row, "error");
	json_int_t attempt = json_integer_value(json_object_get(row, "attempt"));
	json_int_t allowed = json_integer_value(json_object_get(row, "attempts_allowed"));
	enum h7_error known = h7_error_find(error);

	return !error[0] || attempt >= allowed ||
	       (known != H7_ERROR_COUNT && !h7_error_retried(known));
}

/* The texts of notes name operators. */
static void leave_out_operator(json_t *row, bool note)
{
	json_object_del(row, "operator");
	if (note)
		json_object_del(row, "detail");
}

/* Takes `row`. */
static json_t *compose(json_t *row, const char *kind, bool with_operator)
{
	json_t *object = json_object();
	bool note = strcmp(kind, "note") == 0;
	bool good =
		object && json_object_set_new(object, "v", json_integer(VERSION)) == 0 &&
		json_object_set_new(object, "kind", json_string(kind)) == 0 &&
		(note || json_object_set_new(object, "final", json_boolean(is_final(row))) == 0);

	json_object_del(row, "v");
	json_object_del(row, "file");
	json_object_del(row, "line");
	if (!with_operator)
		leave_out_operator(row, note);
	good = good && json_object_update(object, row) == 0;
	json_decref(row);
	if (good)
		return object;
	json_decref(object);
	return NULL;
}

struct message *message_new(const struct row *row, bool with_operator)
{
	struct message *message = calloc(1, sizeof(*message));
	json_t *object = message ? row_object(row) : NULL;

	if (!object) {
		free(message);
		return NULL;
	}
	message->kind = strcmp(text_of(object, "command"), "note") == 0 ? "note" : "unit";
	object = compose(object, message->kind, with_operator);
	message->seq = row->link->seq;
	message->row_hash = row->link->row_hash;
	message->station = object ? strdup(text_of(object, "station")) : NULL;
	message->text = object ? json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
	json_decref(object);
	if (message->station && message->text) {
		message->length = strlen(message->text);
		return message;
	}
	message_free(message);
	return NULL;
}

void message_free(struct message *message)
{
	if (!message)
		return;
	free(message->station);
	free(message->text);
	free(message);
}

char *message_state(bool online, const char *station, const char *name,
		    const struct audit_published *at)
{
	char well_formed[PUBLISH_ONE_TEXT];
	json_t *object;
	char *text;

	text_well_formed(station, well_formed, sizeof(well_formed));
	object = json_pack("{s:i, s:s, s:b, s:s, s:s}", "v", VERSION, "kind", "state", "online",
			   online, "station", well_formed, "publisher", name);
	if (object && at)
		json_object_set_new(object, "seq", json_integer((json_int_t)at->seq));
	if (object && at && at->seq)
		json_object_set_new(object, "row_hash", json_string(at->row_hash));
	text = object ? json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
	json_decref(object);
	return text;
}

/* MQTT 5.0, 4.7: + and # are wildcards, / separates levels; 4.7.2: topics with a leading $ are the
 * broker's; 1.5.4: control characters and non-characters may end the connection. */
void message_level(const char *text, char *level, size_t size)
{
	size_t left = strlen(text), used = 0;

	while (left) {
		struct text_char one = text_at(text, left);
		bool plain = one.kind == TEXT_PLAIN && !strchr("+#/", *text) &&
			     !(*text == '$' && used == 0) && (one.code & 0xFFFE) != 0xFFFE &&
			     !(one.code >= 0xFDD0 && one.code <= 0xFDEF);
		size_t length = plain ? one.length : 1;

		if (used + length + 1 > size)
			break;
		if (plain)
			memcpy(level + used, text, length);
		else
			level[used] = '_';
		used += length;
		text += one.length;
		left -= one.length;
	}
	if (used == 0 && size > 1)
		level[used++] = '_';
	level[used] = 0;
}
