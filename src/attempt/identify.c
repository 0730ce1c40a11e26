/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Identifies the board before anything is touched. Every answer may be "unknown"; only an answer
 * that contradicts the profile, or lacks an item that it requires, ends the attempt. */
#include <stdio.h>
#include <string.h>

#include "h7gang/attempt/job.h"
#include "h7gang/attempt/same_board.h"
#include "h7gang/audit/overrides.h"
#include "h7gang/base/clock.h"
#include "h7gang/stm32/series.h"
#include "option_bytes.h"
#include "option_far.h"
#include "probe.h"
#include "proof.h"
#include "recovery.h"
#include "steps.h"

#define ASKS 3 /* of a board that is reset while it is identified */

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
	return job_fail(job, H7_BOOTLOADER_DENIED,
			"bootloader ID 0x%02x is not in the profile's list",
			(unsigned)job->bootloader_id);
}

/* The RDP byte decides. Where it cannot be read, flash does, in two places; at level 0 the same
 * answer is a broken flash word. */
static bool readable(struct job *job, const struct probe *probe)
{
	/* A board that this profile has protected comes back so. */
	enum h7_error error = option_bytes_protect(job->profile) && probe->rdp != 2
				      ? H7_ALREADY_PROTECTED
				      : H7_READ_PROTECTED;

	if (probe->rdp == 2)
		return job_fail(job, error, "RDP level 2, which nothing takes off");
	if (probe->rdp > 0)
		return job_fail(job, error, "RDP level %d", probe->rdp);
	if (probe->rdp < 0 && probe->flash_refused)
		return job_fail(job, error, "option bytes cannot be read and flash answers %s",
				probe->flash_refused);
	return true;
}

static void note_answers(struct job *job, const struct probe *probe,
			 const struct stm32_evidence *evidence)
{
	const struct stm32_answers *answers = &probe->answers;
	enum stm32_series series = job->part->series;
	bool proved = !evidence->resident && stm32_evidence_proves(evidence, series);

	snprintf(job->layout, sizeof(job->layout), "%s",
		 evidence->flash ? evidence->flash->text : probe->layout);
	snprintf(job->serial, sizeof(job->serial), "%s", answers->serial);
	snprintf(job->uid, sizeof(job->uid), "%s", probe->uid);
	stm32_evidence_text(evidence, series, job->identity, sizeof(job->identity));
	/* A version is claimed for a ROM bootloader alone: a resident one, or an unknown chip, gets
	 * the most careful treatment. */
	job->bootloader_id = proved ? answers->id : STM32_ROM_UNKNOWN;
	job->rom = stm32_rom_find(series, job->bootloader_id);
	job->flash_kib = answers->flash_kib;
	job->option = probe->option;
	job->swapped = probe->swapped;
	job->link.alt = evidence->flash ? evidence->flash->number : 0;
}

/* The part whose registers are asked: the profile's, or one of the series that the layout shows. */
static const struct stm32_part *part_to_ask(const struct job *job,
					    const struct stm32_evidence *evidence)
{
	unsigned set = evidence->can_be[STM32_ITEM_LAYOUT];
	const struct stm32_series_row *row;

	if (set & 1u << job->part->series)
		return job->part;
	for (unsigned i = 0; (row = stm32_series_at(i)); i++)
		if (set & 1u << row->series)
			return stm32_part_find(row->part);
	return NULL;
}

/* Asks the target for its identity, and notes the answers. A device that proves to be another chip,
 * or that no DfuSe command may be sent to, is asked no further than its descriptors and strings. */
static bool ask(struct job *job, struct probe *probe, struct stm32_evidence *evidence)
{
	const struct stm32_part *allowed = proof_resident_allowed(job->profile) ? job->part : NULL;
	unsigned selected = job->link.alt;
	enum dfu_result result = probe_announced(&job->link, probe);

	if (result == DFU_OK) {
		stm32_evidence(&probe->answers, allowed, evidence);
		note_answers(job, probe, evidence);
	}
	if (result == DFU_OK && !proof_hopeless(job->profile, evidence)) {
		const struct stm32_part *part = part_to_ask(job, evidence);

		if (job->link.alt != selected)
			result = dfu_select_alt(&job->link.session, job->link.alt);
		if (result == DFU_OK)
			result = probe_registers(&job->link, part, option_far(job->profile), probe);
		stm32_evidence(&probe->answers, allowed, evidence);
		note_answers(job, probe, evidence);
	}
	return result == DFU_OK || job_fail_dfu(job, result, "identify");
}

/* All answers are those of one board. A board that was reset between two questions may have been
 * exchanged: all questions are asked again, and the UID must be the one of the first round. */
static bool ask_one_board(struct job *job, struct probe *probe, struct stm32_evidence *evidence)
{
	char before[sizeof(probe->uid)] = "", uid[sizeof(probe->uid)];

	for (unsigned i = 0; i < ASKS; i++) {
		unsigned attached = job->link.attached;
		enum dfu_result result;

		if (!ask(job, probe, evidence))
			return false;
		if (job->link.attached == attached)
			return true;
		result = probe_uid(&job->link, job->part, uid);
		if (result != DFU_OK)
			return job_fail_dfu(job, result, "identify");
		if (uid[0] && strcmp(uid, before) == 0 && strcmp(uid, probe->uid) == 0)
			return true;
		memcpy(before, uid, sizeof(before));
	}
	return job_fail(job, H7_DFU_STUCK,
			"it was reset each time it was identified, and no UID shows whether it is "
			"the same board");
}

