/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/station/event.h"
#include "http.h"

void answer_bytes(struct http_answer *answer, const char *type, const char *bytes, size_t length)
{
	answer->status = 200;
	answer->type = type;
	answer->body = malloc(length + 1);
	if (!answer->body) {
		answer->status = 503;
		return;
	}
	memcpy(answer->body, bytes, length);
	answer->body[length] = 0;
	answer->length = length;
}

void answer_text(struct http_answer *answer, unsigned status, const char *text)
{
	answer_bytes(answer, "text/plain; charset=utf-8", text, strlen(text));
	if (answer->body)
		answer->status = status;
}

void answer_json(struct http_answer *answer, unsigned status, json_t *object)
{
	char *line = object ? station_json_line(object) : NULL;

	json_decref(object);
	answer->type = "application/json";
	answer->status = line ? status : 503;
	answer->body = line;
	answer->length = line ? strlen(line) : 0;
}

void answer_error(struct http_answer *answer, unsigned status, const char *format, ...)
{
	json_t *object = json_object();
	char text[400];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (object && !station_set_text(object, "error", text)) {
		json_decref(object);
		object = NULL;
	}
	answer_json(answer, status, object);
}
