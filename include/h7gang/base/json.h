/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON, written as it comes: names, values and nesting. The writer adds the commas. */
#ifndef H7GANG_BASE_JSON_H
#define H7GANG_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct json {
	FILE *to;
	bool more; /* a comma comes first */
};

/* `name` is NULL in an array. */
void json_open(struct json *json, const char *name, char bracket); /* '{' or '[' */
void json_close(struct json *json, char bracket);                  /* '}' or ']' */
void json_text(struct json *json, const char *name, const char *text);
void json_bytes(struct json *json, const char *name, const char *text, size_t length);
void json_number(struct json *json, const char *name,
		 const char *digits); /* as written; "": null */
void json_count(struct json *json, const char *name, uint64_t number);
void json_decimal(struct json *json, const char *name, double number); /* null if not finite */
void json_bool(struct json *json, const char *name, bool value);
void json_time(struct json *json, const char *name, int64_t ms); /* UTC; null for 0 */

#endif
