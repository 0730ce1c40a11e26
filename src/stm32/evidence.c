/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/stm32/evidence.h"

#include <stdio.h>
#include <string.h>

#include "announced.h"
#include "bootloader.h"
#include "h7gang/stm32/rom.h"
#include "h7gang/stm32/series.h"

static unsigned set_of(enum stm32_series series)
{
	return 1u << series;
}

/* A text of the tables. They are tested to be layouts. */
static void parse(const char *text, struct dfu_layout *layout)
{
	(void)dfu_layout_parse(text, layout);
}

/* Whether the listing belongs to a version that the board does not have. An unknown version may
 * announce the same as any other. */
static bool other_version(const struct stm32_answers *answers, const struct stm32_listing *listing)
{
	const struct stm32_rom *rom =
		stm32_rom_find((enum stm32_series)listing->series, answers->id);

	if (listing->id == STM32_LISTING_ANY || rom->id == STM32_ROM_UNKNOWN)
		return false;
	return rom->layout == STM32_LAYOUT_TRUSTED || rom->id != listing->id;
}

/* The series whose flash this is: by the listings of their ROM bootloaders, and by their parts. */
static unsigned of_flash(const struct stm32_answers *answers, const struct dfu_layout *layout)
{
	const struct stm32_listing *listing;
	const struct stm32_part *part;
	struct dfu_layout pattern;
	unsigned set = STM32_OTHER_CHIP;

	for (unsigned i = 0; (listing = stm32_listing_at(i)); i++) {
		if (listing->chip || other_version(answers, listing))
			continue;
		parse(listing->flash, &pattern);
		if (announced_equal(&pattern, layout))
			set |= set_of((enum stm32_series)listing->series);
	}
	for (unsigned i = 0; (part = stm32_part_at(i)); i++)
		if (announced_is_part(part, layout))
			set |= set_of(part->series);
	return set;
}

static bool same_block(const struct dfu_region *a, const struct dfu_region *b)
{
	return a->address == b->address && a->sectors == b->sectors &&
	       a->sector_bytes == b->sector_bytes;
}

/* The series whose option bytes this setting announces. If no listing has the length: every series
 * with option bytes at that address. 0: no option bytes of an STM32H7. */
static unsigned of_options(const struct dfu_layout *layout)
{
	const struct stm32_listing *listing;
	struct dfu_layout pattern;
	unsigned exact = 0, near = 0;

	for (unsigned i = 0; (listing = stm32_listing_at(i)); i++) {
		if (listing->chip)
			continue;
		parse(listing->second, &pattern);
		if (layout->region[0].address != pattern.region[0].address)
			continue;
		near |= set_of((enum stm32_series)listing->series);
		if (layout->regions == 1 && same_block(&layout->region[0], &pattern.region[0]))
			exact |= set_of((enum stm32_series)listing->series);
	}
	return exact ? exact : near;
}

bool stm32_announces_options(const struct dfu_layout *layout)
{
	return of_options(layout) != 0;
}

/* Whether another chip announces a memory there that no STM32H7 has. */
static bool is_foreign(const struct dfu_layout *layout)
{
	const struct stm32_listing *listing;
	struct dfu_layout second;

	for (unsigned i = 0; (listing = stm32_listing_at(i)); i++) {
		if (!listing->chip || !listing->second)
			continue;
		parse(listing->second, &second);
		if (layout->region[0].address == second.region[0].address)
			return true;
	}
	return false;
}

/* The series that the settings leave. Flash and option bytes together prove a ROM bootloader; one
 * of them alone may be another chip's. No ROM bootloader of an STM32H7 announces its flash twice,
 * and two announcements could contradict each other about writable sectors. */
static unsigned of_layout(const struct stm32_answers *answers, struct stm32_evidence *found)
{
	unsigned flash = STM32_ANY_CHIP, options = 0;
	bool all_told = true, foreign = false, twice = false;

	for (unsigned i = 0; i < answers->settings; i++) {
		const struct stm32_setting *setting = &answers->setting[i];

		if (!setting->understood)
			all_told = false;
		else if (setting != found->flash) {
			options |= of_options(&setting->layout);
			foreign = foreign || is_foreign(&setting->layout);
			twice = twice || announced_has_flash(&setting->layout);
		}
	}
	if (found->flash)
		found->of_flash = of_flash(answers, &found->flash->layout);
	if (twice || (!found->flash && all_told))
		flash = STM32_OTHER_CHIP;
	else if (found->flash)
		flash = found->of_flash;
	if (options == 0)
		options = all_told || foreign ? STM32_OTHER_CHIP : STM32_ANY_CHIP;
	return flash & options;
}

