/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run from its opening to its summary. */
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "control.h"
#include "desk.h"
#include "ending.h"
#include "hooks.h"
#include "notices.h"
#include "ports.h"
#include "supervisor.h"
#include "ticket.h"
#include "uids.h"
#include "worker.h"

static void on_usb(void *user, enum usb_change change, const struct usb_seen *seen)
{
	(void)change;
	(void)seen; /* the port is looked up, not remembered: an event may come twice or never */
	gang_wake(user);
}

/* Joins abandoned workers whose call has returned since. */
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

/* The next program does not know about an erase that may still run. On some bootloader versions, a
 * board that is touched during the erase hangs until its power is cut. So the run ends after it. */
static void leave_flash_alone(struct run *run)
{
	int64_t until = atomic_load(&run->gang.flash_busy_until);

	if (clock_now() >= until || run->abandoned)
		return;
	run_tell(run, GANG_NOTE, NULL, "waiting: an erase of a board that failed may still run");
	while (clock_now() < until && atomic_load(&run->gang.stop) < 2)
		clock_sleep_until(clock_earlier(until, clock_after_ms(200)));
}

/* The start hook, before anything is touched. */
static bool start_hook(struct run *run)
{
	char why[240], text[280];

	if (hooks_run(&run->gang, PROFILE_HOOK_START, NULL, why, sizeof(why)) == HOOKS_OK)
		return true;
	snprintf(text, sizeof(text), "start hook %s; nothing was touched", why);
	run_tell(run, GANG_NOTE, NULL, text);
	return false;
}

/* False: the profile wants to switch a port that cannot be switched. */
static bool ports_are_ready(struct run *run)
{
	char why[240];

	switch (ports_settle(&run->gang, why, sizeof(why))) {
	case PORTS_OK:
		return true;
	case PORTS_HANG:
		run->ports_hang = true;
		run_tell(run, GANG_NOTE, NULL, why);
		return true;
	case PORTS_WRONG:
		break;
	}
	run_tell(run, GANG_NOTE, NULL, why);
	return false;
}

/* A unit whose thread hangs may have left its port off. */
static void restore_ports(struct run *run)
{
	char why[240];

	if (!run->ports_hang && ports_settle(&run->gang, why, sizeof(why)) == PORTS_HANG) {
		run->ports_hang = true;
		run_tell(run, GANG_NOTE, NULL, why);
	}
}

static void end_hook(struct run *run)
{
	struct hooks_totals totals = {
		.passed = run->tally.passed,
		.failed = run->tally.failed,
		.aborted = run->tally.aborted,
		.not_recorded = run->tally.not_recorded,
	};
	char why[240], text[280];

	if (run->gang.log)
		audit_head(run->gang.log, &totals.head);
	if (hooks_run(&run->gang, PROFILE_HOOK_END, &totals, why, sizeof(why)) == HOOKS_OK)
		return;
	snprintf(text, sizeof(text), "end hook %s", why);
	run_tell(run, GANG_NOTE, NULL, text);
}

static enum h7_exit verdict(const struct run *run)
{
	if (run->internal)
		return H7_EXIT_INTERNAL;
	return atomic_load(&run->gang.log_failed) ? H7_EXIT_LOG : tally_exit(&run->tally);
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

/* How many devices may be open at once: as many as the fixture has, or as a station may have. */
static unsigned most_targets(const struct profile *profile)
{
	return profile->slots ? profile->slots : PROFILE_SLOTS_MAX;
}

static enum h7_exit say(struct run *run, enum h7_exit status, const char *what)
{
	run_tell(run, GANG_NOTE, NULL, what);
	return status;
}

/* The devices of boards that are not in their bootloader. */
static void follow_applications(struct gang *gang)
{
	const struct profile *profile = gang->options->profile;
	struct usb_filter filter[USB_ALSO_MAX];
	unsigned count = 0;

	if (profile->enter.by != PROFILE_ENTER_NOT)
		filter[count++] = profile->enter.usb;
	if (profile->boot.given && (count == 0 || profile->boot.usb.vid != filter[0].vid ||
				    profile->boot.usb.pid != filter[0].pid))
		filter[count++] = profile->boot.usb;
	if (count == 0)
		return;
	usb_bus_follow(gang->bus, filter, count);
	usb_bus_rescan(gang->bus);
}

static enum h7_exit run_on_bus(struct run *run)
{
	struct gang *gang = &run->gang;
	enum h7_exit status;
	char why[200];

	gang->bus = usb_bus_open(&gang->options->profile->usb, on_usb, gang, why, sizeof(why));
	if (!gang->bus)
		return say(run, H7_EXIT_INTERNAL, why);
	follow_applications(gang);
	run_tell(run, GANG_STARTED, NULL, "");
	ticket_office_tell(gang);
	if (!ports_are_ready(run) || !start_hook(run)) {
		status = H7_EXIT_USAGE;
	} else if (!(run->desk = desk_open(gang, &run->slots, why, sizeof(why)))) {
		status = say(run, H7_EXIT_INTERNAL, why);
	} else {
		control_attach(gang->options->control, gang);
		supervise(run);
		leave_flash_alone(run);
		desk_look(run->desk, run->running); /* the last commands are answered, too */
		control_attach(gang->options->control, NULL);
		desk_why_not(run->desk, run->stopped, sizeof(run->stopped));
		desk_close(run->desk);
		restore_ports(run);
		end_hook(run);
		status = verdict(run);
	}
	ending_tell(run);
	reap_late(run);
	run->abandoned = run->abandoned || run->ports_hang;
	if (run->abandoned)
		usb_bus_hush(gang->bus);
	else
		usb_bus_close(gang->bus);
	return status;
}

/* Without a run no other thread sends events, and no lock is needed. */
static enum h7_exit no_run(const struct gang_options *options)
{
	const struct gang_event event = {.kind = GANG_NOTE, .detail = "out of memory"};

	options->sink(options->sink_user, &event);
	return H7_EXIT_INTERNAL;
}

static bool locks_init(struct run *run)
{
	if (!gang_locks_init(&run->gang))
		return false;
	if (leftovers_init(&run->leftovers) != 0) {
		gang_locks_destroy(&run->gang);
		return false;
	}
	run->gang.leftovers = &run->leftovers;
	return true;
}

static void locks_destroy(struct run *run)
{
	leftovers_destroy(&run->leftovers);
	gang_locks_destroy(&run->gang);
}

enum h7_exit gang_run(const struct gang_options *options)
{
	struct run *run = calloc(1, sizeof(*run));
	struct gang *gang;
	enum h7_exit status = H7_EXIT_INTERNAL, opened;
	char why[1200];

	if (!run || !locks_init(run)) {
		free(run);
		return no_run(options);
	}
	gang = &run->gang;
	gang->options = options;
	gang->log = options->log;
	gang->log_path = options->log_path;
	snprintf(gang->lot, sizeof(gang->lot), "%s", options->lot);
	snprintf(gang->operator_name, sizeof(gang->operator_name), "%s", options->operator_name);
	gang->targets = most_targets(options->profile);
	gang->uids = uids_new();
	if (!gang->uids || !make_run_id(gang->run_id) || !slots_init(&run->slots, options)) {
		say(run, status, "out of memory");
		goto out_uids;
	}
	opened = gang->log ? ticket_office_open(gang, why, sizeof(why)) : H7_EXIT_OK;
	if (opened != H7_EXIT_OK) {
		status = say(run, opened, why);
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
	locks_destroy(run);
	free(run);
	return status;
}
