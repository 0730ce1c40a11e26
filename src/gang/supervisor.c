/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The run: who may start, who is running, and when it is over. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "control.h"
#include "gang.h"
#include "h7gang/base/clock.h"
#include "hooks.h"
#include "signals.h"
#include "slots.h"
#include "ticket.h"
#include "uids.h"
#include "watch.h"
#include "worker.h"

#define RESCAN_MS 2000  /* design: hotplug events are hints, this is the truth */
#define QUIET_MS 2000   /* contract: newcomers are taken until none has appeared for 2 s */
#define AGAIN_MS 300    /* not at once where something waits for a run that takes no more */

struct run {
	struct gang gang;
	struct slots slots;
	struct signals signals;
	bool started;
	int64_t give_up;      /* --wait */
	int64_t last_arrival;
	bool closed;          /* once: a look found nobody new for 2 s; judged by looks, not by the time a
	                       * start takes, or a slow machine would pass over who came in time */
	unsigned running;
	unsigned units, passed, failed, aborted, not_recorded;
	int told_stop;        /* of gang.stop, what the operator was told */
	bool log_told;        /* that the log takes no more rows, and why */
	bool abandoned;       /* a worker has not come back: the bus cannot be closed */
	bool internal;        /* no memory, no thread */
};

void gang_emit(struct gang *gang, const struct gang_event *event)
{
	pthread_mutex_lock(&gang->event_lock);
	gang->options->sink(gang->options->sink_user, event);
	pthread_mutex_unlock(&gang->event_lock);
}

void gang_wake(struct gang *gang)
{
	pthread_mutex_lock(&gang->mail_lock);
	gang->news = true;
	pthread_cond_signal(&gang->mail);
	pthread_mutex_unlock(&gang->mail_lock);
}

static void on_usb(void *user, enum usb_change change, const struct usb_seen *seen)
{
	(void)change;
	(void)seen; /* what is there is looked up, not remembered: an event may come twice or never */
	gang_wake(user);
}

static void wait_for_news(struct gang *gang, int64_t deadline)
{
	pthread_mutex_lock(&gang->mail_lock);
	while (!gang->news && clock_wait_until(&gang->mail, &gang->mail_lock, deadline))
		;
	gang->news = false;
	pthread_mutex_unlock(&gang->mail_lock);
}

static void emit_simple(struct run *run, enum gang_event_kind kind, const struct slot *slot,
                        const char *detail)
{
	struct gang_event event;

	memset(&event, 0, sizeof(event));
	event.kind = kind;
	snprintf(event.run_id, sizeof(event.run_id), "%s", run->gang.run_id);
	if (slot) {
		snprintf(event.slot, sizeof(event.slot), "%s", slot->name);
		snprintf(event.path, sizeof(event.path), "%s", slot->seen.path);
	}
	snprintf(event.detail, sizeof(event.detail), "%s", detail);
	gang_emit(&run->gang, &event);
}

static void count_verdict(struct run *run, bool recorded, enum audit_result result)
{
	run->units++;
	if (!recorded)
		run->not_recorded++;
	else if (result == AUDIT_PASS)
		run->passed++;
	else if (result == AUDIT_ABORTED)
		run->aborted++;
	else
		run->failed++;
}

static void take_verdict(struct run *run, struct slot *slot)
{
	const struct worker *worker = slot->worker;

	slot->last = worker->last;
	slot->swapped = worker->swapped;
	slot->retired = worker->retire_slot;
	/* Whatever else is there now came later, and is another visit. */
	slot->handled = slot->present && slot->seen.bus == worker->last.bus &&
	                slot->seen.address == worker->last.address;
	slot->left_by_itself = worker->end == WORKER_VERDICT && worker->left_by_itself;
	switch (worker->end) {
	case WORKER_VERDICT:
		slot->had_unit = true;
		snprintf(slot->last_uid, sizeof(slot->last_uid), "%s", worker->uid);
		count_verdict(run, worker->recorded, worker->result);
		break;
	case WORKER_SAME_UNIT:
		break;
	case WORKER_UNSURE:
		slot->unsure = slot->handled;
		emit_simple(run, GANG_NOTE, slot,
		            "no UID tells whether this is the board that was just done: take it out "
		            "for 5 s, or acknowledge, to have it programmed");
		break;
	case WORKER_SKIPPED:
		emit_simple(run, GANG_NOTE, slot, "not one of the boards asked for: left alone");
		break;
	}
}

