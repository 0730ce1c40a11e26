/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "hooks.h"
#include "job.h"
#include "outcome.h"
#include "probe.h"
#include "record.h"
#include "uids.h"

/* Room for a worker's frames; sanitizers pad each of them. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STACK_BYTES (2048u << 10)
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define STACK_BYTES (2048u << 10)
#endif
#endif
#ifndef STACK_BYTES
#define STACK_BYTES (256u << 10)
#endif

#define OVERDUE_MS 30000 /* over the attempt's own time: 10 s of reaping, 5 s of the kernel's, and room */

/* One attempt as the worker sees it; the user of the job's watch. */
struct attempt {
	struct worker *worker;
	struct job_memory *memory;
	struct job job;
	struct record_unit unit;
	struct record record; /* once it is concluded */
	bool announced;
	bool swapped;
	enum gang_phase phase;
	unsigned permille; /* of phase, last told */
};

static void event_init(const struct worker *worker, struct gang_event *event,
                       enum gang_event_kind kind)
{
	memset(event, 0, sizeof(*event));
	event->kind = kind;
	snprintf(event->run_id, sizeof(event->run_id), "%s", worker->gang->run_id);
	snprintf(event->unit_id, sizeof(event->unit_id), "%s", worker->unit_id);
	snprintf(event->slot, sizeof(event->slot), "%s", worker->slot);
	snprintf(event->path, sizeof(event->path), "%s", worker->seen.path);
	event->attempt = worker->attempt;
	event->attempts_allowed = worker->gang->options->profile->attempts;
}

static void attempt_event(const struct attempt *attempt, struct gang_event *event,
                          enum gang_event_kind kind)
{
	event_init(attempt->worker, event, kind);
	event->attempt = attempt->unit.attempt;
	snprintf(event->uid, sizeof(event->uid), "%s", attempt->job.uid);
	if (attempt->job.rom && attempt->job.bootloader_id != STM32_ROM_UNKNOWN)
		snprintf(event->bootloader, sizeof(event->bootloader), "%s",
		         attempt->job.rom->version);
}

static void announce(struct attempt *attempt)
{
	struct gang_event event;

	if (attempt->announced || attempt->worker->attempt > 1)
		return;
	attempt->announced = true;
	attempt_event(attempt, &event, GANG_TARGET);
	gang_emit(attempt->worker->gang, &event);
}

static bool one_of(const char *uid, const char *const *list, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (strcmp(uid, list[i]) == 0)
			return true;
	}
	return false;
}

/* Whether the slot's last board came back, or may have; `*end` then says which. */
static bool came_back(const struct worker *worker, const char *uid, enum worker_end *end)
{
	if (worker->came_back == WORKER_NEWCOMER)
		return false;
	if (uid[0] && worker->last_uid[0]) {
		*end = WORKER_SAME_UNIT;
		return strcmp(uid, worker->last_uid) == 0;
	}
	*end = worker->came_back == WORKER_MUST_SHOW ? WORKER_UNSURE : WORKER_SAME_UNIT;
	return true;
}

/* Whether this board is to have an attempt at all. */
static bool welcome(struct attempt *attempt)
{
	struct worker *worker = attempt->worker;
	const struct gang_options *options = worker->gang->options;
	const char *uid = attempt->job.uid;
	enum worker_end end;

	if (worker->attempt > 1) {
		attempt->swapped = probe_other_uid(uid, attempt->memory->uid);
		return !attempt->swapped;
	}
	if (options->only_uid_count &&
	    !one_of(uid, options->only_uids, options->only_uid_count)) {
		worker->end = WORKER_SKIPPED;
		return false;
	}
	if (came_back(worker, uid, &end)) {
		worker->end = end;
		return false;
	}
	return true;
}

static bool on_identified(void *user)
{
	struct attempt *attempt = user;

	if (!attempt->job.unprotected && !welcome(attempt))
		return false;
	if (attempt->job.uid[0]) {
		snprintf(attempt->memory->uid, sizeof(attempt->memory->uid), "%s",
		         attempt->job.uid);
		uids_add(attempt->worker->gang->uids, attempt->job.uid, attempt->worker->seen.path);
	}
	announce(attempt);
	return true;
}