/* The next larger part of the series; NULL: none. */
static const struct stm32_part *larger_part(const struct stm32_part *part)
{
	const struct stm32_part *larger = NULL, *one;

	for (unsigned i = 0; (one = stm32_part_at(i)); i++) {
		if (one->series == part->series && one->flash_kib > part->flash_kib &&
		    (!larger || one->flash_kib < larger->flash_kib))
			larger = one;
	}
	return larger;
}

/* A larger part of the series may stand in for the profile's: its flash beyond is neither erased
 * nor read. A refusal of a pointer is believed; that one is taken proves little, so it is a note.
 */
static bool note_more_flash(struct job *job)
{
	const struct stm32_part *larger = larger_part(job->part);
	enum dfu_result result;
	bool missing;

	if (!larger)
		return true;
	result = probe_end(&job->link, larger, &missing);
	if (result != DFU_OK)
		return job_fail_dfu(job, result, "identify");
	if (!missing)
		job_note(job,
			 "the flash size cannot be read, and the board takes 0x%08x as flash: it "
			 "may be a larger part than %s",
			 (unsigned)stm32_address(larger,
						 stm32_part_bytes(larger) - larger->sector_bytes),
			 job->part->name);
	return true;
}

/* V9.0 of STM32H7A3 does not tell its flash size: a smaller part of the series would be erased
 * before the first sector that it lacks ends the attempt. */
static bool has_all_flash(struct job *job, const struct probe *probe,
			  const struct stm32_evidence *evidence)
{
	enum dfu_result result;
	bool missing;

	if (probe->answers.flash_kib >= 0 || evidence->resident)
		return true;
	result = probe_end(&job->link, job->part, &missing);
	if (result != DFU_OK)
		return job_fail_dfu(job, result, "identify");
	if (!missing)
		return note_more_flash(job);
	return job_fail(
		job, H7_WRONG_PART,
		"the flash size cannot be read, and the board has no flash at 0x%08x, where "
		"the last sector of %s is: use the profile of its part",
		(unsigned)stm32_address(job->part,
					stm32_part_bytes(job->part) - job->part->sector_bytes),
		job->part->name);
}

/* A part at RDP level 1 reveals only its layout. */
static bool to_be_unprotected(const struct job *job, const struct probe *probe)
{
	return job->profile->options.unprotect && !job->verify_only && probe->rdp != 2 &&
	       (probe->rdp == 1 || (probe->rdp < 0 && probe->flash_refused != NULL));
}

/* Whether an erase of an earlier host may still run behind a bootloader that answers. Descriptors
 * and strings alone may rule it out: every other question touches flash. */
static bool may_linger(struct job *job, bool *lingers)
{
	struct stm32_evidence evidence;
	struct probe probe;
	enum dfu_result result = probe_announced(&job->link, &probe);

	if (result != DFU_OK)
		return job_fail_dfu(job, result, "identify");
	stm32_evidence(&probe.answers, NULL, &evidence);
	*lingers = evidence.resident || !(evidence.left & ~STM32_OTHER_CHIP);
	for (unsigned i = 0; stm32_series_at(i); i++) {
		enum stm32_series series = stm32_series_at(i)->series;

		*lingers =
			*lingers || (evidence.left & 1u << series && stm32_series_lingers(series));
	}
	return true;
}

bool step_identify(struct job *job)
{
	struct stm32_evidence evidence;
	struct probe probe;
	int64_t found = clock_now();
	enum dfu_result result;
	bool lingers = true;

	job_enter_phase(job, JOB_PHASE_IDENTIFY);
	/* An earlier host may have started a mass erase. */
	job->link.busy_ms = job->memory->knows_flash ? recovery_busy_ms(job) : STM32_MASS_WORST_MS;
	result = link_open(&job->link);
	job->link.busy_ms = recovery_busy_ms(job);
	if (result == DFU_GONE && job->link.lost_in_reset)
		job->error = H7_DFU_STUCK; /* it did not leave: it did not survive our own reset */
	if (result != DFU_OK)
		return job_fail_dfu(job, result, "identify");
	if (job->link.was_busy && !job->memory->knows_flash) {
		if (!may_linger(job, &lingers))
			return false;
		if (lingers)
			job->memory->flash_busy_until = found + STM32_MASS_WORST_MS * CLOCK_MS;
	}
	if (!recovery_settle(job))
		return false;

	if (!ask_one_board(job, &probe, &evidence) || !same_board_remember(job))
		return false;
	if (!job->watch.identified(job->watch.user)) {
		job->dropped = true;
		return false;
	}
	if (!proof_right_part(job, &probe, &evidence) || !has_all_flash(job, &probe, &evidence))
		return false;
	if (to_be_unprotected(job, &probe)) {
		if (!job->watch.release(job->watch.user) || !option_bytes_unprotect(job) ||
		    !ask_one_board(job, &probe, &evidence) || !same_board_remember(job))
			return false;
		if (to_be_unprotected(job, &probe))
			return job_fail(job, H7_READ_PROTECTED,
					"it is read-protected as before after read unprotect");
		job_note(job, "RDP level 1 was taken off, which erased the part");
		job->watch.identified(job->watch.user); /* now with its UID; it is the same unit */
		if (!proof_right_part(job, &probe, &evidence))
			return false;
	}
	if (!right_bootloader(job) || !readable(job, &probe) || !option_bytes_expect(job))
		return false;
	job->memory->knows_flash = true;
	if (probe.swapped)
		job_note(job, "SWAP_BANK is set: addresses from 0x08000000 are physical bank 2");
	return true;
}
