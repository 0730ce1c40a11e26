/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The supervisor: which units start, which run, and when the run is over. */
#include "supervisor.h"

#include <stdio.h>

#include "desk.h"
#include "hub_loss.h"
#include "notices.h"
#include "resume.h"
#include "watch.h"
#include "worker.h"

#define LOOK_MS 2000  /* as often as the bus watcher looks */
#define QUIET_MS 2000 /* contract: newcomers are taken until none has appeared for 2 s */
#define AGAIN_MS 300  /* do not retry immediately when the run accepts no more boards */

/* The slot's state after its unit: the bus says whether the unit's board is still there. */
static void settle_slot(struct slot *slot, const struct unit_outcome *outcome, bool watch)
{
	bool same = slot->present && slot->seen.bus == outcome->last.bus &&
		    slot->seen.address == outcome->last.address;

	slot->last.exchanged = outcome->swapped;
	slot->last.resumed = outcome->suspended;
	slot->last.unsure = outcome->end == UNIT_UNSURE;
	slot->last.started = outcome->end == UNIT_VERDICT && outcome->left_by_itself;
	slot->swaps += outcome->swapped;
	if (outcome->retire_slot)
		slot_apply(slot, SLOT_UNIT_HANGS);
	else
		slot_apply(slot,
			   outcome->end == UNIT_UNSURE && same ? SLOT_UNIT_UNSURE : SLOT_UNIT_OVER);
	if (slot->present && !same) /* it came later, and is another visit */
		slot_apply(slot, SLOT_BOARD_CAME);
	else if (!slot->present)
		slot_apply(slot, slot->last.started ? SLOT_BOARD_STARTED : SLOT_BOARD_WENT);
	else if (outcome->suspended && (watch || outcome->swapped))
		resume_ask(slot);
}

static void take_verdict(struct run *run, struct slot *slot)
{
	const struct unit_outcome *outcome = &slot->worker->unit.outcome;

	settle_slot(slot, outcome, run->gang.options->watch);
	switch (outcome->end) {
	case UNIT_VERDICT:
		slot->had_unit = slot->last.any = true;
		slot->last.lost = outcome->error == H7_NO_DEVICE;
		snprintf(slot->last.uid, sizeof(slot->last.uid), "%s", outcome->uid);
		tally_count(&run->tally, outcome->recorded, outcome->result);
		break;
	case UNIT_SAME_BOARD:
		break;
	case UNIT_UNSURE:
		run_tell(run, GANG_NOTE, slot,
			 "no UID shows whether this is the same board as before: remove it, or "
			 "acknowledge it to program it");
		break;
	case UNIT_SKIPPED:
		run_tell(run, GANG_NOTE, slot,
			 "--uid does not name this board: it was not touched");
		break;
	}
	if (outcome->retire_slot)
		run_tell(run, GANG_NOTE, slot,
			 "slot retired: a USB transfer of this board never ended. Unplug the "
			 "board, then start a new run.");
}

/* The supervisor wrote the row: thread and memory stay with the call that hangs. */
static void give_up(struct run *run, struct slot *slot)
{
	const struct unit_outcome *outcome = &slot->worker->unit.outcome;

	tally_count(&run->tally, outcome->recorded, outcome->result);
	slot->had_unit = slot->last.any = true;
	slot_apply(slot, SLOT_UNIT_HANGS);
	slot->late = slot->worker;
	run_tell(run, GANG_NOTE, slot,
		 "slot retired: a call of the kernel for this board never returned. Unplug the "
		 "board, then start a new run.");
}

static void reap(struct run *run)
{
	for (unsigned s = 0; s < run->slots.count; s++) {
		struct slot *slot = &run->slots.slot[s];

		if (!slot->worker)
			continue;
		if (atomic_load(&slot->worker->done)) {
			take_verdict(run, slot);
			desk_unit_over(run->desk, slot, &slot->worker->unit);
			worker_join(slot->worker);
		} else if (unit_rescue(&slot->worker->unit, run->cut)) {
			give_up(run, slot);
		} else {
			continue;
		}
		slot->worker = NULL;
		run->running--;
	}
}

static void start_unit(struct run *run, struct slot *slot)
{
	enum unit_return came_back = watch_return(slot, run->gang.options->watch);
	struct label label;
	bool labelled = desk_hand_label(run->desk, slot, &label);

	slot->last.exchanged = slot->last.resumed = false;
	slot->tried = slot->seen;
	slot->worker = worker_start(&run->gang, slot->name, &slot->seen, came_back, slot->last.uid,
				    labelled ? &label : NULL);
	slot_apply(slot, slot->worker ? SLOT_UNIT_BEGUN : SLOT_UNIT_NOT_BEGUN);
	if (!slot->worker) {
		run->internal = true;
		run_tell(run, GANG_NOTE, slot, "no memory for this board");
		return;
	}
	slot->told_take_out = false;
	slot->told_asking = false; /* its label came */
	run->last_start = clock_now();
	run->running++;
}

/* Whether units may start now or later. */
static bool goes_on(struct run *run)
{
	return run->started && atomic_load(&run->gang.stop) == 0 &&
	       !atomic_load(&run->gang.log_failed) &&
	       (!run->gang.log || audit_usable(run->gang.log, NULL, 0));
}

/* Whether the profile's bounds allow one more unit now. */
static bool has_room(const struct run *run)
{
	const struct profile *profile = run->gang.options->profile;

	return (profile->parallel == 0 || run->running < profile->parallel) &&
	       (run->last_start == 0 ||
		clock_now() >= run->last_start + (int64_t)profile->stagger_ms * CLOCK_MS);
}

