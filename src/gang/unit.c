/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "h7gang/attempt/attempt.h"
#include "h7gang/base/clock.h"
#include "h7gang/usb/power.h"
#include "outcome.h"
#include "uids.h"
#include "unit_private.h"

#define HOLD_MS 5000
#define HOLD_LOOK_MS 50

/* Returns whether the unit may have a further attempt as far as its board's presence goes. */
static bool settle_absence(struct unit_attempt *attempt)
{
	struct job *job = &attempt->job;

	if (job->slept && !unit_attempt_stopped(attempt))
		attempt_wait_awake(job);
	if (job->slept && !job->gone && !attempt->memory->uid[0]) {
		job_note(job, "no UID shows whether the board was exchanged meanwhile");
		return false;
	}
	if (!job->gone)
		return true;
	if (unit_attempt_stopped(attempt) || !attempt_board_returned(job, &attempt->swapped)) {
		if (attempt->swapped && !job->link.exchanged)
			job_note(job, "another board took its place");
		return false;
	}
	if (job->error == H7_NO_DEVICE)
		job->error = H7_USB_ERROR;
	job_note(job, "it came back");
	return true;
}

static bool try_again(const struct unit_attempt *attempt, bool present)
{
	const struct gang *gang = attempt->unit->gang;

	return present && attempt->job.error != H7_OK && h7_error_retried(attempt->job.error) &&
	       !attempt->job.unmendable &&
	       attempt->unit->face.attempt < gang->options->profile->attempts &&
	       !attempt->job.link.leaked && atomic_load(&gang->stop) == 0;
}

/* Puts the attempt on record and tells it. `present`: the board is there for another one. False: it
 * is the unit's last one. */
static bool conclude(struct unit_attempt *attempt, bool present)
{
	struct unit *unit = attempt->unit;
	struct gang *gang = unit->gang;
	struct job *job = &attempt->job;
	struct record *record = &attempt->record;
	char twin[USB_PATH_SIZE];
	bool again;

	if (job->uid[0] && !job->link.exchanged) /* it may have a new address */
		uids_add(gang->uids, job->uid, &job->link.seen);
	if (job->uid[0] && uids_twin(gang->uids, job->uid, unit->seen.path, twin))
		job_note(job, "the same UID was read at %s", twin);
	unit->outcome.suspended = job_was_suspended(job);
	outcome_keep_trace(gang, &attempt->facts, job);
	if (atomic_flag_test_and_set(&unit->face.row_claimed))
		return false; /* overdue: the supervisor has written it */
	unit_tell_target(attempt);
	if (outcome_wants_gate(gang, job)) {
		unit_tell_phase(attempt, GANG_PHASE_GATE);
		outcome_ask_gate(gang, &attempt->facts, job);
	}
	outcome_keep_trace(gang, &attempt->facts, job); /* of one that the gate refused */
	unit_tell_phase(attempt, GANG_PHASE_RECORD);
	record_fill(record, gang, &attempt->facts, job, true);
	unit->outcome.recorded = !job->unrecorded && record_append(gang, record);
	unit->outcome.result = record->row.result;
	unit->outcome.error = record->row.error;
	unit->outcome.last = job->link.seen;
	unit->outcome.retire_slot = job->link.leaked;
	unit->outcome.swapped = attempt->swapped;
	unit->outcome.left_by_itself = strcmp(job->leave, "ok") == 0;
	again = unit->outcome.recorded && try_again(attempt, present);
	if (again)
		unit_tell_retry(attempt);
	else
		unit_tell_verdict(attempt, unit->outcome.recorded);
	return again;
}

/* A unit that failed may have left an erase running that its ROM does not report. */
static void tell_flash_busy(struct gang *gang, const struct unit_attempt *attempt)
{
	int64_t until = attempt->memory->flash_busy_until;
	int64_t known = atomic_load(&gang->flash_busy_until);

	if (attempt->job.gone || attempt->job.error == H7_OK)
		return;
	while (known < until &&
	       !atomic_compare_exchange_weak(&gang->flash_busy_until, &known, until))
		;
}

