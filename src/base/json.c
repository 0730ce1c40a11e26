/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/base/json.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <time.h>

#include "h7gang/base/text.h"

static void begin(struct json *json, const char *name)
{
	if (json->more)
		putc(',', json->to);
	json->more = true;
	if (name)
		fprintf(json->to, "\"%s\":", name);
}

void json_open(struct json *json, const char *name, char bracket)
{
	begin(json, name);
	putc(bracket, json->to);
	json->more = false;
}

void json_close(struct json *json, char bracket)
{
	putc(bracket, json->to);
	json->more = true;
}

void json_text(struct json *json, const char *name, const char *text)
{
	json_bytes(json, name, text, strlen(text));
}

void json_bytes(struct json *json, const char *name, const char *text, size_t length)
{
	begin(json, name);
	text_json(json->to, text, length);
}

void json_number(struct json *json, const char *name, const char *digits)
{
	begin(json, name);
	fputs(*digits ? digits : "null", json->to);
}

void json_count(struct json *json, const char *name, uint64_t number)
{
	begin(json, name);
	fprintf(json->to, "%" PRIu64, number);
}

void json_decimal(struct json *json, const char *name, double number)
{
	begin(json, name);
	if (isfinite(number))
		fprintf(json->to, "%.10g", number);
	else
		fputs("null", json->to);
}

void json_bool(struct json *json, const char *name, bool value)
{
	begin(json, name);
	fputs(value ? "true" : "false", json->to);
}

void json_time(struct json *json, const char *name, int64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm date = {0};
	char text[32];

	begin(json, name);
	if (ms <= 0 || !gmtime_r(&seconds, &date) ||
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &date) == 0)
		fputs("null", json->to);
	else
		fprintf(json->to, "\"%s.%03dZ\"", text, (int)(ms % 1000));
}
