/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "recovery.h"

#include "h7gang/attempt/same_board.h"
#include "h7gang/base/clock.h"
#include "result.h"

#define BUSY_LEAST_MS 500

bool recovery_settle(struct job *job)
{
	while (clock_now() < job->memory->flash_busy_until) {
		if (clock_now() >= job->link.deadline)
			return job_fail(job, H7_UNIT_TIMEOUT,
					"while flash may still have been busy");
		if (job->watch.stop(job->watch.user))
			return job_fail(job, H7_ABORTED, "while flash may still have been busy");
		clock_sleep_until(clock_earlier(
			clock_after_ms(200),
			clock_earlier(job->link.deadline, job->memory->flash_busy_until)));
	}
	return true;
}

/* Remaining ms until flash is known to be idle; never 0, a command's own dfuDNBUSY takes a moment.
 */
uint32_t recovery_busy_ms(const struct job *job)
{
	int64_t left = (job->memory->flash_busy_until - clock_now()) / CLOCK_MS;

	return left > BUSY_LEAST_MS ? (uint32_t)left : BUSY_LEAST_MS;
}

/* The error name of a failure without recovery. */
static enum h7_error error_of_unmended(enum dfu_result result, enum dfu_result back, bool by_reset)
{
	if (back == DFU_GONE && !by_reset)
		return H7_NO_DEVICE;
	if (back != DFU_GONE && back != DFU_STUCK && !result_is_transient(back))
		return result_error(back);
	if (result == DFU_TIMED_OUT || result == DFU_BUS_ERROR)
		return result_error(result);
	return H7_DFU_STUCK;
}

bool recovery_recover(struct job *job, enum dfu_result result, const char *what)
{
	char text[160];
	enum dfu_result back;

	if (result_is_final(result))
		return job_fail_dfu(job, result, what);
	dfu_describe(&job->link.session, result, text, sizeof(text));
	job->link.busy_ms = recovery_busy_ms(job);
	back = link_recover(&job->link);
	if (back == DFU_OK)
		return recovery_settle(job) && same_board_confirm(job);
	job_fail(job, error_of_unmended(result, back, job->link.lost_in_reset), "%s: %s", what,
		 text);
	return job_fail_dfu(job, back, "not recovered");
}