static bool log_failed(struct gang *gang, enum audit_status status)
{
	if (status == AUDIT_OK)
		return false;
	atomic_store(&gang->log_failed, true);
	gang_wake(gang);
	return true;
}

static bool on_admit(void *user)
{
	struct attempt *attempt = user;
	struct worker *worker = attempt->worker;
	struct ticket *ticket = &attempt->memory->ticket;
	bool admitted = ticket_take(ticket, worker->gang, &attempt->job, worker->unit_id);

	pthread_mutex_lock(&worker->face_lock);
	if (ticket->numbered)
		snprintf(worker->unit_serial, sizeof(worker->unit_serial), "%s",
		         ticket->unit.serial);
	pthread_mutex_unlock(&worker->face_lock);
	return admitted;
}

static bool on_begin(void *user)
{
	struct attempt *attempt = user;
	struct gang *gang = attempt->worker->gang;
	struct record record;

	record_fill(&record, gang, &attempt->unit, &attempt->job, false);
	return !log_failed(gang, audit_begin(gang->options->log, &record.row,
	                                     clock_after_ms(GANG_RECORD_MS)));
}

static bool on_stop(void *user)
{
	struct attempt *attempt = user;

	return atomic_load(&attempt->worker->gang->stop) > 1;
}

static void on_phase(void *user, enum gang_phase phase)
{
	struct attempt *attempt = user;
	struct gang_event event;

	/* Until it is known whether this board is a unit, nothing is said about it. */
	if (phase == GANG_PHASE_IDENTIFY && attempt->worker->attempt == 1)
		return;
	attempt->phase = phase;
	attempt->permille = 0;
	attempt_event(attempt, &event, GANG_PHASE);
	event.phase = phase;
	gang_emit(attempt->worker->gang, &event);
}

static void on_progress(void *user, unsigned permille)
{
	struct attempt *attempt = user;
	struct gang_event event;

	if (permille < attempt->permille + 10 && permille < 1000)
		return;
	if (permille == attempt->permille)
		return;
	attempt->permille = permille;
	attempt_event(attempt, &event, GANG_PROGRESS);
	event.phase = attempt->phase;
	event.permille = permille;
	gang_emit(attempt->worker->gang, &event);
}

static void limits_from(const struct profile *profile, struct dfu_limits *limits)
{
	*limits = (struct dfu_limits){
		.transfer_ms = profile->transfer_ms,
		.sector_ms = STM32_SECTOR_WORST_MS,
		.mass_ms = STM32_MASS_WORST_MS,
		/* The most words a block can hold, at their worst. */
		.write_ms = DFU_PIPE_MAX_LENGTH / profile->part->flash_word * STM32_WORD_WORST_US /
		                    1000 + 1,
		.flash_word = profile->part->flash_word,
		.window = profile->upload_window,
		.poll = profile->poll == PROFILE_POLL_SPEC ? DFU_POLL_SPEC : DFU_POLL_ADAPTIVE,
	};
}

static void attempt_init(struct attempt *attempt, struct worker *worker, struct job_memory *memory,
                         struct trace *trace, unsigned number)
{
	struct gang *gang = worker->gang;
	const struct profile *profile = gang->options->profile;

	memset(attempt, 0, sizeof(*attempt));
	attempt->worker = worker;
	attempt->memory = memory;
	attempt->job.profile = profile;
	attempt->job.part = profile->part;
	attempt->job.command = gang->options->command;
	attempt->job.memory = memory;
	attempt->job.watch = (struct job_watch){
		.user = attempt,
		.identified = on_identified,
		.admit = on_admit,
		.begin = on_begin,
		.stop = on_stop,
		.phase = on_phase,
		.progress = on_progress,
	};
	attempt->job.link.bus = gang->bus;
	attempt->job.link.path = worker->seen.path;
	attempt->job.link.seen = worker->last;
	attempt->job.link.session.fell_back = memory->fell_back;
	attempt->job.link.targets = gang->targets;
	attempt->job.link.deadline = clock_after_ms((int64_t)profile->unit_s * 1000);
	attempt->job.link.stop = on_stop;
	attempt->job.link.stop_user = attempt;
	attempt->job.link.trace = trace;
	if (trace)
		trace_begin(trace);
	limits_from(profile, &attempt->job.link.limits);