/* Those that were given up, of which a call may have returned since. */
static void reap_late(struct run *run)
{
	run->abandoned = false;
	for (unsigned s = 0; s < run->slots.count; s++) {
		struct slot *slot = &run->slots.slot[s];

		if (slot->late && atomic_load(&slot->late->done)) {
			worker_join(slot->late);
			slot->late = NULL;
		}
		run->abandoned = run->abandoned || slot->late;
	}
}

static void reap(struct run *run)
{
	for (unsigned s = 0; s < run->slots.count; s++) {
		struct slot *slot = &run->slots.slot[s];

		if (!slot->worker)
			continue;
		if (atomic_load(&slot->worker->done)) {
			take_verdict(run, slot);
			worker_join(slot->worker);
			slot->worker = NULL;
			run->running--;
		} else if (worker_rescue(slot->worker)) {
			count_verdict(run, slot->worker->recorded, AUDIT_FAIL);
			slot->had_unit = true;
			slot->retired = true;
			slot->late = slot->worker; /* its thread and memory stay with the call that hangs */
			slot->worker = NULL;
			run->running--;
			emit_simple(run, GANG_NOTE, slot, "slot retired: unplug it and restart");
		}
	}
}

static void start_unit(struct run *run, struct slot *slot)
{
	enum worker_return came_back = watch_return(slot, run->gang.options->watch);

	slot->handled = true;
	slot->swapped = false;
	slot->worker = worker_start(&run->gang, slot->name, &slot->seen, came_back, slot->last_uid);
	if (!slot->worker) {
		run->internal = true;
		emit_simple(run, GANG_NOTE, slot, "no memory or no thread for this board");
		return;
	}
	run->running++;
}

static bool may_start(struct run *run)
{
	return run->started && atomic_load(&run->gang.stop) == 0 &&
	       !atomic_load(&run->gang.log_failed) &&
	       audit_usable(run->gang.options->log, NULL, 0);
}

/* Whether the run has room for one more unit, whatever is plugged in. */
static bool takes_more(const struct run *run)
{
	const struct gang_options *options = run->gang.options;

	if (options->watch)
		return options->count == 0 || run->units + run->running < options->count;
	return !run->closed;
}

static bool waits(const struct slot *slot)
{
	return slot->present && !slot->handled && !slot->worker && !slot->retired;
}

static void start_units(struct run *run)
{
	bool watch = run->gang.options->watch;

	if (!may_start(run))
		return;
	for (unsigned s = 0; s < run->slots.count; s++) {
		struct slot *slot = &run->slots.slot[s];

		if (waits(slot) && (takes_more(run) || (slot->swapped && !watch)) &&
		    (!watch || watch_steady(slot)))
			start_unit(run, slot);
	}
}

static void take_acknowledgements(struct run *run)
{
	char name[PROFILE_NAME_SIZE];

	while (control_take(run->gang.options->control, name)) {
		const struct slot *meant = NULL;
		bool taken = false;

		for (unsigned s = 0; s < run->slots.count; s++) {
			struct slot *slot = &run->slots.slot[s];

			if (strcmp(slot->name, name) != 0)
				continue;
			meant = slot;
			taken = watch_acknowledge(slot);
		}
		if (meant)
			emit_simple(run, GANG_NOTE, meant,
				    taken ? "acknowledged" : "nothing to acknowledge");
		else
			emit_simple(run, GANG_NOTE, NULL, "acknowledge: there is no such slot");
	}
}

/* Watch: asks for the removal of what is done, and says when a slot is free again. */
static void guide_hands(struct run *run)
{
	enum gang_event_kind kind;

	for (unsigned s = 0; s < run->slots.count; s++) {
		if (watch_sign(&run->slots.slot[s], &kind))
			emit_simple(run, kind, &run->slots.slot[s], "");
	}
}

static void tell_stop(struct run *run)
{
	int stop = atomic_load(&run->gang.stop);

	if (stop > 2)
		stop = 2;
	if (stop == run->told_stop)
		return;
	run->told_stop = stop;
	emit_simple(run, GANG_NOTE, NULL,
	            stop == 1 ? "ending: what runs is finished, nothing more is started"
	                      : "stopping at the next safe point");
}

static bool enough(const struct run *run)
{
	const struct gang_options *options = run->gang.options;
	unsigned filled = slots_filled(&run->slots);

	if (options->all_slots && (run->slots.count == 0 || filled < run->slots.count))
		return false;
	return filled >= (options->count ? options->count : 1);
}

