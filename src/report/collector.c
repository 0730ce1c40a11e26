/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The collector: its life, and helpers for every step. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collect.h"
#include "grow.h"
#include "h7gang/audit/text.h"

static struct report_tally *tallies(struct report_collector *collector, enum report_by by,
				    size_t count)
{
	struct dimension *dimension = &collector->by[by];

	dimension->tally = calloc(count, sizeof(*dimension->tally));
	dimension->room = count;
	return dimension->tally;
}

struct report_collector *report_new(const struct report_options *options, char *why,
				    size_t why_size)
{
	struct report_collector *collector = calloc(1, sizeof(*collector));

	if (!collector) {
		snprintf(why, why_size, "no memory");
		return NULL;
	}
	collector->options = *options;
	if (!calendar_zone(options->time_zone)) {
		snprintf(why, why_size,
			 "--time-zone: this machine knows no time zone \"%s\"; names are such as "
			 "Europe/Berlin or UTC",
			 options->time_zone);
		goto err;
	}
	if (options->shifts && !calendar_shifts(&collector->calendar, options->shifts)) {
		snprintf(why, why_size,
			 "--shifts: \"%s\" is not a list of times in ascending order, such as "
			 "06:00,14:00,22:00",
			 options->shifts);
		goto err;
	}
	if (!tallies(collector, BY_SHIFT, CALENDAR_SHIFTS_MAX) ||
	    !tallies(collector, BY_HOUR, 24)) {
		snprintf(why, why_size, "no memory");
		goto err;
	}
	return collector;
err:
	report_free(collector);
	return NULL;
}

void report_free(struct report_collector *collector)
{
	if (!collector)
		return;
	for (size_t i = 0; i < REPORT_BY_COUNT; i++) {
		intern_free(&collector->by[i].names);
		free(collector->by[i].tally);
	}
	for (size_t i = 0; i < collector->owned_count; i++)
		free(collector->owned[i]);
	free(collector->owned);
	intern_free(&collector->contexts);
	intern_free(&collector->origins);
	free(collector->origin);
	intern_free(&collector->slots);
	intern_free(&collector->images);
	intern_free(&collector->overrides);
	free(collector->unit);
	boards_free(&collector->boards);
	trays_free(&collector->trays);
	cycles_free(&collector->cycles);
	failures_free(&collector->failures);
	doubles_free(&collector->doubles);
	copies_free(&collector->copies);
	free(collector);
}

void *report_keep(struct report_collector *collector, size_t count, size_t size)
{
	void *memory = calloc(count + 1, size);
	void **owned = grow(collector->owned, &collector->owned_room, collector->owned_count,
			    sizeof(*owned));

	if (owned)
		collector->owned = owned;
	if (!memory || !owned) {
		free(memory);
		return NULL;
	}
	owned[collector->owned_count++] = memory;
	return memory;
}

const char *group_name(const struct report_collector *collector, enum report_by by, uint32_t group,
		       const char **first)
{
	const char *text = collector->by[by].names.text[group];

	if (by != BY_SLOT && by != BY_BOOTLOADER)
		return text;
	if (first)
		*first = text;
	return text + strlen(text) + 1;
}

struct context context_of(const struct report_collector *collector, uint32_t number)
{
	struct context context;

	memcpy(&context, collector->contexts.text[number], sizeof(context));
	return context;
}

/* "12.345Z", seconds of a minute; -1: it is none. */
static int64_t seconds_ms(const char *text)
{
	static const int64_t worth[] = {10000, 1000, 0, 100, 10, 1};
	int64_t ms = 0;

	for (size_t i = 0; i < sizeof(worth) / sizeof(worth[0]); i++) {
		if (worth[i] && (text[i] < '0' || text[i] > '9'))
			return -1;
		ms += worth[i] * (text[i] - '0');
	}
	return text[0] < '6' && text[2] == '.' && text[6] == 'Z' && !text[7] ? ms : -1;
}

int64_t moment(struct minute *minute, const char *text)
{
	size_t length = sizeof(minute->text) - 1;
	int64_t ms;

	if (minute->ms && strncmp(minute->text, text, length) == 0 && text[length] == ':') {
		ms = seconds_ms(text + length + 1);
		if (ms >= 0)
			return minute->ms + ms;
	}
	ms = audit_time_ms(text);
	if (ms) {
		memcpy(minute->text, text, length);
		minute->ms = ms - ms % 60000;
	}
	return ms;
}

void make_example(struct report_collector *collector, const struct report_row *row, int64_t ms,
		  uint32_t context, struct report_example *example)
{
	uint32_t slot = context_of(collector, context).group[BY_SLOT];
	uint64_t seq = 0;

	*example = (struct report_example){.ms = ms, .log = row->log};
	snprintf(example->uid, sizeof(example->uid), "%s", row->text[RC_uid]);
	report_row_number(row, RC_seq, &seq);
	example->seq = seq;
	example->slot = group_name(collector, BY_SLOT, slot, &example->station);
}