	pthread_mutex_lock(&worker->face_lock);
	worker->attempt = number;
	clock_wall_text(worker->started_at);
	worker->started = clock_now();
	worker->overdue = clock_after_ms((int64_t)profile->unit_s * 1000 + OVERDUE_MS);
	atomic_flag_clear(&worker->row_claimed);
	pthread_mutex_unlock(&worker->face_lock);

	attempt->unit = (struct record_unit){.unit_id = worker->unit_id,
	                                     .slot = worker->slot,
	                                     .path = worker->seen.path,
	                                     .attempt = number,
	                                     .started_at = worker->started_at,
	                                     .started = worker->started};
}

/* A target that left in the middle: the unit goes on only if the same board is back in time. */
static bool same_board_returned(struct attempt *attempt)
{
	struct job *job = &attempt->job;
	struct link *link = &job->link;
	struct usb_seen before = link->seen;
	char uid[25];

	if (!link_wait_return(link->bus, &link->seen, clock_after_ms(LINK_RETURN_MS), on_stop, attempt))
		return false;
	link->deadline = clock_after_ms((int64_t)job->profile->unit_s * 1000);
	if (!job_settle(job))
		return false;
	if (link_open(link) != DFU_OK) {
		link_close(link);
		return true; /* nothing readable: the same unit */
	}
	probe_uid(link, job->part, uid);
	link_close(link);
	attempt->swapped = probe_other_uid(uid, attempt->memory->uid);
	if (attempt->swapped)
		link->seen = before; /* the newcomer is nobody's yet */
	return !attempt->swapped;
}

/* Returns whether the unit may have a further attempt as far as its board's presence goes. */
static bool settle_absence(struct attempt *attempt)
{
	struct job *job = &attempt->job;

	if (!job->gone)
		return true;
	if (on_stop(attempt) || !same_board_returned(attempt)) {
		if (attempt->swapped)
			job_note(job, "another board took its place");
		return false;
	}
	if (job->error == H7_NO_DEVICE)
		job->error = H7_USB_ERROR;
	job_note(job, "it came back");
	return true;
}

static void unit_event(const struct attempt *attempt, bool recorded)
{
	const struct record *record = &attempt->record;
	struct gang_event event;

	attempt_event(attempt, &event, GANG_UNIT);
	event.result = record->row.result;
	event.error = record->row.error;
	event.recorded = recorded;
	event.total_ms = record->row.total_ms;
	snprintf(event.erase_method, sizeof(event.erase_method), "%s", record->erase_method);
	snprintf(event.leave, sizeof(event.leave), "%s", attempt->job.leave);
	snprintf(event.detail, sizeof(event.detail), "%s", attempt->job.detail);
	gang_emit(attempt->worker->gang, &event);
}

static void retry_event(const struct attempt *attempt)
{
	struct gang_event event;

	attempt_event(attempt, &event, GANG_NOTE);
	event.error = attempt->job.error;
	snprintf(event.detail, sizeof(event.detail), "attempt %u failed, trying again: %.400s",
	         attempt->worker->attempt, attempt->job.detail);
	gang_emit(attempt->worker->gang, &event);
}

static bool try_again(const struct attempt *attempt, bool present)
{
	const struct gang *gang = attempt->worker->gang;

	return present && attempt->job.error != H7_OK && h7_error_retried(attempt->job.error) &&
	       attempt->worker->attempt < gang->options->profile->attempts &&
	       !attempt->job.link.leaked && atomic_load(&gang->stop) == 0;
}

/* The verdict stands and is told; whatever comes of this cannot change it. */
static void tell_after(const struct attempt *attempt)
{
	struct gang_event event;
	char why[240];

	if (hooks_unit(attempt->worker->gang, PROFILE_HOOK_AFTER, &attempt->record.row, why,
	               sizeof(why)) == HOOKS_OK)
		return;
	attempt_event(attempt, &event, GANG_NOTE);
	snprintf(event.detail, sizeof(event.detail), "after hook %s", why);
	gang_emit(attempt->worker->gang, &event);
}

