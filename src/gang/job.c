/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "job.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "options.h"

#define BUSY_LEAST_MS 500

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

/* Whether the wanted flash is known: that of a unit with data of its own is once it has its number. */
static bool knows_image(const struct job *job)
{
	const struct profile_serial *serial = job->profile->serial;

	return !serial || serial->patches == 0 || job->memory->ticket.image.serial;
}

static bool admit(struct job *job)
{
	bool known = knows_image(job);

	return job->watch.admit(job->watch.user) &&
	       (known || job_expect(job) || job_fail(job, H7_USB_ERROR, "out of memory"));
}

void job_run(struct job *job)
{
	job_blank_outcome(job);
	if (knows_image(job) && !job_expect(job)) {
		job_fail(job, H7_USB_ERROR, "out of memory");
		return;
	}
	if (job->command == GANG_VERIFY) {
		if (job_identify(job) && admit(job))
			job_verify(job);
	} else if (job_identify(job) && admit(job) && job_erase(job) && job_program(job) &&
	           job_verify(job) && options_set(job)) {
		job_finish(job);
	}
	job->memory->fell_back = job->link.session.fell_back;
	if (job->memory->fell_back)
		job_note(job, "polled as the target says: it refused early questions");
	if (!link_close(&job->link))
		job_note(job, "a transfer never came back");
}

void job_phase(struct job *job, enum gang_phase phase)
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

static enum h7_error error_of(enum dfu_result result)
{
	switch (result) {
	case DFU_BAD_STATUS:
	case DFU_BAD_STATE:
		return H7_DFU_STATUS;
	case DFU_WEDGED:
	case DFU_STUCK:
		return H7_DFU_STUCK;
	case DFU_TIMED_OUT:
	case DFU_LEAKED:
		return H7_USB_TIMEOUT;
	case DFU_GONE:
		return H7_NO_DEVICE;
	case DFU_EXPIRED:
		return H7_UNIT_TIMEOUT;
	case DFU_STOPPED:
		return H7_ABORTED;
	default:
		return H7_USB_ERROR;
	}
}

bool job_fail_dfu(struct job *job, enum dfu_result result, const char *what)
{
	char text[160];

	if (result == DFU_GONE)
		job->gone = true;
	if (!job->link.device && job->link.why[0])
		return job_fail(job, error_of(result), "%s: %s", what, job->link.why);
	dfu_describe(&job->link.session, result, text, sizeof(text));
	return job_fail(job, error_of(result), "%s: %s", what, text);
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

bool job_settle(struct job *job)
{
	while (clock_now() < job->memory->flash_busy_until) {
		if (clock_now() >= job->link.deadline)
			return job_fail(job, H7_UNIT_TIMEOUT, "while flash may still have been busy");
		if (job->watch.stop(job->watch.user))
			return job_fail(job, H7_ABORTED, "while flash may still have been busy");
		clock_sleep_until(clock_earlier(clock_after_ms(200),
		                                clock_earlier(job->link.deadline,
		                                              job->memory->flash_busy_until)));
	}
	return true;
}

bool job_transient(enum dfu_result result)
{
	switch (result) {
	case DFU_BAD_STATE:
	case DFU_STALLED:
	case DFU_TIMED_OUT:
	case DFU_SHORT:
	case DFU_LONG:
	case DFU_BUS_ERROR:
	case DFU_WEDGED:
		return true;
	default:
		return false;
	}
}

/* Remaining ms until flash is known to be idle; never 0, a command's own dfuDNBUSY takes a moment. */
uint32_t job_busy_ms(const struct job *job)
{
	int64_t left = (job->memory->flash_busy_until - clock_now()) / CLOCK_MS;

	return left > BUSY_LEAST_MS ? (uint32_t)left : BUSY_LEAST_MS;
}

/* What a failure that could not be mended is called. */
static enum h7_error error_of_unmended(enum dfu_result result, enum dfu_result back, bool by_reset)
{
	if (back == DFU_GONE && !by_reset)
		return H7_NO_DEVICE;
	if (back != DFU_GONE && back != DFU_STUCK && !job_transient(back))
		return error_of(back);
	if (result == DFU_TIMED_OUT || result == DFU_BUS_ERROR)
		return error_of(result);
	return H7_DFU_STUCK;
}

bool job_recover(struct job *job, enum dfu_result result, const char *what)
{
	char text[160];
	enum dfu_result back;

	if (result == DFU_GONE || result == DFU_EXPIRED || result == DFU_STOPPED ||
	    result == DFU_LEAKED || result == DFU_NO_MEMORY)
		return job_fail_dfu(job, result, what);
	dfu_describe(&job->link.session, result, text, sizeof(text));
	job->link.busy_ms = job_busy_ms(job);
	back = link_recover(&job->link);
	if (back == DFU_OK)
		return job_settle(job);
	job_fail(job, error_of_unmended(result, back, job->link.lost_in_reset), "%s: %s", what,
	         text);
	return job_fail_dfu(job, back, "not recovered");
}

unsigned job_bank_name(const struct job *job, unsigned bank)
{
	return job->swapped && job->part->banks == 2 ? 2 - bank : bank + 1;
}

bool job_blank(const uint8_t *data, size_t length)
{
	/* Equal to itself shifted by one byte: every byte equals the first. */
	return length == 0 || (data[0] == 0xff && memcmp(data, data + 1, length - 1) == 0);
}
