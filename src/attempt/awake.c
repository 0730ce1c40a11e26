/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A computer that was suspended in the middle of an attempt. */
#include "h7gang/attempt/attempt.h"
#include "h7gang/base/clock.h"
#include "steps.h"

#define SETTLED_MS 2000 /* after a resume, until the kernel has probed or reset each device */
#define LOOK_MS 100

bool job_was_suspended(const struct job *job)
{
	return clock_suspended_since(job->suspended_ms) != 0;
}

bool step_awake(struct job *job)
{
	int64_t suspended = clock_suspended_since(job->suspended_ms);

	if (!suspended)
		return true;
	/* An error that says that the board is not to be programmed stands. */
	if (job->slept || (job->error != H7_OK && !h7_error_retried(job->error)))
		return false;
	job->slept = true;
	job->error = H7_HOST_ERROR;
	job_note(job,
		 "the computer was suspended for %lld s during this attempt; keep it awake: "
		 "systemd-inhibit --what=sleep:handle-lid-switch h7gang ...",
		 (long long)(suspended + 500) / 1000);
	return false;
}

void attempt_wait_awake(struct job *job)
{
	struct link *link = &job->link;
	int64_t settled = clock_after_ms(SETTLED_MS);

	while (clock_now() < settled && !(link->stop && link->stop(link->stop_user))) {
		usb_bus_look(link->bus);
		clock_sleep_until(clock_earlier(settled, clock_after_ms(LOOK_MS)));
	}
	job->gone = !usb_bus_present(link->bus, &link->seen);
}
