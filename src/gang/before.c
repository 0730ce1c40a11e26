/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "before.h"

#include <ctype.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "h7gang/attempt/job.h"
#include "h7gang/base/clock.h"
#include "hooks.h"
#include "record.h"

#define VALUE_MAX 2048 /* bytes of a column: two hexadecimal digits for each byte of a patch */
#define TAG_KEY "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

struct reading {
	struct before *before;
	char *why;
	size_t why_size;
};

__attribute__((format(printf, 2, 3))) static bool refuse(const struct reading *reading,
							 const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(reading->why, reading->why_size, format, args);
	va_end(args);
	return false;
}

static bool has_control(const char *text)
{
	for (const unsigned char *at = (const unsigned char *)text; *at; at++)
		if (*at < 0x20 || *at == 0x7f)
			return true;
	return false;
}

/* A text without control characters and not longer than `most` bytes; NULL: it is none. */
static const char *text_of(const json_t *value, size_t most)
{
	const char *text = json_string_value(value);

	return text && json_string_length(value) == strlen(text) && strlen(text) <= most &&
			       !has_control(text)
		       ? text
		       : NULL;
}

static bool read_serial(struct reading *reading, const json_t *value)
{
	const char *text = text_of(value, PROFILE_SERIAL_SIZE - 1);

	if (!text || !text[0])
		return refuse(reading, "\"serial\" must be text of 1 to %d bytes",
			      PROFILE_SERIAL_SIZE - 1);
	if (profile_number_hides(text))
		return refuse(reading, "\"serial\" %s", profile_number_hides(text));
	snprintf(reading->before->serial, sizeof(reading->before->serial), "%s", text);
	return true;
}

static bool read_columns(struct reading *reading, json_t *object)
{
	struct profile_columns *columns = &reading->before->columns;
	const char *name;
	json_t *value;

	if (!json_is_object(object))
		return refuse(reading, "\"columns\" must be an object");
	json_object_foreach(object, name, value)
	{
		struct profile_column *column = &columns->column[columns->count];
		const char *text = text_of(value, VALUE_MAX);

		if (columns->count == PROFILE_LIST_COLUMNS_MAX)
			return refuse(reading, "more than %d columns", PROFILE_LIST_COLUMNS_MAX);
		if (strlen(name) >= sizeof(column->name) || !name[0])
			return refuse(reading, "a column's name has 1 to %zu bytes",
				      sizeof(column->name) - 1);
		if (!text)
			return refuse(reading, "column \"%s\" must be text of at most %d bytes",
				      name, VALUE_MAX);
		snprintf(column->name, sizeof(column->name), "%s", name);
		column->value = strdup(text);
		if (!column->value)
			return refuse(reading, "out of memory");
		columns->count++;
	}
	return true;
}

/* Whether the tags have that key. */
static bool has_tag(const char *tags, const char *key)
{
	size_t length = strlen(key);

	for (const char *at = tags; *at;) {
		if (strncmp(at, key, length) == 0 && at[length] == '=')
			return true;
		at += strcspn(at, ";");
		at += *at == ';';
	}
	return false;
}

static bool read_tags(struct reading *reading, json_t *object)
{
	char *tags = reading->before->tags;
	const size_t size = sizeof(reading->before->tags);
	const char *key;
	json_t *value;

	if (!json_is_object(object))
		return refuse(reading, "\"tags\" must be an object");
	json_object_foreach(object, key, value)
	{
		const char *text = text_of(value, size);
		size_t used = strlen(tags);

		if (!key[0] || key[strspn(key, TAG_KEY)] || !text || strchr(text, ';'))
			return refuse(reading,
				      "tag \"%.64s\": a key consists of letters, digits, . _ -; a "
				      "value must not contain ;",
				      key);
		if (has_tag(tags, key))
			return refuse(reading, "tag \"%.64s\" is set for the run already", key);
		if (used + strlen(key) + strlen(text) + 2 >= size)
			return refuse(reading, "all tags together are too long for the log");
		snprintf(tags + used, size - used, "%s%s=%s", used ? ";" : "", key, text);
	}
	return true;
}

static bool read_object(struct reading *reading, json_t *object)
{
	const char *key;
	json_t *value;

	if (!json_is_object(object))
		return refuse(reading, "is not a JSON object");
	json_object_foreach(object, key, value)
	{
		bool good;

		if (strcmp(key, "serial") == 0)
			good = read_serial(reading, value);
		else if (strcmp(key, "columns") == 0)
			good = read_columns(reading, value);
		else if (strcmp(key, "tags") == 0)
			good = read_tags(reading, value);
		else
			good = refuse(reading, "has the unknown key \"%.64s\"", key);
		if (!good)
			return false;
	}
	return true;
}

