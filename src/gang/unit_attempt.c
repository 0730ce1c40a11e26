/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One attempt of a unit: its inputs, and its callbacks. */
#include <stdio.h>
#include <string.h>

#include "h7gang/attempt/attempt.h"
#include "h7gang/base/clock.h"
#include "hooks.h"
#include "uids.h"
#include "unit_private.h"

/* A row is on disk within unit_s and 30 s, even if a call of the kernel hangs. Over the attempt's
 * own time: 10 s of reaping, 5 s of the kernel's, and room; the rest is for the disk. */
#define OVERDUE_MS 22000

static bool on_identified(void *user)
{
	struct unit_attempt *attempt = user;

	if (!attempt->job.unprotected && !unit_welcomes(attempt))
		return false;
	if (attempt->job.uid[0]) {
		snprintf(attempt->memory->uid, sizeof(attempt->memory->uid), "%s",
			 attempt->job.uid);
		uids_add(attempt->unit->gang->uids, attempt->job.uid, &attempt->job.link.seen);
	}
	unit_tell_target(attempt);
	return true;
}

/* While hooks.before is asked, the time of the attempt stands still. */
static bool wait_for_leave(struct unit_attempt *attempt, bool (*ask)(struct unit_attempt *attempt))
{
	struct unit *unit = attempt->unit;
	const struct profile *profile = unit->gang->options->profile;
	const struct profile_hook *hook = &profile->hook[PROFILE_HOOK_BEFORE];
	int64_t begun = clock_now(), left = attempt->job.link.deadline - begun;
	bool given;

	if (!hook->program || attempt->ticket->before.released)
		return ask(attempt);
	pthread_mutex_lock(&unit->face.lock);
	unit->face.overdue += (int64_t)hook->timeout_s * 1000 * CLOCK_MS;
	pthread_mutex_unlock(&unit->face.lock);
	given = ask(attempt);
	attempt->job.link.deadline = clock_now() + left;
	pthread_mutex_lock(&unit->face.lock);
	unit->face.overdue += clock_now() - begun - (int64_t)hook->timeout_s * 1000 * CLOCK_MS;
	pthread_mutex_unlock(&unit->face.lock);
	return given;
}

static bool ask_release(struct unit_attempt *attempt)
{
	return before_ask(&attempt->ticket->before, attempt->unit->gang, &attempt->facts,
			  &attempt->job);
}

static bool on_release(void *user)
{
	return wait_for_leave(user, ask_release);
}

static bool ask_ticket(struct unit_attempt *attempt)
{
	return ticket_take(attempt->ticket, attempt->unit->gang, &attempt->job, &attempt->facts);
}

/* For a row that the supervisor may have to write. */
static void show_number(const struct unit_attempt *attempt)
{
	struct unit *unit = attempt->unit;
	const struct ticket *ticket = attempt->ticket;

	pthread_mutex_lock(&unit->face.lock);
	snprintf(unit->face.unit_serial, sizeof(unit->face.unit_serial), "%s",
		 ticket->numbered ? ticket->unit.serial : "");
	pthread_mutex_unlock(&unit->face.lock);
}

static bool on_admit(void *user)
{
	struct unit_attempt *attempt = user;
	struct unit *unit = attempt->unit;
	bool admitted;

	/* A board of another UID was left alone earlier; this one no longer tells its UID. */
	if (!unit_asked_for(unit, attempt->job.uid))
		return job_fail(&attempt->job, H7_UID_UNKNOWN,
				"the UID that --uid asks for cannot be read any more");
	admitted = wait_for_leave(attempt, ask_ticket);
	show_number(attempt);
	return admitted;
}

static void on_started_over(void *user)
{
	struct unit_attempt *attempt = user;
	struct ticket *ticket = attempt->ticket;
	char serial[PROFILE_SERIAL_SIZE];

	snprintf(serial, sizeof(serial), "%s", ticket->numbered ? ticket->unit.serial : "");
	ticket_start_over(ticket, attempt->unit->gang, attempt->memory->own_sent);
	if (serial[0] && !ticket->numbered)
		job_note(&attempt->job, "number %s was sent and is given to no other board",
			 serial);
	show_number(attempt);
}

static bool on_begin(void *user)
{
	struct unit_attempt *attempt = user;
	struct gang *gang = attempt->unit->gang;
	struct record record;

	record_fill(&record, gang, &attempt->facts, &attempt->job, false);
	return record_begin(gang, &record);
}

bool unit_attempt_stopped(const struct unit_attempt *attempt)
{
	return atomic_load(&attempt->unit->gang->stop) > 1;
}

static bool on_stop(void *user)
{
	return unit_attempt_stopped(user);
}

static void on_waits(void *user, int64_t ns)
{
	struct unit *unit = ((struct unit_attempt *)user)->unit;

	pthread_mutex_lock(&unit->face.lock);
	unit->face.overdue += ns;
	pthread_mutex_unlock(&unit->face.lock);
}