/* A board that waited for its turn while the run closed. */
static bool came_in_time(const struct run *run, const struct slot *slot)
{
	return run->closed && slot->arrived_at <= run->closed_at && !slot->had_unit;
}

static bool is_due(const struct run *run)
{
	for (unsigned s = 0; s < run->slots.count; s++) {
		const struct slot *slot = &run->slots.slot[s];

		/* Like a stopped station, a blocked slot ends a run that does not watch. A label is
		 * waited for as long as desk_waits says. */
		if (slot->state == SLOT_WAITING && came_in_time(run, slot) && !slot->blocked)
			return true;
	}
	return false;
}

/* Whether the run has room for one more unit, if a board comes. */
static bool takes_more(const struct run *run)
{
	const struct gang_options *options = run->gang.options;

	if (options->watch)
		return options->count == 0 || run->tally.units + run->running < options->count;
	return !run->closed;
}

static void start_units(struct run *run)
{
	bool watch = run->gang.options->watch;

	if (!goes_on(run) || !desk_may_start(run->desk))
		return;
	for (unsigned s = 0; s < run->slots.count; s++) {
		struct slot *slot = &run->slots.slot[s];

		if (slot_waits(slot) && has_room(run) &&
		    (takes_more(run) || slot->state == SLOT_ASKING || came_in_time(run, slot) ||
		     (!watch && slot->last.exchanged && slot->swaps <= SLOT_SWAPS_MAX)) &&
		    (!watch || watch_steady(slot)) && desk_slot_ready(run->desk, slot))
			start_unit(run, slot);
	}
}

/* Watch: asks for the removal of finished boards, and says when a slot is free again. */
static void guide_hands(struct run *run)
{
	enum gang_event_kind kind;

	for (unsigned s = 0; s < run->slots.count; s++) {
		if (watch_sign(&run->slots.slot[s], &kind))
			run_tell(run, kind, &run->slots.slot[s], "");
	}
}

static bool enough(const struct run *run)
{
	const struct gang_options *options = run->gang.options;
	unsigned filled = slots_filled(&run->slots);

	if (options->all_slots && (run->slots.count == 0 || filled < run->slots.count))
		return false;
	return filled >= (options->count ? options->count : 1);
}

/* Whether the bus was looked at since `moment`; a look that hangs in the kernel is not waited for.
 */
static bool seen_since(struct run *run, int64_t moment)
{
	if (clock_now() < moment)
		return false;
	if (usb_bus_looked(run->gang.bus, moment))
		return true;
	usb_bus_look(run->gang.bus);
	return clock_elapsed_ms(moment) >= STUCK_MS;
}

static void close_run(struct run *run)
{
	if (!run->closed)
		run->closed_at = clock_now();
	run->closed = true;
}

/* Looks at signals, bus, slots and units once. False: the run is over. */
static bool look_around(struct run *run)
{
	bool arrived;

	notices_stop(run);
	resume_look(run);
	if (!notices_bus(run)) {
		run->internal = true;
		return run->running > 0;
	}
	if (!slots_update(&run->slots, run->gang.bus, &arrived)) {
		run->internal = true;
		return run->running > 0;
	}
	if (arrived && !run->closed)
		run->last_arrival = clock_now();
	else if (run->started && seen_since(run, run->last_arrival + QUIET_MS * CLOCK_MS))
		close_run(run);
	reap(run);
	notices_log(run);
	notices_clock(run);
	notices_ports(run, false);
	hub_loss_look(run);
	desk_look(run->desk, run->running);
	if (!run->started && (run->gang.options->watch || enough(run))) {
		run->started = true;
		run->last_arrival = clock_now();
	}
	start_units(run);
	if (run->gang.options->watch)
		guide_hands(run);
	if (run->running)
		return true;
	if (!run->started)
		return !seen_since(run, run->give_up) && atomic_load(&run->gang.stop) == 0;
	if (!run->gang.options->watch && !desk_will_start(run->desk))
		return false;
	return goes_on(run) && (takes_more(run) || is_due(run) || desk_waits(run->desk));
}

/* When to look again if nothing happens before. */
static int64_t next_look(const struct run *run)
{
	int64_t next = clock_after_ms(LOOK_MS);

	if (!run->started)
		next = clock_earlier(next, run->give_up);
	else if (!run->gang.options->watch && !run->running)
		next = clock_earlier(next, run->last_arrival + QUIET_MS * CLOCK_MS);
	next = clock_earlier(next, desk_next(run->desk));
	next = clock_earlier(next, hub_loss_next(run));
	if (run->last_start && run->gang.options->profile->stagger_ms) {
		int64_t turn = run->last_start +
			       (int64_t)run->gang.options->profile->stagger_ms * CLOCK_MS;

		if (turn > clock_now())
			next = clock_earlier(next, turn);
	}
	for (unsigned s = 0; s < run->slots.count; s++) {
		const struct slot *slot = &run->slots.slot[s];

		if (run->gang.options->watch)
			next = clock_earlier(next, watch_next(slot));
		if (slot->worker)
			next = clock_earlier(next, unit_overdue(&slot->worker->unit, run->cut));
	}
	return next > clock_now() ? next : clock_after_ms(AGAIN_MS);
}

void supervise(struct run *run)
{
	run->give_up = clock_after_ms((int64_t)run->gang.options->wait_s * 1000);
	run->last_arrival = clock_now();
	run->suspended_ms = clock_suspended_ms();
	run->cut = CLOCK_NEVER;
	while (look_around(run))
		gang_wait(&run->gang, next_look(run));
}