/* The row of this attempt is the unit's last one. */
static void tell_verdict(const struct attempt *attempt, bool recorded)
{
	unit_event(attempt, recorded);
	if (recorded)
		tell_after(attempt);
}

/* Puts the attempt on record and tells it. False: it is the unit's last one. */
static bool conclude(struct attempt *attempt)
{
	struct worker *worker = attempt->worker;
	struct gang *gang = worker->gang;
	struct job *job = &attempt->job;
	bool present = settle_absence(attempt);
	struct record *record = &attempt->record;
	char twin[USB_PATH_SIZE];
	bool again;

	if (job->uid[0] && uids_twin(gang->uids, job->uid, worker->seen.path, twin))
		job_note(job, "the same UID was read at %s", twin);
	outcome_keep_trace(gang, &attempt->unit, job);
	if (atomic_flag_test_and_set(&worker->row_claimed))
		return false; /* overdue: the supervisor has written it */
	announce(attempt);
	outcome_ask_gate(gang, &attempt->unit, job);
	outcome_keep_trace(gang, &attempt->unit, job); /* of one that the gate refused */
	on_phase(attempt, GANG_PHASE_RECORD);
	record_fill(record, gang, &attempt->unit, job, true);
	worker->recorded = !job->unrecorded &&
	                   !log_failed(gang, audit_append(gang->options->log, &record->row,
	                                                  clock_after_ms(GANG_RECORD_MS)));
	worker->result = record->row.result;
	worker->last = job->link.seen;
	worker->retire_slot = job->link.leaked;
	worker->swapped = attempt->swapped;
	worker->left_by_itself = strcmp(job->leave, "ok") == 0;
	again = worker->recorded && try_again(attempt, present);
	if (again)
		retry_event(attempt);
	else
		tell_verdict(attempt, worker->recorded);
	return again;
}

/* Whether what could not even be identified is a unit of this run: it is unless somebody asked for certain
 * boards only, or the port's last board just came back. */
static bool stranger(struct attempt *attempt)
{
	if (attempt->worker->attempt > 1 || attempt->announced)
		return false;
	return !welcome(attempt);
}

/* A unit that failed may have left an erase behind that its ROM says nothing of. */
static void tell_flash_busy(struct gang *gang, const struct attempt *attempt)
{
	int64_t until = attempt->memory->flash_busy_until;
	int64_t known = atomic_load(&gang->flash_busy_until);

	if (attempt->job.gone || attempt->job.error == H7_OK)
		return;
	while (known < until && !atomic_compare_exchange_weak(&gang->flash_busy_until, &known, until))
		;
}

static void *worker_main(void *user)
{
	struct worker *worker = user;
	struct job_memory memory = {0};
	struct attempt *attempts = malloc(2 * sizeof(*attempts)); /* this one and the one before */
	struct trace_range secret[PROFILE_PATCHES_MAX];
	struct trace *trace = outcome_recorder(worker->gang, secret);
	bool again = attempts != NULL;

	if (!attempts)
		worker->result = AUDIT_FAIL;
	ticket_init(&memory.ticket, worker->gang);
	for (unsigned number = 1; again; number++) {
		struct attempt *attempt = &attempts[number % 2];

		attempt_init(attempt, worker, &memory, trace, number);
		job_run(&attempt->job);
		if (attempt->job.dropped || stranger(attempt)) {
			/* A swap between attempts: the rows so far stand, the newcomer is its own
			 * unit. */
			if (number > 1 && !atomic_flag_test_and_set(&worker->row_claimed))
				tell_verdict(&attempts[(number - 1) % 2], true);
			worker->swapped = attempt->swapped;
			if (!attempt->swapped)
				worker->last = attempt->job.link.seen;
			break;
		}
		again = conclude(attempt);
		if (!again)
			tell_flash_busy(worker->gang, attempt);
	}
	ticket_end(&memory.ticket, worker->gang,
	           worker->recorded && worker->result == AUDIT_PASS);
	snprintf(worker->uid, sizeof(worker->uid), "%s", memory.uid);
	free(attempts);
	trace_free(trace);
	pthread_mutex_lock(&worker->face_lock);
	worker->overdue = CLOCK_NEVER;
	pthread_mutex_unlock(&worker->face_lock);
	atomic_store(&worker->done, true);
	gang_wake(worker->gang);
	return NULL;
}