static unsigned of_id(const struct stm32_answers *answers)
{
	uint32_t address = stm32_series_row(answers->asked)->id_address;
	const struct stm32_series_row *row;
	unsigned set = 0;

	for (unsigned i = 0; answers->id >= 0 && (row = stm32_series_at(i)); i++)
		if (row->id_address == address &&
		    stm32_rom_find(row->series, answers->id)->id == answers->id)
			set |= set_of(row->series);
	return set ? set : STM32_ANY_CHIP;
}

static unsigned of_uid(const struct stm32_answers *answers)
{
	uint32_t address = stm32_series_row(answers->asked)->uid_address;
	const struct stm32_series_row *row;
	unsigned set = stm32_register_shared(address) ? STM32_OTHER_CHIP : 0;

	if (!answers->uid_known)
		return STM32_ANY_CHIP;
	for (unsigned i = 0; (row = stm32_series_at(i)); i++)
		if (row->uid_address == address)
			set |= set_of(row->series);
	return set;
}

static unsigned of_size(const struct stm32_answers *answers)
{
	uint32_t address = stm32_series_row(answers->asked)->size_address;
	const struct stm32_part *part;
	unsigned set = stm32_register_shared(address) ? STM32_OTHER_CHIP : 0;

	if (answers->flash_kib < 0)
		return STM32_ANY_CHIP;
	for (unsigned i = 0; (part = stm32_part_at(i)); i++)
		if (part->flash_kib == answers->flash_kib &&
		    stm32_series_row(part->series)->size_address == address)
			set |= set_of(part->series);
	return set ? set : STM32_OTHER_CHIP;
}

void stm32_fold_uid(const uint8_t uid[STM32_UID_BYTES], bool carry, char serial[13])
{
	uint32_t word[3];

	for (unsigned i = 0; i < 3; i++)
		word[i] = uid[4 * i] | (uint32_t)uid[4 * i + 1] << 8 |
			  (uint32_t)uid[4 * i + 2] << 16 | (uint32_t)uid[4 * i + 3] << 24;
	if (carry)
		snprintf(serial, 13, "%08X%04X", (unsigned)(word[0] + word[2]),
			 (unsigned)(word[1] >> 16));
	else
		snprintf(serial, 13, "%04X%04X%04X",
			 (unsigned)((word[0] >> 16) + (word[2] >> 16)) & 0xFFFF,
			 (unsigned)(word[0] + word[2]) & 0xFFFF, (unsigned)(word[1] >> 16));
}

/* The device ID in a serial string that was made from DBGMCU_IDCODE; -1: it was not. */
static int device_id_of(const char *serial)
{
	unsigned code = 0;

	if (strlen(serial) != 12 || strspn(serial, "0123456789ABCDEF") != 12 ||
	    strcmp(serial + 8, "0000") != 0 || sscanf(serial, "%8x", &code) != 1)
		return -1;
	return (int)(code & 0xFFF);
}

static unsigned of_serial(const struct stm32_answers *answers)
{
	const struct stm32_series_row *asked = stm32_series_row(answers->asked), *row;
	unsigned set = stm32_register_shared(asked->uid_address) ? STM32_OTHER_CHIP : 0;
	int device_id = device_id_of(answers->serial);
	char carried[13], plain[13];

	for (unsigned i = 0; (row = stm32_series_at(i)); i++)
		if (row->serial == STM32_SERIAL_DEVICE_ID && row->device_id == device_id)
			return set_of(row->series);
	if (!answers->uid_known)
		return STM32_ANY_CHIP;
	stm32_fold_uid(answers->uid, true, carried);
	stm32_fold_uid(answers->uid, false, plain);
	if (strcmp(answers->serial, carried) != 0 && strcmp(answers->serial, plain) != 0)
		return STM32_ANY_CHIP;
	for (unsigned i = 0; (row = stm32_series_at(i)); i++)
		if (row->serial == STM32_SERIAL_UID && row->uid_address == asked->uid_address)
			set |= set_of(row->series);
	return set;
}

/* Another chip or bootloader that announces these settings, as far as the table knows. */
static const char *other_chip(const struct stm32_answers *answers,
			      const struct stm32_evidence *found)
{
	const struct stm32_listing *listing;
	struct dfu_layout flash, second;

	for (unsigned i = 0; (listing = stm32_listing_at(i)); i++) {
		bool has_second = listing->second == NULL;

		if (!listing->chip || (listing->flash[0] != '\0') != (found->flash != NULL))
			continue;
		parse(listing->flash, &flash);
		if (found->flash && !announced_equal(&flash, &found->flash->layout))
			continue;
		parse(listing->second ? listing->second : "", &second);
		for (unsigned s = 0; s < answers->settings && !has_second; s++)
			has_second = answers->setting[s].understood &&
				     &answers->setting[s] != found->flash &&
				     answers->setting[s].layout.region[0].address ==
					     second.region[0].address;
		if (has_second)
			return listing->chip;
	}
	return NULL;
}

