/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starting the application. Its result does not change the result of programming. */
#include "h7gang/base/clock.h"
#include "h7gang/attempt/job.h"
#include "h7gang/attempt/same_board.h"
#include "power_cycle.h"
#include "steps.h"

#define LEAVE_MS 3000 /* a part that is still on the bus then has stayed */
#define LOOK_MS 50
#define ASK_MS 500
#define NOT_ASKED "it left the bus before it was asked to start the application"

static bool left_bus(struct job *job)
{
	int64_t deadline = clock_earlier(clock_after_ms(LEAVE_MS), job->link.deadline);
	int64_t ask = clock_after_ms(ASK_MS);

	while (clock_now() < deadline) {
		if (!usb_bus_present(job->link.bus, &job->link.seen))
			return true;
		/* Without udev no event says that it went; a request does. */
		if (clock_now() >= ask) {
			if (dfu_get_status(&job->link.session, ASK_MS, NULL) == DFU_GONE)
				return true;
			ask = clock_after_ms(ASK_MS);
		}
		clock_sleep_until(clock_after_ms(LOOK_MS));
	}
	return false;
}

/* Another board would be another unit. One that tells no UID, as a protected part, keeps its
 * verdict: it was proved before its power was cut. */
static bool is_another(struct job *job, char uid[25])
{
	enum likeness likeness;

	return !job->protected && link_open(&job->link) == DFU_OK &&
	       same_board_ask(&job->link, job->part, uid, &likeness) == DFU_OK &&
	       likeness == LIKENESS_OTHER;
}

static void start_from_cold(struct job *job)
{
	static const char stayed[] =
		"it powered up in the ROM bootloader, not in its application: "
		"BOOT0 must be low when the power comes back, and the board must have no "
		"other supply";
	enum power_came came;
	struct usb_seen now;
	char uid[25];

	if (!power_start(job, &came))
		return;
	job->leave = came == POWER_CAME_BOOTLOADER ? "stayed" : "ok";
	if (came != POWER_CAME_BOOTLOADER)
		return;
	if (is_another(job, uid)) {
		same_board_exchanged(job, uid);
		return;
	}
	if (usb_bus_find(job->link.bus, job->link.path, &now))
		job->link.seen = now; /* the same board, with a new address */
	if (job->profile->boot.given)
		job_fail(job, H7_NO_BOOT, stayed);
	else if (job->profile->leave == PROFILE_LEAVE_REQUIRED)
		job_fail(job, H7_LEAVE_FAILED, stayed);
	else
		job_note(job, stayed);
}

void step_start(struct job *job)
{
	enum dfu_result result;

	if (power_cycles(job, PROFILE_CYCLE_AFTER_PASS)) {
		job_enter_phase(job, JOB_PHASE_START);
		start_from_cold(job);
		return;
	}
	if (job->profile->leave == PROFILE_LEAVE_FALSE)
		return;
	job_enter_phase(job, JOB_PHASE_START);
	result = dfu_leave(&job->link.session, job->profile->start.address);
	if (result == DFU_OK)
		job->leave = left_bus(job) ? "ok" : "stayed";
	else if (result != DFU_GONE)
		job->leave = "refused";
	else if (job->profile->leave != PROFILE_LEAVE_REQUIRED)
		job_note(job, NOT_ASKED);
	if (job->profile->leave == PROFILE_LEAVE_REQUIRED && result == DFU_GONE)
		job_fail(job, H7_LEAVE_FAILED, NOT_ASKED);
	else if (job->profile->leave == PROFILE_LEAVE_REQUIRED && job->leave[0] != 'o')
		job_fail(job, H7_LEAVE_FAILED, "the target did not leave (%s)", job->leave);
	else if (job->leave[0] != 'o' && job->leave[0] && !job->rom->leaves)
		job_note(job, "bootloader %s is known not to leave", job->rom->version);
}
