/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is there: before anything is touched. Every answer may be "unknown"; only what contradicts the
 * profile, or what the profile insists on, ends the attempt. */
#include <stdio.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "job.h"
#include "identity.h"
#include "options.h"
#include "probe.h"

/* ROM V9.1 of an H72x has the layout string of an H74x; then the length of the option bytes tells. */
static bool other_series(const struct job *job, const struct probe *probe)
{
	const char *family; /* "" where the layout is unknown */
	const struct stm32_part *told = identity_told(probe, &family);

	if (job->part->series == STM32_H74X)
		return told->series == STM32_H72X;
	return job->part->series == STM32_H72X && told->series == STM32_H74X && *family &&
	       probe->option.announced == STM32_OPTION_H74X;
}

static bool right_part(struct job *job, const struct probe *probe)
{
	switch (stm32_layout_fits(job->part, job->rom, &probe->layout)) {
	case STM32_LAYOUT_DIFFERS:
		return job_fail(job, H7_WRONG_PART, "%s does not announce \"%s\"", job->part->name,
		                probe->layout_text);
	case STM32_LAYOUT_UNKNOWN:
		job_note(job, "layout unknown");
		break;
	case STM32_LAYOUT_FITS:
		break;
	}
	if (other_series(job, probe))
		return job_fail(job, H7_WRONG_PART, "%s does not announce \"%s\" and %u option bytes",
				job->part->name, probe->layout_text, probe->option.announced);
	if (job->flash_kib != AUDIT_NONE && job->flash_kib != job->part->flash_kib)
		return job_fail(job, H7_WRONG_PART, "%s has %u KiB of flash, this part has %d",
		                job->part->name, job->part->flash_kib, (int)job->flash_kib);
	return true;
}

static bool right_bootloader(struct job *job)
{
	const struct profile *profile = job->profile;

	if (profile->bootloaders == 0)
		return true;
	for (unsigned i = 0; i < profile->bootloaders; i++) {
		if (profile->bootloader[i] == job->bootloader_id)
			return true;
	}
	if (job->bootloader_id == STM32_ROM_UNKNOWN)
		return job_fail(job, H7_BOOTLOADER_DENIED,
		                "the bootloader version cannot be read and the profile names some");
	return job_fail(job, H7_BOOTLOADER_DENIED, "bootloader ID 0x%02x is not in the profile's list",
	                (unsigned)job->bootloader_id);
}

/* The RDP byte decides. Where it cannot be read, errVENDOR at the first read of flash does (AN3156: the
 * status of a read under protection); at level 0 the same answer is a broken flash word. */
static bool readable(struct job *job, const struct probe *probe)
{
	if (probe->rdp > 0)
		return job_fail(job, H7_READ_PROTECTED, "RDP level %d", probe->rdp);
	if (probe->rdp < 0 && probe->flash_refused)
		return job_fail(job, H7_READ_PROTECTED,
		                "option bytes cannot be read and flash answers errVENDOR");
	return true;
}

/* Asks the target who it is, and notes the answers. */
static bool ask(struct job *job, struct probe *probe)
{
	enum dfu_result result =
		probe_target(&job->link, job->part, options_far(job->profile), probe);

	snprintf(job->layout, sizeof(job->layout), "%s", probe->layout_text);
	snprintf(job->serial, sizeof(job->serial), "%s", probe->serial);
	snprintf(job->uid, sizeof(job->uid), "%s", probe->uid);
	job->bootloader_id = probe->bootloader_id;
	job->rom = stm32_rom_find(job->part->series, probe->bootloader_id);
	job->flash_kib = probe->flash_kib;
	job->option = probe->option;
	job->swapped = probe->swapped;
	return result == DFU_OK || job_fail_dfu(job, result, "identify");
}

/* A part at RDP level 1 tells nothing of itself but its layout. */
static bool to_be_unprotected(const struct job *job, const struct probe *probe)
{
	return job->profile->options.unprotect && job->command == GANG_RUN && probe->rdp != 2 &&
	       (probe->rdp == 1 || (probe->rdp < 0 && probe->flash_refused));
}

bool job_identify(struct job *job)
{
	struct probe probe;
	int64_t found = clock_now();
	enum dfu_result result;

	job_phase(job, GANG_PHASE_IDENTIFY);
	/* What an earlier host started may be as long as a mass erase. */
	job->link.busy_ms = job->memory->knows_flash ? job_busy_ms(job) : STM32_MASS_WORST_MS;
	result = link_open(&job->link);
	job->link.busy_ms = job_busy_ms(job);
	if (result == DFU_GONE && job->link.lost_in_reset)
		job->error = H7_DFU_STUCK; /* it did not leave: our own reset was more than it could stand */
	if (result != DFU_OK)
		return job_fail_dfu(job, result, "identify");
	if (job->link.was_busy && !job->memory->knows_flash)
		job->memory->flash_busy_until = found + STM32_MASS_WORST_MS * CLOCK_MS;
	if (!job_settle(job))
		return false;

	if (!ask(job, &probe))
		return false;
	if (!job->watch.identified(job->watch.user)) {
		job->dropped = true;
		return false;
	}
	if (!right_part(job, &probe))
		return false;
	if (to_be_unprotected(job, &probe)) {
		if (!options_unprotect(job) || !ask(job, &probe))
			return false;
		job->watch.identified(job->watch.user); /* now with its UID; it is the same unit */
		if (!right_part(job, &probe))
			return false;
	}
	if (!right_bootloader(job) || !readable(job, &probe) || !options_expect(job))
		return false;
	job->memory->knows_flash = true;
	if (probe.swapped)
		job_note(job, "SWAP_BANK is set: addresses from 0x08000000 are physical bank 2");
	return true;
}