/* The command that brings the application into the bootloader. It gets the slot and the port. */
static bool on_enter(void *user, char *why, size_t why_size)
{
	struct unit_attempt *attempt = user;
	struct gang *gang = attempt->unit->gang;
	const struct profile_enter *enter = &gang->options->profile->enter;

	return hooks_command(gang, &enter->command, attempt->unit->slot, attempt->unit->seen.path,
			     enter->within_s, why, why_size);
}

static void on_phase(void *user, enum job_phase phase)
{
	unit_tell_phase(user, (enum gang_phase)phase);
}

static void on_progress(void *user, unsigned permille)
{
	unit_tell_progress(user, permille);
}

static void limits_from(const struct profile *profile, struct dfu_limits *limits)
{
	*limits = (struct dfu_limits){
		.transfer_ms = profile->transfer_ms,
		.sector_ms = STM32_SECTOR_WORST_MS,
		.mass_ms = STM32_MASS_WORST_MS,
		/* The most words a block can hold, at their worst. */
		.write_ms = DFU_PIPE_MAX_LENGTH / profile->part->flash_word * STM32_WORD_WORST_US /
				    1000 +
			    1,
		.flash_word = profile->part->flash_word,
		.window = profile->upload_window,
		.poll = profile->poll == PROFILE_POLL_SPEC ? DFU_POLL_SPEC : DFU_POLL_ADAPTIVE,
	};
}

/* Whether the profile allows the power of the slot's port to be switched. */
static bool may_cycle(const struct unit *unit)
{
	const struct gang_options *options = unit->gang->options;
	const struct profile_slot *slot = profile_slot_find(options->profile, unit->slot);

	return slot && slot->power && options->command != GANG_VERIFY;
}

void unit_attempt_prepare(struct unit_attempt *attempt, struct unit *unit,
			  struct job_memory *memory, struct ticket *ticket, const char *started_at)
{
	const struct gang_options *options = unit->gang->options;

	memset(attempt, 0, sizeof(*attempt));
	attempt->unit = unit;
	attempt->memory = memory;
	attempt->ticket = ticket;
	attempt->job.profile = options->profile;
	attempt->job.part = options->profile->part;
	attempt->job.verify_only = options->command == GANG_VERIFY;
	attempt->job.memory = memory;
	attempt->job.may_cycle = may_cycle(unit);
	attempt->job.unit_serial = ticket->unit.serial;
	attempt->facts = (struct record_unit){
		.unit_id = unit->id,
		.slot = unit->slot,
		.path = unit->seen.path,
		.scan = unit->labelled ? unit->label.raw : NULL,
		.lot = unit->lot,
		.operator_name = unit->operator_name,
		.ticket = ticket,
		.attempt = unit->face.attempt,
		.started_at = started_at,
		.started = unit->face.started,
	};
}

/* The attempt's time starts. */
static void show_start(struct unit *unit, unsigned number)
{
	const struct profile *profile = unit->gang->options->profile;

	if (number > 1 && clock_suspended_since(unit->face.suspended_ms))
		unit->outcome.suspended = true;
	pthread_mutex_lock(&unit->face.lock);
	unit->face.attempt = number;
	clock_wall_text(unit->face.started_at);
	unit->face.started = clock_now();
	unit->face.suspended_ms = clock_suspended_ms();
	unit->face.overdue = clock_after_ms((int64_t)profile->unit_s * 1000 + OVERDUE_MS);
	atomic_flag_clear(&unit->face.row_claimed);
	pthread_mutex_unlock(&unit->face.lock);
}

void unit_attempt_begin(struct unit_attempt *attempt, struct unit *unit, struct job_memory *memory,
			struct ticket *ticket, struct trace *trace, unsigned number)
{
	struct gang *gang = unit->gang;
	const struct profile *profile = gang->options->profile;
	struct link *link = &attempt->job.link;

	show_start(unit, number);
	unit_attempt_prepare(attempt, unit, memory, ticket, unit->face.started_at);
	attempt->job.watch = (struct job_watch){
		.user = attempt,
		.identified = on_identified,
		.release = on_release,
		.admit = on_admit,
		.begin = on_begin,
		.started_over = on_started_over,
		.enter = on_enter,
		.stop = on_stop,
		.waits = on_waits,
		.phase = on_phase,
		.progress = on_progress,
	};
	attempt->job.suspended_ms = unit->face.suspended_ms;
	link->bus = gang->bus;
	link->path = unit->seen.path;
	link->seen = unit->outcome.last;
	link->session.fell_back = memory->fell_back;
	link->targets = gang->targets;
	link->claim_ms = profile->claim_ms;
	link->deadline = clock_after_ms((int64_t)profile->unit_s * 1000);
	link->stop = on_stop;
	link->stop_user = attempt;
	link->trace = trace;
	if (trace)
		trace_begin(trace);
	limits_from(profile, &link->limits);
}
