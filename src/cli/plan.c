/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan.h"

#include <stdlib.h>
#include <string.h>

#include "h7gang/audit/overrides.h"
#include "h7gang/base/text.h"

json_t *plan_text(const char *text)
{
	size_t size = 3 * strlen(text) + 1;
	char *clean = malloc(size);
	json_t *string = NULL;

	if (clean) {
		text_well_formed(text, clean, size);
		string = json_string(clean);
		free(clean);
	}
	return string;
}

const char *plan_erase(const struct profile *profile)
{
	switch (profile->erase) {
	case PROFILE_ERASE_AUTO:
		return "auto: every sector of every bank is left blank, by the cheapest way that "
		       "is safe "
		       "on the bootloader version found; a blank part is not erased";
	case PROFILE_ERASE_TOUCHED:
		return "touched: only the sectors that the image touches";
	case PROFILE_ERASE_MASS:
		return "mass: one mass erase";
	case PROFILE_ERASE_NONE:
		return "none: each sector that the image touches must be blank";
	}
	return "";
}

const char *plan_verify(const struct profile *profile)
{
	switch (profile->verify) {
	case PROFILE_VERIFY_FULL:
		return "full: every byte of every bank, 0xFF outside the image";
	case PROFILE_VERIFY_IMAGE:
		return "image: every byte of every sector that the image touches";
	}
	return "";
}

const char *plan_leave(const struct profile *profile)
{
	switch (profile->leave) {
	case PROFILE_LEAVE_FALSE:
		return "false: the board stays in the ROM";
	case PROFILE_LEAVE_TRUE:
		return "true: starts the application after a PASS; a refusal is only noted";
	case PROFILE_LEAVE_REQUIRED:
		return "required: starts the application; a refusal is a FAIL";
	}
	return "";
}

const char *plan_poll(const struct profile *profile)
{
	return profile->poll == PROFILE_POLL_SPEC ? "spec" : "adaptive";
}

unsigned plan_touched(const struct profile *profile, unsigned bank)
{
	const struct stm32_part *part = profile->part;
	unsigned first = bank ? part->bank[0].sectors : 0, count = 0;

	for (unsigned i = 0; i < part->bank[bank].sectors; i++)
		count += profile->flash.touched[first + i];
	return count;
}

unsigned plan_overrides(const struct profile *profile)
{
	return profile_overrides(profile) |
	       (profile->accept_unidentified ? AUDIT_OVERRIDE_UNIDENTIFIED : 0u) |
	       (profile->allow_resident ? AUDIT_OVERRIDE_RESIDENT : 0u);
}

bool plan_allowed(const struct profile *profile, const struct stm32_rom *rom)
{
	if (profile->bootloaders == 0)
		return true;
	for (unsigned i = 0; i < profile->bootloaders; i++)
		if (profile->bootloader[i] == rom->id)
			return true;
	return false;
}

const char *plan_sector_erase(enum stm32_sector_erase erase)
{
	switch (erase) {
	case STM32_ERASE_NORMAL:
		return "normal";
	case STM32_ERASE_WEDGES:
		return "stays dfuDNBUSY: h7gang waits, clears it, reads back";
	case STM32_ERASE_RETURNS_EARLY:
		return "reports the end too early: h7gang waits longer";
	case STM32_ERASE_CAREFUL:
		return "unknown: h7gang waits, then reads back";
	}
	return "";
}

const char *plan_mass_erase(enum stm32_mass_erase erase)
{
	switch (erase) {
	case STM32_MASS_WORKS:
		return "normal";
	case STM32_MASS_RETURNS_EARLY:
		return "reports the end too early: h7gang waits longer";
	case STM32_MASS_UNTRUSTED:
		return "not trusted: never sent";
	}
	return "";
}

const char *plan_warning(const struct profile *profile, const struct stm32_rom *rom)
{
	if (!plan_allowed(profile, rom))
		return "";
	if (profile->erase == PROFILE_ERASE_MASS && rom->mass == STM32_MASS_UNTRUSTED)
		return "erase: mass, but the mass erase of this ROM is not trusted: its boards "
		       "fail with "
		       "erase_failed";
	if (profile->leave == PROFILE_LEAVE_REQUIRED && !rom->leaves)
		return "leave: required, but this ROM is known not to leave: its boards may fail "
		       "with "
		       "leave_failed";
	return "";
}
