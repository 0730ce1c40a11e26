/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starting the application. The flash result stands whatever comes of it. */
#include "h7gang/base/clock.h"
#include "job.h"

#define LEAVE_MS 3000 /* a part that is still on the bus then has stayed */
#define LOOK_MS 50
#define ASK_MS 500

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

void job_finish(struct job *job)
{
	enum dfu_result result;

	if (job->profile->leave == PROFILE_LEAVE_FALSE)
		return;
	job_phase(job, GANG_PHASE_LEAVE);
	result = dfu_leave(&job->link.session, job->part->bank[0].base);
	if (result == DFU_GONE || (result == DFU_OK && left_bus(job)))
		job->leave = "ok";
	else
		job->leave = result == DFU_OK ? "stayed" : "refused";
	if (job->profile->leave == PROFILE_LEAVE_REQUIRED && job->leave[0] != 'o')
		job_fail(job, H7_LEAVE_FAILED, "the target did not leave (%s)", job->leave);
	else if (job->leave[0] != 'o' && !job->rom->leaves)
		job_note(job, "bootloader %s is known not to leave", job->rom->version);
}
