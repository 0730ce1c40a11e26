/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "power_cycle.h"

#include "h7gang/attempt/same_board.h"
#include "h7gang/base/clock.h"
#include "h7gang/usb/port.h"
#include "h7gang/usb/power.h"

#define LOOK_MS 50
#define RESCAN_MS 500
#define CYCLE_MS 10000 /* over off_ms: the proof, and the board that comes back */
#define OTHER_MS 1000  /* a device of an application may enumerate more than once */
#define TEXT_SIZE 200

bool power_cycles(const struct job *job, unsigned when)
{
	return job->may_cycle && (job->profile->power.cycle & when);
}

static bool is_bootloader(const struct job *job, const struct usb_occupant *occupant)
{
	return occupant->vid == job->profile->usb.vid && occupant->pid == job->profile->usb.pid;
}

enum power_came power_wait(struct job *job, uint32_t ms, bool patient)
{
	const struct usb_seen *before = &job->link.seen;
	int64_t deadline = clock_earlier(clock_after_ms(ms), job->link.deadline);
	int64_t rescan = clock_now(), other_since = 0;

	for (;;) {
		struct usb_occupant occupant;
		struct usb_seen now;

		if (usb_bus_find(job->link.bus, job->link.path, &now) &&
		    (now.bus != before->bus || now.address != before->address))
			return POWER_CAME_BOOTLOADER;
		if (!usb_port_look(job->link.path, false, &occupant) ||
		    is_bootloader(job, &occupant))
			other_since = 0;
		else if (!other_since)
			other_since = clock_now();
		if (clock_now() >= deadline || job->watch.stop(job->watch.user))
			return other_since ? POWER_CAME_OTHER : POWER_CAME_NOTHING;
		if (!patient && other_since && clock_elapsed_ms(other_since) >= OTHER_MS)
			return POWER_CAME_OTHER;
		if (clock_now() >= rescan) {
			usb_bus_look(job->link.bus); /* events are hints */
			rescan = clock_after_ms(RESCAN_MS);
		}
		clock_sleep_until(clock_earlier(deadline, clock_after_ms(LOOK_MS)));
	}
}

/* Whether a cycle, and the steps after it, end before the attempt must. */
static bool has_time(const struct job *job)
{
	return clock_after_ms((int64_t)job->profile->power.off_ms + CYCLE_MS) < job->link.deadline;
}

/* False: the link leaked, or the power was not cut; the outcome says so. */
static bool cycle(struct job *job)
{
	char why[TEXT_SIZE] = "";
	enum usb_cycle end;

	if (!has_time(job))
		return job_fail(job, H7_UNIT_TIMEOUT, "no time is left for a power cycle");
	if (!link_close(&job->link))
		return false;
	end = usb_power_cycle(job->link.bus, job->link.path, job->profile->power.off_ms, why,
			      sizeof(why));
	if (end == USB_CYCLE_DONE) {
		job->memory->flash_busy_until = 0;
		return true;
	}
	/* This must be repaired before any earlier error. */
	job->error = H7_POWER_INEFFECTIVE;
	return job_fail(job, H7_POWER_INEFFECTIVE, "power cycle: %s", why);
}

/* The board powered up, and not in the program that is needed. */
static bool fail_came(struct job *job, enum power_came came)
{
	char text[TEXT_SIZE];

	if (came == POWER_CAME_NOTHING) {
		job->error = H7_POWER_INEFFECTIVE;
		return job_fail(job, H7_POWER_INEFFECTIVE,
				"after the power cycle nothing appeared at the port: the hub may "
				"not cut the power, or the board has another supply");
	}
	usb_port_describe(job->link.path, text, sizeof(text));
	return job_fail(job, H7_NO_DEVICE,
			"it powered up in its application (%s), not in the ROM bootloader: keep "
			"BOOT0 high, or remove recover and option_bytes from power.cycle",
			text);
}

static bool hangs(const struct job *job)
{
	switch (job->error) {
	case H7_USB_TIMEOUT:
	case H7_DFU_STUCK:
		return true;
	case H7_NO_DEVICE:
	case H7_USB_ERROR:
		return job->gone && job->link.lost_in_reset;
	default:
		return false;
	}
}

bool power_revives(struct job *job)
{
	enum power_came came;

	if (!hangs(job) || !power_cycles(job, PROFILE_CYCLE_RECOVER) ||
	    job->memory->revived >= job->profile->attempts || job->link.leaked ||
	    job->watch.stop(job->watch.user) || !has_time(job))
		return false;
	job->memory->revived++;
	if (!cycle(job))
		return false;
	came = power_wait(job, LINK_RETURN_MS, false);
	if (came == POWER_CAME_BOOTLOADER) {
		job_note(job, "power-cycled");
		return true;
	}
	return fail_came(job, came);
}

bool power_restart(struct job *job)
{
	enum power_came came;
	enum dfu_result result;

	if (!cycle(job))
		return false;
	came = power_wait(job, LINK_RETURN_MS, false);
	if (came != POWER_CAME_BOOTLOADER)
		return fail_came(job, came);
	result = link_open(&job->link);
	if (result != DFU_OK)
		return job_fail_dfu(job, result, "after the power cycle");
	return same_board_confirm(job);
}

bool power_start(struct job *job, enum power_came *came)
{
	*came = POWER_CAME_NOTHING;
	if (!cycle(job))
		return false;
	*came = power_wait(job,
			   job->profile->boot.given ? job->profile->boot.within_s * 1000u
						    : LINK_RETURN_MS,
			   false);
	return true;
}
