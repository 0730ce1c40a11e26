/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "announced.h"

#define FLASH_START 0x08000000u
#define FLASH_END                                                                                  \
	0x08200000u /* of the largest STM32H7; other chips of up to 4 MiB begin there, too */

static bool in_flash(const struct dfu_region *region)
{
	return region->sectors > 0 && region->address < FLASH_END &&
	       (uint64_t)region->address + (uint64_t)region->sectors * region->sector_bytes >
		       FLASH_START;
}

bool announced_has_flash(const struct dfu_layout *layout)
{
	for (unsigned i = 0; i < layout->regions; i++)
		if (in_flash(&layout->region[i]))
			return true;
	return false;
}

/* The next run of equal sectors from region `*from` on, regions without sectors left out. */
static bool next_run(const struct dfu_layout *layout, unsigned *from, struct dfu_region *run)
{
	unsigned i = *from;

	while (i < layout->regions && layout->region[i].sectors == 0)
		i++;
	if (i == layout->regions)
		return false;
	*run = layout->region[i];
	for (i++; i < layout->regions; i++) {
		const struct dfu_region *next = &layout->region[i];

		if (next->sectors == 0)
			continue;
		if (next->sector_bytes != run->sector_bytes ||
		    next->address != run->address + (uint64_t)run->sectors * run->sector_bytes)
			break;
		run->sectors += next->sectors;
	}
	*from = i;
	return true;
}

/* A pattern of one region with a count of 0. */
static bool any_count(const struct dfu_layout *pattern)
{
	return pattern->regions == 1 && pattern->region[0].sectors == 0;
}

static bool same_run(const struct dfu_region *a, const struct dfu_region *b)
{
	return a->address == b->address && a->sector_bytes == b->sector_bytes &&
	       a->sectors == b->sectors;
}

bool announced_equal(const struct dfu_layout *pattern, const struct dfu_layout *layout)
{
	struct dfu_region wanted, found;
	unsigned at = 0, in = 0;

	if (any_count(pattern))
		return next_run(layout, &in, &found) &&
		       found.address == pattern->region[0].address &&
		       found.sector_bytes == pattern->region[0].sector_bytes &&
		       !next_run(layout, &in, &found);
	while (next_run(pattern, &at, &wanted))
		if (!next_run(layout, &in, &found) || !same_run(&wanted, &found))
			return false;
	return in > 0 && !next_run(layout, &in, &found);
}

bool announced_is_part(const struct stm32_part *part, const struct dfu_layout *layout)
{
	struct dfu_layout own = {0};

	for (unsigned b = 0; b < part->banks; b++)
		own.region[own.regions++] = (struct dfu_region){.address = part->bank[b].base,
								.sector_bytes = part->sector_bytes,
								.sectors = part->bank[b].sectors};
	return announced_equal(&own, layout);
}

bool announced_fits(const struct stm32_part *part, const struct dfu_layout *layout)
{
	for (unsigned i = 0; i < layout->regions; i++) {
		const struct dfu_region *region = &layout->region[i];
		uint64_t end = region->address + (uint64_t)region->sectors * region->sector_bytes;
		uint32_t offset;

		if (!in_flash(region))
			continue;
		if (region->sector_bytes % part->sector_bytes != 0 ||
		    !stm32_offset(part, region->address, &offset) ||
		    offset % part->sector_bytes != 0 ||
		    !stm32_offset(part, (uint32_t)(end - 1), &offset))
			return false;
	}
	return true;
}

static bool is_open(const struct dfu_region *region)
{
	return region->erasable && region->writable;
}

bool announced_open(const struct dfu_layout *layout, uint32_t address, uint32_t bytes)
{
	uint64_t at = address, end = (uint64_t)address + bytes;

	while (at < end) {
		uint64_t next = at;

		for (unsigned i = 0; i < layout->regions && next == at; i++) {
			const struct dfu_region *region = &layout->region[i];
			uint64_t length = (uint64_t)region->sectors * region->sector_bytes;

			if (at < region->address || at - region->address >= length)
				continue;
			if (!is_open(region))
				return false;
			next = region->address + length;
		}
		if (next == at)
			return false;
		at = next;
	}
	return true;
}

bool announced_open_number(const struct dfu_layout *layout, unsigned number)
{
	const struct dfu_region *last = NULL;

	for (unsigned i = 0; i < layout->regions; i++) {
		last = &layout->region[i];
		if (number < last->sectors)
			break;
		number -= last->sectors;
	}
	return last && is_open(last);
}