static void find_settings(const struct stm32_answers *answers, struct stm32_evidence *found)
{
	for (unsigned i = 0; i < answers->settings; i++) {
		const struct stm32_setting *setting = &answers->setting[i];

		if (setting->text[0] && !setting->understood && !found->odd &&
		    !(stm32_strings_shifted(answers) && setting->text[0] != '@'))
			found->odd = setting;
		if (setting->understood && !found->flash && announced_has_flash(&setting->layout))
			found->flash = setting;
	}
}

/* Letters by number where the layout's sizes are those that a version announces wrongly. */
static bool sizes_are_wrong(const struct dfu_layout *layout)
{
	const struct stm32_listing *listing;
	struct dfu_layout pattern;
	bool wrong = false;

	for (unsigned i = 0; (listing = stm32_listing_at(i)); i++) {
		if (listing->chip)
			continue;
		parse(listing->flash, &pattern);
		if (!announced_equal(&pattern, layout))
			continue;
		if (listing->id == STM32_LISTING_ANY)
			return false;
		wrong = true;
	}
	return wrong;
}

void stm32_evidence(const struct stm32_answers *answers, const struct stm32_part *allowed,
		    struct stm32_evidence *evidence)
{
	*evidence = (struct stm32_evidence){0};
	find_settings(answers, evidence);
	stm32_judge_bootloader(answers, evidence);
	evidence->can_be[STM32_ITEM_LAYOUT] = of_layout(answers, evidence);
	if (evidence->resident && allowed)
		evidence->can_be[STM32_ITEM_LAYOUT] =
			!evidence->flash || announced_fits(allowed, &evidence->flash->layout)
				? STM32_ANY_CHIP
				: STM32_OTHER_CHIP;
	evidence->can_be[STM32_ITEM_ID] = of_id(answers);
	evidence->can_be[STM32_ITEM_UID] = of_uid(answers);
	evidence->can_be[STM32_ITEM_SIZE] = of_size(answers);
	evidence->can_be[STM32_ITEM_SERIAL] = of_serial(answers);
	evidence->left = STM32_ANY_CHIP;
	for (unsigned i = 0; i < STM32_ITEMS; i++)
		evidence->left &= evidence->can_be[i];
	if (evidence->flash)
		evidence->by_number =
			!evidence->resident && sizes_are_wrong(&evidence->flash->layout);
	if (evidence->can_be[STM32_ITEM_LAYOUT] == STM32_OTHER_CHIP)
		evidence->chip = other_chip(answers, evidence);
}

bool stm32_evidence_proves(const struct stm32_evidence *evidence, enum stm32_series series)
{
	return evidence->left == set_of(series);
}

bool stm32_evidence_against(const struct stm32_evidence *evidence, enum stm32_series series)
{
	for (unsigned i = 0; i < STM32_ITEMS; i++)
		if (!(evidence->can_be[i] & set_of(series)))
			return true;
	return false;
}

const char *stm32_item_name(enum stm32_item item)
{
	static const char *const names[] = {"layout", "id", "uid", "size", "serial"};
	_Static_assert(sizeof(names) / sizeof(names[0]) == STM32_ITEMS, "a name for each item");

	return names[item];
}

void stm32_evidence_text(const struct stm32_evidence *evidence, enum stm32_series series,
			 char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < STM32_ITEMS; i++) {
		unsigned set = evidence->can_be[i];

		if (set != STM32_ANY_CHIP && set & set_of(series) && used < size)
			used += (size_t)snprintf(text + used, size - used, "%s%s", used ? "+" : "",
						 stm32_item_name((enum stm32_item)i));
	}
}

void stm32_set_text(unsigned set, char *text, size_t size)
{
	const struct stm32_series_row *row;
	size_t used = 0;

	text[0] = '\0';
	for (unsigned i = 0; (row = stm32_series_at(i)); i++)
		if (set & set_of(row->series) && used < size)
			used += (size_t)snprintf(text + used, size - used, "%s%s",
						 used ? " or " : "", row->name);
	if ((set & STM32_OTHER_CHIP || set == 0) && used < size)
		snprintf(text + used, size - used, "%sanother chip", used ? " or " : "");
}

bool stm32_sector_open(const struct stm32_part *part, const struct stm32_evidence *evidence,
		       unsigned sector)
{
	uint32_t address = stm32_address(part, sector * part->sector_bytes);

	if (!evidence->flash)
		return true;
	if (evidence->by_number)
		return announced_open_number(&evidence->flash->layout, sector);
	return announced_open(&evidence->flash->layout, address, part->sector_bytes);
}
