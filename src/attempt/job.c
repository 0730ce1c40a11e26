/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/attempt/job.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "result.h"

void job_blank_outcome(struct job *job)
{
	bool verifies_all = job->profile->verify == PROFILE_VERIFY_FULL;

	job->bootloader_id = STM32_ROM_UNKNOWN;
	job->rom = stm32_rom_find(job->part->series, STM32_ROM_UNKNOWN);
	job->flash_kib = AUDIT_NONE;
	job->blank_ms = job->erase_ms = job->program_ms = job->verify_ms = AUDIT_NONE;
	job->leave = "";
	for (unsigned b = 0; b < STM32_BANKS_MAX; b++) {
		job->bank[b].bytes = AUDIT_NONE;
		job->bank[b].result = AUDIT_BANK_NONE;
	}
	for (unsigned s = 0; s < stm32_part_sectors(job->part); s++) {
		uint32_t offset = s * job->part->sector_bytes;

		if (verifies_all || job->profile->flash.touched[s])
			job->bank[stm32_bank_of(job->part, offset)].result = AUDIT_BANK_UNREACHED;
	}
}

void job_start_over(struct job *job)
{
	bool begun = job->begun, trace_kept = job->trace_kept;
	int64_t waited = job->wire_wait_ns;
	size_t found = offsetof(struct job, layout);

	memset((char *)job + found, 0, sizeof(*job) - found);
	job->begun = begun; /* the mark stays until the row is written */
	job->trace_kept = trace_kept;
	job->wire_wait_ns = waited;
	job->link.unproved = false;
}

void job_enter_phase(struct job *job, enum job_phase phase)
{
	job->watch.phase(job->watch.user, phase);
}

void job_progress(struct job *job, uint64_t done, uint64_t all)
{
	job->watch.progress(job->watch.user, all ? (unsigned)(done * 1000 / all) : 1000);
}

static void note(struct job *job, const char *format, va_list args)
{
	size_t used = strlen(job->detail);
	size_t left = sizeof(job->detail) - used;

	if (used && left > 3) {
		strcpy(job->detail + used, "; ");
		used += 2;
		left -= 2;
	}
	vsnprintf(job->detail + used, left, format, args);
}

void job_note(struct job *job, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	note(job, format, args);
	va_end(args);
}

bool job_fail(struct job *job, enum h7_error error, const char *format, ...)
{
	va_list args;

	if (job->error == H7_OK)
		job->error = error;
	va_start(args, format);
	note(job, format, args);
	va_end(args);
	return false;
}

bool job_fail_dfu(struct job *job, enum dfu_result result, const char *what)
{
	char text[200];

	if (result == DFU_GONE)
		job->gone = true;
	if (result == DFU_DENIED)
		job->unmendable = true;
	if (!job->link.device && job->link.why[0])
		return job_fail(job, result_error(result), "%s: %s", what, job->link.why);
	if (result == DFU_NO_MEMORY) {
		usb_memory_why(text, sizeof(text));
		return job_fail(job, H7_HOST_ERROR, "%s: %s", what, text);
	}
	dfu_describe(&job->link.session, result, text, sizeof(text));
	return job_fail(job, result_error(result), "%s: %s", what, text);
}

bool job_begin(struct job *job)
{
	if (job->begun)
		return true;
	job->begun = job->watch.begin(job->watch.user);
	if (job->begun)
		return true;
	job->unrecorded = true;
	return job_fail(job, H7_ABORTED, "the log cannot be written: nothing was touched");
}

unsigned job_bank_name(const struct job *job, unsigned bank)
{
	return job->swapped && job->part->banks == 2 ? 2 - bank : bank + 1;
}