/* Whether a board that could not be identified is no unit of this run: only certain boards were
 * asked for (--uid), or the port's last board just came back. */
static bool stranger(struct unit_attempt *attempt)
{
	if (attempt->unit->face.attempt > 1 || attempt->announced)
		return false;
	return !unit_welcomes(attempt);
}

/* The row is of the board that left, not of the one that answered last. */
static void forget_newcomer(struct unit_attempt *attempt)
{
	struct job *job = &attempt->job;

	memcpy(job->uid, attempt->memory->uid, sizeof(job->uid));
	job->layout[0] = job->serial[0] = job->identity[0] = '\0';
	job_blank_outcome(job);
	job->option.length = job->option_set.length = 0;
	job->link.exchanged = true;
}

/* The board that is there now is another unit, or may be one. An attempt that touched the earlier
 * one has its row; else the row before it is the unit's last one. */
static void give_way(struct unit_attempt *attempt, const struct unit_attempt *before)
{
	struct unit *unit = attempt->unit;

	struct usb_seen last = attempt->swapped ? unit->outcome.last : attempt->job.link.seen;

	if (attempt->job.begun) {
		forget_newcomer(attempt);
		job_fail(&attempt->job, H7_NO_DEVICE,
			 "it left the bus, and nothing shows that the board that is there now is "
			 "the same one");
		conclude(attempt, false);
		tell_flash_busy(unit->gang, attempt);
	} else if (before && !atomic_flag_test_and_set(&unit->face.row_claimed)) {
		unit_tell_verdict(before, true);
	}
	unit->outcome.swapped = attempt->swapped;
	unit->outcome.last = last;
}

/* Keeps `h7gang power` away from the port while the unit runs; one that switches it now is waited
 * for. -1: nothing is held, and the unit runs all the same. */
static int hold_port(const struct unit *unit)
{
	int64_t until = clock_after_ms(HOLD_MS);
	int hold;

	while ((hold = usb_port_hold(unit->seen.path, false)) < 0 && errno == EWOULDBLOCK &&
	       clock_now() < until)
		clock_sleep_until(clock_after_ms(HOLD_LOOK_MS));
	return hold;
}

void unit_run(struct unit *unit)
{
	struct ticket ticket;
	struct job_memory memory = {.image = &ticket.image};
	struct unit_attempt *attempts =
		malloc(2 * sizeof(*attempts)); /* this one and the one before */
	struct trace_range secret[PROFILE_PATCHES_MAX];
	struct trace *trace = outcome_recorder(unit->gang, secret);
	bool again = attempts != NULL;
	int hold = hold_port(unit);

	if (!attempts)
		unit->outcome.result = AUDIT_FAIL;
	ticket_init(&ticket, unit->gang);
	if (unit->labelled)
		memcpy(ticket.given, unit->label.number, sizeof(ticket.given));
	for (unsigned number = 1; again; number++) {
		struct unit_attempt *attempt = &attempts[number % 2];

		unit_attempt_begin(attempt, unit, &memory, &ticket, trace, number);
		attempt_run(&attempt->job);
		if (attempt->job.dropped || stranger(attempt)) {
			give_way(attempt, number > 1 ? &attempts[(number - 1) % 2] : NULL);
			break;
		}
		again = conclude(attempt, settle_absence(attempt));
		if (!again)
			tell_flash_busy(unit->gang, attempt);
	}
	if (clock_suspended_since(unit->face.suspended_ms))
		unit->outcome.suspended = true;
	ticket_end(&ticket, unit->gang,
		   unit->outcome.recorded && unit->outcome.result == AUDIT_PASS);
	snprintf(unit->outcome.uid, sizeof(unit->outcome.uid), "%s", memory.uid);
	free(attempts);
	trace_free(trace);
	if (hold >= 0)
		close(hold);
	pthread_mutex_lock(&unit->face.lock);
	unit->face.overdue = CLOCK_NEVER;
	pthread_mutex_unlock(&unit->face.lock);
}
