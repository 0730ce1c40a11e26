/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proof.h"

#include <stdio.h>
#include <string.h>

#include "h7gang/audit/overrides.h"
#include "h7gang/stm32/series.h"

static bool names_own_ids(const struct profile *profile)
{
	return profile->usb.vid != USB_VID_ST || profile->usb.pid != USB_PID_ST_DFU;
}

bool proof_resident_allowed(const struct profile *profile)
{
	return profile->allow_resident || names_own_ids(profile);
}

bool proof_hopeless(const struct profile *profile, const struct stm32_evidence *evidence)
{
	return evidence->odd || evidence->not_dfuse ||
	       (evidence->resident && !proof_resident_allowed(profile)) ||
	       evidence->can_be[STM32_ITEM_LAYOUT] == STM32_OTHER_CHIP ||
	       evidence->can_be[STM32_ITEM_LAYOUT] == 0;
}

/* Every layout string, for messages. */
static void quote_settings(const struct stm32_answers *answers, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < answers->settings && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s\"%s\"", i ? ", " : "",
					 answers->setting[i].text);
}

/* The questions and their answers. */
static void tell_answers(struct job *job, const struct probe *probe)
{
	const struct stm32_answers *answers = &probe->answers;
	char settings[512], id[16] = "unknown", kib[24] = "unknown";

	quote_settings(answers, settings, sizeof(settings));
	if (answers->id >= 0)
		snprintf(id, sizeof(id), "0x%02x", (unsigned)answers->id);
	if (answers->flash_kib >= 0)
		snprintf(kib, sizeof(kib), "%d KiB", (int)answers->flash_kib);
	job_note(job, "announced %s; bootloader ID %s, UID %s, flash size %s, serial \"%s\"",
		 settings, id, probe->uid[0] ? probe->uid : "unknown", kib, answers->serial);
}

/* Flash alone if that decides, else the other settings, too. */
static bool other_layout(struct job *job, const struct probe *probe,
			 const struct stm32_evidence *evidence)
{
	const struct stm32_setting *flash = evidence->flash;
	char settings[512];

	if (flash && !(evidence->of_flash & 1u << job->part->series))
		snprintf(settings, sizeof(settings), "\"%s\"", flash->text);
	else
		quote_settings(&probe->answers, settings, sizeof(settings));
	job_fail(job, H7_WRONG_PART,
		 "the board announces %s, which is not the layout of the part %s", settings,
		 job->part->name);
	if (evidence->chip)
		job_note(job, "%s has this layout", evidence->chip);
	return false;
}

/* The item that speaks against the profile's series. */
static bool against(struct job *job, const struct probe *probe,
		    const struct stm32_evidence *evidence)
{
	unsigned own = 1u << job->part->series;
	char series[96];

	if (!(evidence->can_be[STM32_ITEM_LAYOUT] & own))
		return other_layout(job, probe, evidence);
	for (unsigned i = 0; i < STM32_ITEMS; i++) {
		if (evidence->can_be[i] & own)
			continue;
		stm32_set_text(evidence->can_be[i], series, sizeof(series));
		job_fail(job, H7_WRONG_PART, "its %s is that of %s, not of %s",
			 stm32_item_name((enum stm32_item)i), series, job->part->name);
	}
	tell_answers(job, probe);
	return false;
}

static bool welcome_resident(struct job *job, const struct probe *probe,
			     const struct stm32_evidence *evidence)
{
	struct stm32_evidence allowed;

	if (!evidence->resident)
		return true;
	if (!proof_resident_allowed(job->profile)) {
		/* Where the override would not help, it is not offered. */
		stm32_evidence(&probe->answers, job->part, &allowed);
		if (stm32_evidence_against(&allowed, job->part->series) &&
		    stm32_evidence_against(evidence, job->part->series))
			return against(job, probe, evidence);
		return job_fail(
			job, H7_WRONG_PART,
			"a program in flash answers, not the ROM bootloader: %s. To use it, "
			"set target: {resident: allow}",
			evidence->resident_why);
	}
	if (!names_own_ids(job->profile))
		job->overrides |= AUDIT_OVERRIDE_RESIDENT;
	job_note(job, "a program in flash answers, not the ROM bootloader: %s",
		 evidence->resident_why);
	return true;
}

static bool proved(struct job *job, const struct probe *probe,
		   const struct stm32_evidence *evidence)
{
	char series[96];

	if (stm32_evidence_proves(evidence, job->part->series))
		return true;
	if (job->profile->accept_unidentified) {
		job->overrides |= AUDIT_OVERRIDE_UNIDENTIFIED;
		return true;
	}
	stm32_set_text(evidence->left, series, sizeof(series));
	job_fail(job, H7_WRONG_PART,
		 "nothing proves that this is an %s: it may be %s. Look at h7gang list --identity; "
		 "target: {unidentified: accept} programs it all the same",
		 job->part->name, series);
	tell_answers(job, probe);
	return false;
}

/* Which sectors an attempt may erase or write. */
static bool may_change(const struct job *job, unsigned sector)
{
	enum profile_erase erase = job->profile->erase;

	return erase == PROFILE_ERASE_AUTO || erase == PROFILE_ERASE_MASS ||
	       job->profile->flash.touched[sector];
}

static bool sectors_open(struct job *job, const struct stm32_evidence *evidence)
{
	for (unsigned s = 0; s < stm32_part_sectors(job->part) && !job->verify_only; s++) {
		if (!may_change(job, s) || stm32_sector_open(job->part, evidence, s))
			continue;
		return job_fail(job, H7_WRONG_PART,
				"the sector at 0x%08x is not announced as erasable and writable: "
				"\"%s\"",
				(unsigned)stm32_address(job->part, s * job->part->sector_bytes),
				evidence->flash->text);
	}
	return true;
}

bool proof_right_part(struct job *job, const struct probe *probe,
		      const struct stm32_evidence *evidence)
{
	int64_t kib = probe->answers.flash_kib;

	if (evidence->odd)
		return job_fail(job, H7_WRONG_PART,
				"alternate setting %u announces \"%s\", which is no memory layout",
				evidence->odd->number, evidence->odd->text);
	if (evidence->not_dfuse)
		return job_fail(
			job, H7_WRONG_PART,
			"the device speaks plain DFU %x.%02x, not DfuSe, as an STM32H7 does",
			probe->answers.dfu_version >> 8, probe->answers.dfu_version & 0xffu);
	if (!welcome_resident(job, probe, evidence))
		return false;
	if (stm32_evidence_against(evidence, job->part->series))
		return against(job, probe, evidence);
	if (kib >= 0 && kib != job->part->flash_kib)
		return job_fail(job, H7_WRONG_PART, "%s has %u KiB of flash, this part has %d",
				job->part->name, job->part->flash_kib, (int)kib);
	if (!evidence->flash)
		job_note(job, "layout unknown");
	return proved(job, probe, evidence) && sectors_open(job, evidence);
}