static void tell_of_log(struct run *run)
{
	char why[200], text[260];

	if (run->log_told || audit_usable(run->gang.options->log, why, sizeof(why)))
		return;
	run->log_told = true;
	snprintf(text, sizeof(text), "the log takes no more rows, nothing further is started: %s", why);
	emit_simple(run, GANG_NOTE, NULL, text);
}

/* One look at the world. False: the run is over. */
static bool look_around(struct run *run)
{
	bool arrived;

	tell_stop(run);
	if (!slots_update(&run->slots, run->gang.bus, &arrived)) {
		run->internal = true;
		return run->running > 0;
	}
	if (arrived && !run->closed)
		run->last_arrival = clock_now();
	else if (run->started && clock_elapsed_ms(run->last_arrival) >= QUIET_MS)
		run->closed = true;
	reap(run);
	tell_of_log(run);
	take_acknowledgements(run);
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
		return clock_now() < run->give_up && atomic_load(&run->gang.stop) == 0;
	return may_start(run) && takes_more(run);
}

/* When to look again if nothing happens before. */
static int64_t next_look(const struct run *run)
{
	int64_t next = clock_after_ms(RESCAN_MS);

	if (!run->started)
		return clock_earlier(next, run->give_up);
	if (!run->gang.options->watch)
		return run->running ? next
		                    : clock_earlier(next, run->last_arrival + QUIET_MS * CLOCK_MS);
	for (unsigned s = 0; s < run->slots.count; s++)
		next = clock_earlier(next, watch_next(&run->slots.slot[s]));
	return next > clock_now() ? next : clock_after_ms(AGAIN_MS);
}

static void supervise(struct run *run)
{
	int64_t rescan = clock_after_ms(RESCAN_MS);

	run->give_up = clock_after_ms((int64_t)run->gang.options->wait_s * 1000);
	run->last_arrival = clock_now();
	while (look_around(run)) {
		wait_for_news(&run->gang, clock_earlier(rescan, next_look(run)));
		if (clock_now() >= rescan) {
			usb_bus_rescan(run->gang.bus);
			rescan = clock_after_ms(RESCAN_MS);
		}
	}
}

/* Whoever comes next, this program or another, knows nothing of an erase that may still run, and on some ROMs a
 * board that is touched then hangs until its power is cut. So the run does not end before. */
static void leave_flash_alone(struct run *run)
{
	int64_t until = atomic_load(&run->gang.flash_busy_until);

	if (clock_now() >= until || run->abandoned)
		return;
	emit_simple(run, GANG_NOTE, NULL, "waiting: an erase of a board that failed may still run");
	while (clock_now() < until && atomic_load(&run->gang.stop) < 2)
		clock_sleep_until(clock_earlier(until, clock_after_ms(200)));
}

/* The station's own say before anything is touched. */
static bool start_hook(struct run *run)
{
	char why[240], text[280];

	if (hooks_run(&run->gang, PROFILE_HOOK_START, NULL, why, sizeof(why)) == HOOKS_OK)
		return true;
	snprintf(text, sizeof(text), "start hook %s; nothing was touched", why);
	emit_simple(run, GANG_NOTE, NULL, text);
	return false;
}

static void end_hook(struct run *run)
{
	struct hooks_totals totals = {
		.passed = run->passed,
		.failed = run->failed,
		.aborted = run->aborted,
		.not_recorded = run->not_recorded,
	};
	char why[240], text[280];

	audit_head(run->gang.options->log, &totals.head);
	if (hooks_run(&run->gang, PROFILE_HOOK_END, &totals, why, sizeof(why)) == HOOKS_OK)
		return;
	snprintf(text, sizeof(text), "end hook %s", why);
	emit_simple(run, GANG_NOTE, NULL, text);
}

static void summarize(struct run *run)
{
	struct gang_event event;

	for (unsigned s = 0; s < run->slots.count; s++) {
		struct slot *slot = &run->slots.slot[s];

		if (!slot->had_unit && !slot->present)
			emit_simple(run, GANG_EMPTY, slot, "");
		else if (waits(slot))
			emit_simple(run, GANG_NOTE, slot, "not done: it came too late, or the run ended");
	}
	memset(&event, 0, sizeof(event));
	event.kind = GANG_SUMMARY;
	snprintf(event.run_id, sizeof(event.run_id), "%s", run->gang.run_id);
	event.passed = run->passed;
	event.failed = run->failed;
	event.aborted = run->aborted;
	event.not_recorded = run->not_recorded;
	audit_head(run->gang.options->log, &event.head);
	gang_emit(&run->gang, &event);
}

