/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stop_rules.h"

#include <stdio.h>
#include <string.h>

void stop_rules_init(struct stop_rules *stop, const struct profile_stop *rules)
{
	memset(stop, 0, sizeof(*stop));
	stop->rules = rules;
}

static struct stop_slot *slot_of(struct stop_rules *stop, const char *name, bool make)
{
	for (unsigned i = 0; i < stop->slots; i++)
		if (strcmp(stop->slot[i].name, name) == 0)
			return &stop->slot[i];
	if (!make || stop->slots == PROFILE_SLOTS_MAX)
		return NULL;
	snprintf(stop->slot[stop->slots].name, PROFILE_NAME_SIZE, "%s", name);
	return &stop->slot[stop->slots++];
}

static bool reached(unsigned count, unsigned rule)
{
	return rule && count >= rule;
}

static void check_slot(struct stop_rules *stop, struct stop_slot *slot, bool *blocks)
{
	*blocks = slot && !slot->blocked[0] && reached(slot->run, stop->rules->slot_consecutive);
	if (*blocks)
		snprintf(slot->blocked, sizeof(slot->blocked), "%u boards in a row failed here",
			 slot->run);
}

static unsigned passed_first(const struct stop_rules *stop)
{
	unsigned passed = 0;

	for (unsigned i = 0; i < stop->filled; i++)
		passed += stop->first_pass[i];
	return passed;
}

static bool check_station(struct stop_rules *stop)
{
	const struct profile_stop *rules = stop->rules;
	unsigned passed = passed_first(stop);
	char why[STOP_REASON_SIZE] = "";

	if (reached(stop->same_run, rules->same_error))
		snprintf(why, sizeof(why), "%u boards in a row failed with %s", stop->same_run,
			 h7_error_name(stop->same));
	else if (reached(stop->run, rules->consecutive))
		snprintf(why, sizeof(why), "%u boards in a row failed", stop->run);
	else if (rules->first_pass_below > 0 && stop->filled == rules->window &&
		 passed < rules->first_pass_below * rules->window)
		snprintf(why, sizeof(why),
			 "only %u of the last %u boards passed at their first attempt", passed,
			 rules->window);
	if (!why[0] || stop->stopped[0])
		return false;
	memcpy(stop->stopped, why, sizeof(why));
	return true;
}

void stop_rules_unit(struct stop_rules *stop, const char *name, enum h7_error error,
		     bool first_attempt, bool *blocks, bool *stops)
{
	struct stop_slot *slot = slot_of(stop, name, true);
	bool passed = error == H7_OK;
	unsigned window = stop->rules->window;

	stop->same_run = passed ? 0 : error == stop->same ? stop->same_run + 1 : 1;
	stop->same = error;
	stop->run = passed ? 0 : stop->run + 1;
	if (slot)
		slot->run = passed ? 0 : slot->run + 1;
	if (window) {
		stop->first_pass[stop->next] = passed && first_attempt;
		stop->next = (stop->next + 1) % window;
		stop->filled += stop->filled < window;
	}
	check_slot(stop, slot, blocks);
	*stops = check_station(stop);
}

const char *stop_rules_blocked(const struct stop_rules *stop, const char *name)
{
	for (unsigned i = 0; i < stop->slots; i++)
		if (strcmp(stop->slot[i].name, name) == 0)
			return stop->slot[i].blocked[0] ? stop->slot[i].blocked : NULL;
	return NULL;
}

void stop_rules_block(struct stop_rules *stop, const char *name, const char *reason)
{
	struct stop_slot *slot = slot_of(stop, name, true);

	if (slot)
		snprintf(slot->blocked, sizeof(slot->blocked), "%s", reason);
}

void stop_rules_stop(struct stop_rules *stop, const char *reason)
{
	snprintf(stop->stopped, sizeof(stop->stopped), "%s", reason);
}

void stop_rules_unblock(struct stop_rules *stop, const char *name)
{
	struct stop_slot *slot = slot_of(stop, name, false);

	if (!slot)
		return;
	slot->run = 0;
	slot->blocked[0] = 0;
}

void stop_rules_go_on(struct stop_rules *stop)
{
	stop->run = stop->same_run = stop->next = stop->filled = 0;
	stop->stopped[0] = 0;
}
