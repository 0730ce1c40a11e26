/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ending.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/usb/port.h"
#include "notices.h"

#define ASK_MS 2000 /* a port whose device hangs in the kernel is not waited for longer */

/* " (A1, A2)": the slots that have a board, as far as there is room. */
static const char *list_filled(const struct run *run, char *text, size_t size)
{
	size_t used = 0;

	text[0] = 0;
	for (unsigned s = 0; s < run->slots.count && used + PROFILE_NAME_SIZE + 4 < size; s++) {
		const struct slot *slot = &run->slots.slot[s];

		if (slot->present)
			used += (size_t)snprintf(text + used, size - used, "%s%s",
						 used ? ", " : " (", slot->name);
	}
	if (used)
		snprintf(text + used, size - used, ")");
	return text;
}

/* Why no unit began. */
static void tell_nothing(const struct run *run)
{
	const struct gang_options *options = run->gang.options;
	unsigned filled = slots_filled(&run->slots);
	char *text = options->nothing, names[200];
	size_t size = options->nothing_size;

	if (!text)
		return;
	if (run->stopped[0])
		snprintf(text, size, "no board was started: %s", run->stopped);
	else if (run->started && !options->watch)
		snprintf(text, size, "there was no board to program");
	else if (atomic_load(&run->gang.stop))
		snprintf(text, size, "ended before a board was programmed");
	else if (options->all_slots)
		snprintf(text, size,
			 "--all-slots: %u of %u slots have a board after %u s; nothing was touched",
			 filled, run->slots.count, options->wait_s);
	else if (options->count)
		snprintf(text, size, "--count %u: %u board%s after %u s%s; nothing was touched",
			 options->count, filled, filled == 1 ? " is there" : "s are there",
			 options->wait_s, list_filled(run, names, sizeof(names)));
	else
		snprintf(text, size, "no board within %u s; nothing was touched", options->wait_s);
}

static void tell_summary(struct run *run)
{
	struct gang_event event;

	memset(&event, 0, sizeof(event));
	event.kind = GANG_SUMMARY;
	snprintf(event.run_id, sizeof(event.run_id), "%s", run->gang.run_id);
	event.passed = run->tally.passed;
	event.failed = run->tally.failed;
	event.aborted = run->tally.aborted;
	event.not_recorded = run->tally.not_recorded;
	if (run->gang.log)
		audit_head(run->gang.log, &event.head);
	gang_emit(&run->gang, &event);
}

/* A board that has had no unit. Its own row said it already if it was lost in its unit and is back
 * too late. */
static void tell_left_over(struct run *run, const struct slot *slot)
{
	if (!run->started || (slot->had_unit && slot->last.lost))
		return;
	if (run->stopped[0])
		run_tell(run, GANG_NOTE, slot, "not done: the station is stopped");
	else if (slot->state == SLOT_ASKING)
		run_tell(run, GANG_NOTE, slot, "not done: its label was not scanned");
	else if (slot->blocked)
		run_tell(run, GANG_NOTE, slot,
			 "not done: the slot is blocked; unlock it in a run with --watch");
	else
		run_tell(run, GANG_NOTE, slot,
			 atomic_load(&run->gang.stop)
				 ? "not done: the run was ended"
				 : "not done: it came after the run took its boards");
}

static bool stayed_empty(const struct slot *slot)
{
	return !slot->had_unit && !slot->present;
}

static const char *port_of(const struct slot *slot)
{
	return slot->bound ? slot->bound->path : slot->name;
}

static void tell_empty(struct run *run, const struct slot *slot, const char *what)
{
	struct gang_event event;
	bool nothing = strcmp(what, "nothing") == 0;

	memset(&event, 0, sizeof(event));
	event.kind = GANG_EMPTY;
	snprintf(event.run_id, sizeof(event.run_id), "%s", run->gang.run_id);
	snprintf(event.slot, sizeof(event.slot), "%s", slot->name);
	snprintf(event.path, sizeof(event.path), "%s", slot->seen.path);
	snprintf(event.detail, sizeof(event.detail), "no board at %s%s%s", port_of(slot),
		 nothing ? "" : ": ", nothing ? "" : what);
	gang_emit(&run->gang, &event);
}

/* The devices at the ports of slots that had no board. */
static void tell_empties(struct run *run)
{
	struct usb_port_news *news = calloc(run->slots.count + 1, sizeof(*news));
	unsigned count = 0;

	for (unsigned s = 0; news && s < run->slots.count; s++)
		if (stayed_empty(&run->slots.slot[s]))
			snprintf(news[count++].port, sizeof(news->port), "%s",
				 port_of(&run->slots.slot[s]));
	if (news)
		usb_ports_ask(news, count, &run->gang.options->profile->usb, ASK_MS);
	count = 0;
	for (unsigned s = 0; s < run->slots.count; s++) {
		const struct slot *slot = &run->slots.slot[s];
		const char *text = news && stayed_empty(slot) ? news[count++].text : "";

		if (stayed_empty(slot))
			tell_empty(run, slot, text[0] ? text : "not known");
	}
	free(news);
}

void ending_tell(struct run *run)
{
	for (unsigned s = 0; s < run->slots.count; s++)
		if (slot_waits(&run->slots.slot[s]))
			tell_left_over(run, &run->slots.slot[s]);
	tell_empties(run);
	notices_ports(run, true);
	if (run->tally.units == 0)
		tell_nothing(run);
	tell_summary(run);
}