static enum h7_exit verdict(const struct run *run)
{
	if (run->internal)
		return H7_EXIT_INTERNAL;
	if (run->not_recorded || atomic_load(&run->gang.log_failed))
		return H7_EXIT_LOG;
	if (run->failed || run->aborted)
		return H7_EXIT_FAILED;
	return run->units ? H7_EXIT_OK : H7_EXIT_NO_TARGET;
}

/* A random (version 4) UUID, RFC 4122 4.4. */
static bool make_run_id(char text[37])
{
	uint8_t b[16];

	if (getrandom(b, sizeof(b), 0) != (ssize_t)sizeof(b))
		return false;
	b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
	snprintf(text, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
	         b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12],
	         b[13], b[14], b[15]);
	return true;
}

/* How many devices may be open at once: what the fixture has, or as many as a station may have. */
static unsigned most_targets(const struct profile *profile)
{
	return profile->slots ? profile->slots : PROFILE_SLOTS_MAX;
}

static enum h7_exit say(struct run *run, enum h7_exit status, const char *what)
{
	emit_simple(run, GANG_NOTE, NULL, what);
	return status;
}

static enum h7_exit run_on_bus(struct run *run)
{
	struct gang *gang = &run->gang;
	enum h7_exit status;
	char why[200];

	gang->bus = usb_bus_open(&gang->options->profile->usb, on_usb, gang, why, sizeof(why));
	if (!gang->bus)
		return say(run, H7_EXIT_INTERNAL, why);
	emit_simple(run, GANG_STARTED, NULL, "");
	if (start_hook(run)) {
		control_attach(gang->options->control, gang);
		supervise(run);
		leave_flash_alone(run);
		control_attach(gang->options->control, NULL);
		end_hook(run);
		status = verdict(run);
	} else {
		status = H7_EXIT_USAGE;
	}
	summarize(run);
	reap_late(run);
	if (!run->abandoned)
		usb_bus_close(gang->bus);
	return status;
}

/* Without a run nobody else speaks, and no lock is needed. */
static enum h7_exit no_run(const struct gang_options *options)
{
	const struct gang_event event = {.kind = GANG_NOTE, .detail = "out of memory"};

	options->sink(options->sink_user, &event);
	return H7_EXIT_INTERNAL;
}

static bool locks_init(struct gang *gang)
{
	if (pthread_mutex_init(&gang->event_lock, NULL) != 0)
		return false;
	if (pthread_mutex_init(&gang->mail_lock, NULL) != 0)
		goto err_event;
	if (clock_cond_init(&gang->mail) != 0)
		goto err_mail;
	return true;

err_mail:
	pthread_mutex_destroy(&gang->mail_lock);
err_event:
	pthread_mutex_destroy(&gang->event_lock);
	return false;
}

static void locks_destroy(struct gang *gang)
{
	pthread_cond_destroy(&gang->mail);
	pthread_mutex_destroy(&gang->mail_lock);
	pthread_mutex_destroy(&gang->event_lock);
}

enum h7_exit gang_run(const struct gang_options *options)
{
	struct run *run = calloc(1, sizeof(*run));
	struct gang *gang;
	enum h7_exit status = H7_EXIT_INTERNAL;
	char why[512];

	if (!run || !locks_init(&run->gang)) {
		free(run);
		return no_run(options);
	}
	gang = &run->gang;
	gang->options = options;
	gang->targets = most_targets(options->profile);
	gang->uids = uids_new();
	if (!gang->uids || !make_run_id(gang->run_id) || !slots_init(&run->slots, options)) {
		say(run, status, "out of memory");
		goto out_uids;
	}
	if (!ticket_office_open(gang, why, sizeof(why))) {
		status = say(run, H7_EXIT_USAGE, why);
		goto out_slots;
	}
	if (!signals_start(&run->signals, gang)) {
		say(run, status, "no thread for signals");
		goto out_office;
	}
	status = run_on_bus(run);
	if (run->abandoned)
		return status; /* a thread still uses all this; it ends with the process */
	signals_end(&run->signals);
out_office:
	ticket_office_close(gang);
out_slots:
	slots_free(&run->slots);
out_uids:
	uids_free(gang->uids);
	locks_destroy(gang);
	free(run);
	return status;
}
