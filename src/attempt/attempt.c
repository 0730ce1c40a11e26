/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/attempt/attempt.h"

#include <stdio.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "option_bytes.h"
#include "power_cycle.h"
#include "probe.h"
#include "recovery.h"
#include "steps.h"

#define STARTS_OVER 2     /* an attempt, if no UID tells which board is attached again */
#define STARVED_MS 500    /* shorter waits are not told */
#define RETURN_LOOKS 3    /* of a board that is lost again while it is asked */
#define RETURNED_MS 10000 /* over unit_s, for the UID of a board that left and came back */

/* Whether the wanted flash is known: for a unit with data of its own, once it has its number. */
static bool knows_image(const struct job *job)
{
	const struct profile_serial *serial = job->profile->serial;

	return !serial || serial->patches == 0 || job->memory->image->serial;
}

/* The unit is admitted, and its data with it: now every hash that the read-back must have is known.
 */
static bool admit(struct job *job)
{
	bool known = knows_image(job);

	if (!job->watch.admit(job->watch.user))
		return false;
	if (!knows_image(job))
		return job_fail(job, H7_HOST_ERROR, "the image has no data of this unit");
	return known || step_expect(job) || job_fail(job, H7_HOST_ERROR, "out of memory");
}

/* From cold with the option bytes as they are now, if the profile wants it. */
static bool restart_with_them(struct job *job)
{
	return !power_cycles(job, PROFILE_CYCLE_OPTION_BYTES) ||
	       (power_restart(job) && option_bytes_read_back(job));
}

/* The verdict comes from a read-back after the last write. Level 1 blocks reading, so it is set
 * after the read-back, and proved by a read that is refused. */
static bool set_option_bytes(struct job *job)
{
	bool written;

	return step_option_bytes(job, &written) &&
	       (!written || (restart_with_them(job) && step_verify(job))) && step_protect(job);
}

static void program_board(struct job *job)
{
	if (step_enter(job) && step_identify(job) && admit(job) && step_swap(job) &&
	    step_erase(job) && step_program(job) && step_verify(job) && set_option_bytes(job) &&
	    step_awake(job)) {
		step_start(job);
		step_boot(job);
	}
}

static void verify_board(struct job *job)
{
	const struct job_memory *memory = job->memory;

	if (step_identify(job) && admit(job) && step_verify(job) && memory->discarded)
		job_fail(job, H7_SERIAL_UNKNOWN,
			 "the board carries number %s, which was discarded: it did not pass with "
			 "it. Run it again",
			 memory->discarded);
}

/* Whether another board may be at the port, which no UID tells. A board that left is waited for. */
static bool must_start_over(struct job *job)
{
	struct link *link = &job->link;

	if (link->unproved)
		return true;
	return job->gone && !link->identity.uid[0] && !link->exchanged && !link->leaked &&
	       link_wait_return(link->bus, &link->seen,
				clock_earlier(clock_after_ms(LINK_RETURN_MS), link->deadline),
				link->stop, link->stop_user);
}

/* Resets the job except for the records in the log and the link. `reason`: why it started over the
 * first time. False: the link cannot be opened again. */
static bool start_over(struct job *job, unsigned times, char *reason, size_t size)
{
	struct job_memory *memory = job->memory;

	if (!link_close(&job->link))
		return false;
	if (times == 1)
		snprintf(reason, size, "%.*s", (int)size - 1, job->detail);
	job_start_over(job);
	if (times == 1)
		job_note(job, "started over: %s", reason);
	else
		job_note(job, "started over %u times: %s", times, reason);
	job->watch.started_over(job->watch.user);
	memory->own_sent = false;
	memory->knows_flash = false;
	return true;
}

static void run_steps(struct job *job)
{
	job_blank_outcome(job);
	if (knows_image(job) && !step_expect(job))
		job_fail(job, H7_HOST_ERROR, "out of memory");
	else if (job->verify_only)
		verify_board(job);
	else
		program_board(job);
}

void attempt_run(struct job *job)
{
	char reason[200];

	run_steps(job);
	for (unsigned i = 1; i <= STARTS_OVER && !job_was_suspended(job) &&
			     (must_start_over(job) || power_revives(job));
	     i++) {
		if (!start_over(job, i, reason, sizeof(reason)))
			break;
		run_steps(job);
	}
	step_awake(job);
	if (job->link.unproved)
		job->watch.started_over(job->watch.user); /* a retry does */
	job->memory->fell_back = job->link.session.fell_back;
	if (job->memory->fell_back)
		job_note(job, "polled as the target says: it refused early questions");
	if (job->link.session.starved_ms >= STARVED_MS)
		job_note(job,
			 "waited %lld s for the kernel's memory for USB transfers "
			 "(usbfs_memory_mb)",
			 (long long)(job->link.session.starved_ms + 500) / 1000);
	if (!link_close(&job->link))
		job_note(job, "a transfer never came back");
}

static bool board_returned(struct job *job, bool *another, unsigned looks)
{
	struct link *link = &job->link;
	struct usb_seen before = link->seen;
	enum dfu_result asked;
	char uid[25];

	*another = link->exchanged;
	if (*another || !link_wait_return(link->bus, &link->seen, clock_after_ms(LINK_RETURN_MS),
					  link->stop, link->stop_user))
		return false;
	link->deadline += RETURNED_MS * CLOCK_MS; /* the row must not wait for much longer */
	/* This version erases inside its answer: back on the bus, it erases no more. */
	if (job->rom && stm32_rom_erases_inside(job->rom))
		job->memory->flash_busy_until = 0;
	if (!recovery_settle(job))
		return false;
	if (link_open(link) != DFU_OK) {
		link_close(link);
		return true; /* a retry tells */
	}
	asked = probe_uid(link, job->part, uid);
	link_close(link);
	/* Lost once more while it was asked: it has 5 s again. */
	if (asked == DFU_GONE && looks < RETURN_LOOKS)
		return board_returned(job, another, looks + 1);
	*another = attempt_other_uid(uid, job->memory->uid);
	if (uid[0] && !*another && job->memory->uid[0])
		return true;
	/* Without a UID, a board that appears is not assumed to be the one that left: it is another
	 * unit. */
	link->seen = before;
	return false;
}

bool attempt_board_returned(struct job *job, bool *another)
{
	return board_returned(job, another, 1);
}

bool attempt_other_uid(const char *uid, const char *before)
{
	return probe_other_uid(uid, before);
}