struct worker *worker_start(struct gang *gang, const char *slot, const struct usb_seen *seen,
                            enum worker_return came_back, const char *last_uid)
{
	struct worker *worker = calloc(1, sizeof(*worker));
	pthread_attr_t attr;

	if (!worker)
		return NULL;
	worker->gang = gang;
	snprintf(worker->slot, sizeof(worker->slot), "%s", slot);
	worker->seen = worker->last = *seen;
	worker->came_back = came_back;
	snprintf(worker->last_uid, sizeof(worker->last_uid), "%s", last_uid);
	snprintf(worker->unit_id, sizeof(worker->unit_id), "%.8s-%04u", gang->run_id,
	         atomic_fetch_add(&gang->units, 1) + 1);
	worker->overdue = CLOCK_NEVER;
	if (pthread_mutex_init(&worker->face_lock, NULL) != 0)
		goto err_free;
	if (pthread_attr_init(&attr) != 0)
		goto err_mutex;
	if (pthread_attr_setstacksize(&attr, STACK_BYTES) != 0 ||
	    pthread_create(&worker->thread, &attr, worker_main, worker) != 0)
		goto err_attr;
	pthread_attr_destroy(&attr);
	return worker;

err_attr:
	pthread_attr_destroy(&attr);
err_mutex:
	pthread_mutex_destroy(&worker->face_lock);
err_free:
	free(worker);
	return NULL;
}

void worker_join(struct worker *worker)
{
	pthread_join(worker->thread, NULL);
	pthread_mutex_destroy(&worker->face_lock);
	free(worker);
}

bool worker_rescue(struct worker *worker)
{
	struct gang *gang = worker->gang;
	struct job_memory memory = {0};
	struct attempt *attempt;
	char started_at[CLOCK_TEXT_SIZE];
	bool overdue;

	pthread_mutex_lock(&worker->face_lock);
	overdue = worker->overdue <= clock_now() && !atomic_flag_test_and_set(&worker->row_claimed);
	memcpy(started_at, worker->started_at, sizeof(started_at));
	ticket_init(&memory.ticket, gang);
	memcpy(memory.ticket.unit.serial, worker->unit_serial, sizeof(worker->unit_serial));
	memory.ticket.numbered = worker->unit_serial[0] != '\0';
	pthread_mutex_unlock(&worker->face_lock);
	if (!overdue)
		return false;
	/* What the worker knows is its own; the row says what is known without it. */
	attempt = calloc(1, sizeof(*attempt));
	if (!attempt) {
		atomic_store(&gang->log_failed, true);
		return true;
	}
	attempt->worker = worker;
	attempt->memory = &memory;
	attempt->job.profile = gang->options->profile;
	attempt->job.part = gang->options->profile->part;
	attempt->job.command = gang->options->command;
	attempt->job.memory = &memory;
	job_blank_outcome(&attempt->job);
	attempt->unit = (struct record_unit){.unit_id = worker->unit_id,
	                                     .slot = worker->slot,
	                                     .path = worker->seen.path,
	                                     .attempt = worker->attempt,
	                                     .started_at = started_at,
	                                     .started = worker->started};
	job_fail(&attempt->job, H7_UNIT_TIMEOUT, "a call to the USB system did not return");
	record_fill(&attempt->record, gang, &attempt->unit, &attempt->job, true);
	worker->recorded = !log_failed(gang, audit_append(gang->options->log, &attempt->record.row,
	                                                  clock_after_ms(GANG_RECORD_MS)));
	unit_event(attempt, worker->recorded);
	free(attempt);
	return true;
}
