/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SWAP_BANK: FLASH_OPTSR_CUR has the stored bit (RM0433), and the effective one follows at the next
 * reset. So it is set before anything is erased: set behind the read-back, it would move the image
 * that was read back to the other bank. */
#include "h7gang/attempt/job.h"
#include "option_bytes.h"
#include "option_write.h"
#include "power_cycle.h"
#include "steps.h"

static bool check_set(struct job *job, const struct profile_option *swap)
{
	struct stm32_option_block block;

	if (!option_write_read_back(job, &block))
		return false;
	job->option_set = block;
	return option_bytes_compare(job, &block, swap, " after it was set");
}

/* The stored bit says nothing about the effective one: an earlier run may have written it. */
static bool make_effective(struct job *job, const struct profile_option *swap)
{
	bool restarted = power_restart(job);

	/* Its power was cut, also if no UID tells which board is there now. */
	job->memory->swap_effective = restarted || job->link.unproved;
	if (!restarted || !check_set(job, swap))
		return false;
	job->swapped = swap->value != 0;
	return true;
}

bool step_swap(struct job *job)
{
	const struct profile_option *swap =
		profile_option_find(&job->profile->options.set, "swap_bank");
	struct stm32_option_block block;
	unsigned alt;

	if (!swap)
		return true;
	if (!option_write_read(job, job->option, &block, &alt))
		return false;
	if (!stm32_option_known(&block, swap->field))
		return job_fail(job, H7_OPTION_BYTES, "swap_bank cannot be read, so it is not set");
	if (stm32_option_get(&block, swap->field) == swap->value)
		return job->memory->swap_effective ||
		       !power_cycles(job, PROFILE_CYCLE_OPTION_BYTES) || make_effective(job, swap);
	if (!power_cycles(job, PROFILE_CYCLE_OPTION_BYTES)) {
		job->unmendable = true;
		return job_fail(job, H7_OPTION_BYTES,
				"swap_bank differs and takes effect at a power-on, which this slot "
				"cannot prove: nothing was set or erased. Give the slot 'power: "
				"true', or set swap_bank with another tool and switch the board "
				"off and on");
	}
	stm32_option_put(&block, swap->field, swap->value);
	job->memory->swap_effective = false;
	if (!option_write(job, &block, alt) || !check_set(job, swap) || !make_effective(job, swap))
		return false;
	job_note(job, "swap_bank was set, and the power was cycled");
	return true;
}