bool before_read(struct before *before, const char *text, size_t length, const char *tags,
		 char *why, size_t why_size)
{
	struct reading reading = {before, why, why_size};
	json_error_t error;
	json_t *object;
	bool good, empty = true;

	before_free(before);
	snprintf(before->tags, sizeof(before->tags), "%s", tags);
	for (size_t i = 0; i < length && empty; i++)
		empty = isspace((unsigned char)text[i]);
	if (empty)
		return true;
	if (length > BEFORE_ANSWER_MAX)
		return refuse(&reading, "is longer than %u bytes", BEFORE_ANSWER_MAX);
	object = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
	if (!object)
		return refuse(&reading, "is no JSON: %.100s", error.text);
	good = read_object(&reading, object);
	json_decref(object);
	return good;
}

void before_free(struct before *before)
{
	for (unsigned i = 0; i < before->columns.count; i++) {
		char *value = before->columns.column[i].value;

		explicit_bzero(value, strlen(value));
		free(value);
	}
	*before = (struct before){.released = false};
}

/* A number that the hook names must be the one that the unit gets. */
static bool number_fits(const struct before *before, const struct gang *gang,
			const struct record_unit *unit, struct job *job)
{
	const struct profile_serial *serial = gang->options->profile->serial;
	enum profile_source source = serial ? serial->source : PROFILE_SOURCE_COUNTER;

	if (source == PROFILE_SOURCE_HOOK)
		return before->serial[0] ||
		       job_fail(job, H7_HOOK_FAILED,
				"before hook: its answer names no \"serial\", which the profile "
				"takes from it");
	if (!before->serial[0])
		return true;
	if (source == PROFILE_SOURCE_SCAN && strcmp(before->serial, unit->ticket->given) == 0)
		return true;
	return job_fail(job, H7_HOOK_FAILED,
			"before hook: its answer names the number %s, but the profile takes "
			"numbers from elsewhere",
			before->serial);
}

/* A column that a patch would use under a name that is no column's. An equal value does no harm. */
static bool columns_fit(const struct before *before, const struct gang *gang, const char *uid,
			struct job *job)
{
	const struct profile_serial *serial = gang->options->profile->serial;

	for (unsigned i = 0; serial && i < before->columns.count; i++) {
		const struct profile_column *column = &before->columns.column[i];
		const char *word = profile_serial_word(serial, column->name, strlen(column->name));

		if (!word || !profile_serial_uses(serial, column->name))
			continue;
		if (strcmp(column->name, "uid") == 0 && strcasecmp(column->value, uid) == 0)
			continue;
		if (strcmp(column->name, "serial") == 0 &&
		    strcmp(column->value, before->serial) == 0)
			continue;
		return job_fail(job, H7_HOOK_FAILED,
				"before hook: its answer has a column \"%s\", but {%s} is %s; "
				"rename the column",
				column->name, column->name, word);
	}
	return true;
}

bool before_ask(struct before *before, struct gang *gang, const struct record_unit *unit,
		struct job *job)
{
	struct hooks_reply reply = {.text = NULL};
	struct record record;
	char why[240];
	bool good = false;

	if (before->released || !gang->options->profile->hook[PROFILE_HOOK_BEFORE].program)
		return true;
	record_fill(&record, gang, unit, job, true);
	switch (hooks_before(gang, &record.row, &reply, why, sizeof(why))) {
	case HOOKS_OK:
		good = before_read(before, reply.text, reply.length, gang->options->tags, why,
				   sizeof(why)) ||
		       job_fail(job, H7_HOOK_FAILED, "before hook: its answer %s", why);
		break;
	case HOOKS_REFUSED:
		job_fail(job, H7_NOT_RELEASED, "before hook %s", why);
		break;
	case HOOKS_STOPPED:
		job_fail(job, H7_ABORTED, "before hook %s", why);
		break;
	case HOOKS_FAILED:
		job_fail(job, H7_HOOK_FAILED, "before hook %s", why);
		break;
	}
	free(reply.text);
	before->released = good && number_fits(before, gang, unit, job) &&
			   columns_fit(before, gang, record.row.uid ? record.row.uid : "", job);
	return before->released;
}
