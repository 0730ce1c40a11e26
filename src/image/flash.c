/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/image/image.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"

#define ADVICE_RANGE "range: {first, last} leaves out the bytes that are outside flash"
#define ADVICE_MOVE                                                                                \
	"nothing of the file belongs into flash: link it for an address there, or move it "        \
	"there with offset"

bool image_flash_init(struct image_flash *flash, const struct stm32_part *part)
{
	*flash = (struct image_flash){.part = part, .length = stm32_part_bytes(part)};
	flash->bytes = malloc(flash->length);
	flash->owner = calloc(flash->length, 1);
	if (flash->bytes == NULL || flash->owner == NULL) {
		image_flash_free(flash);
		return false;
	}
	memset(flash->bytes, 0xFF, flash->length);
	return true;
}

/* Bytes from `offset` on that belong to the same bank, where addresses run on. */
static uint32_t bank_rest(const struct stm32_part *part, uint32_t offset)
{
	uint32_t first = stm32_bank_bytes(part, 0);

	return (offset < first ? first : stm32_part_bytes(part)) - offset;
}

#define ALIKE_STEP 64u

/* How many bytes from `at` on, but not beyond `end`, have the same owner. */
static uint32_t owned_alike(const uint8_t *owner, uint32_t at, uint32_t end)
{
	uint32_t next = at + 1;

	while (end - next >= ALIKE_STEP && memcmp(owner + next - 1, owner + next, ALIKE_STEP) == 0)
		next += ALIKE_STEP;
	while (next < end && owner[next] == owner[at])
		next++;
	return next - at;
}

static bool has_flash(const struct stm32_part *part, const struct image *image)
{
	for (size_t i = 0; i < image->count; i++) {
		const struct image_segment *segment = &image->segment[i];

		for (unsigned b = 0; b < part->banks; b++)
			if (segment->address < part->bank[b].base + stm32_bank_bytes(part, b) &&
			    segment->address + (segment->length - 1) >= part->bank[b].base)
				return true;
	}
	return false;
}

/* Says which byte is not flash. A file that only ends too late must not be cut. */
static bool misplaced(const struct image_flash *flash, const struct image *image,
		      const struct image_segment *segment, uint32_t address, uint32_t left,
		      struct image_error *error)
{
	const char *advice = has_flash(flash->part, image) ? ADVICE_RANGE : ADVICE_MOVE;
	uint32_t offset;
	char large[120];

	if (address > segment->address && stm32_offset(flash->part, segment->address, &offset)) {
		snprintf(large, sizeof(large),
			 "the file has %" PRIu32 " bytes more than fit there: check the part, and "
			 "whether this is the right file",
			 left);
		advice = large;
	}
	return image_fail(error, IMAGE_BAD_CONTENT, image_line(image, address),
			  "0x%08" PRIX32 " is not flash of the %s but %s; %s", address,
			  flash->part->name, stm32_memory_name(flash->part, address), advice);
}

static bool add_check(const struct image_flash *flash, const struct image *image,
		      const struct image_segment *segment, struct image_error *error)
{
	uint32_t address = segment->address, left = segment->length;

	while (left > 0) {
		uint32_t offset, run, free_bytes = 0;

		if (!stm32_offset(flash->part, address, &offset))
			return misplaced(flash, image, segment, address, left, error);
		run = bank_rest(flash->part, offset);
		if (run > left)
			run = left;
		if (flash->owner[offset] == 0)
			free_bytes = owned_alike(flash->owner, offset, offset + run);
		if (free_bytes < run) {
			address += free_bytes;
			image_fail(error, IMAGE_BAD_CONTENT, image_line(image, address),
				   "0x%08" PRIX32 " is already stated by an earlier file", address);
			error->earlier = flash->owner[offset + free_bytes];
			return false;
		}
		address += run;
		left -= run;
	}
	return true;
}

static void add_lay(struct image_flash *flash, const struct image_segment *segment)
{
	uint32_t bytes = flash->part->sector_bytes;

	for (uint32_t done = 0; done < segment->length;) {
		uint32_t offset = 0, sector, run;

		stm32_offset(flash->part, segment->address + done, &offset);
		sector = offset / bytes;
		run = (sector + 1) * bytes - offset;
		if (run > segment->length - done)
			run = segment->length - done;
		memcpy(flash->bytes + offset, segment->bytes + done, run);
		memset(flash->owner + offset, (int)flash->added, run);
		flash->sector_used[sector] += run;
		flash->touched[sector] = true;
		done += run;
	}
	flash->used += segment->length;
}

bool image_flash_add(struct image_flash *flash, const struct image *image,
		     struct image_error *error)
{
	if (flash->owner == NULL || flash->added == UINT8_MAX)
		return image_fail(error, IMAGE_BAD_CONTENT, 0, "no more images can be added");
	/* Counted also when refused, so that callers can number their files. */
	flash->added++;
	if (image->count == 0)
		return image_fail(error, IMAGE_BAD_CONTENT, 0,
				  "states no bytes; name the file that holds the firmware");
	for (size_t i = 0; i < image->count; i++)
		if (!add_check(flash, image, &image->segment[i], error))
			return false;
	if (flash->used == 0 || image_lowest(image) < flash->lowest)
		flash->lowest = image_lowest(image);
	if (flash->used == 0 || image_highest(image) > flash->highest)
		flash->highest = image_highest(image);
	for (size_t i = 0; i < image->count; i++)
		add_lay(flash, &image->segment[i]);
	return true;
}

/* Collects the runs of bytes of one image each. */
static bool flash_ranges(struct image_flash *flash)
{
	uint32_t bank = stm32_bank_bytes(flash->part, 0);
	struct image_range *range = NULL;
	size_t count = 0;

	for (int fill = 0; fill < 2; fill++) {
		uint32_t run;

		count = 0;
		for (uint32_t i = 0; i < flash->length; i += run) {
			run = owned_alike(flash->owner, i, i < bank ? bank : flash->length);
			if (flash->owner[i] == 0)
				continue;
			if (fill)
				range[count] = (struct image_range){i, run, flash->owner[i]};
			count++;
		}
		if (!fill && count > 0)
			range = calloc(count, sizeof(*range));
		if (count > 0 && range == NULL)
			return false;
	}
	flash->range = range;
	flash->ranges = count;
	return true;
}

bool image_flash_seal(struct image_flash *flash)
{
	bool done = flash_ranges(flash);

	free(flash->owner);
	flash->owner = NULL;
	return done && sha256_hex(flash->bytes, flash->length, flash->sha256) == 0;
}

bool image_flash_states(const struct image_flash *flash, uint32_t address)
{
	size_t low = 0, high = flash->ranges;
	uint32_t offset;

	if (!stm32_offset(flash->part, address, &offset))
		return false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (flash->range[middle].offset <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && offset - flash->range[low - 1].offset < flash->range[low - 1].length;
}

void image_flash_free(struct image_flash *flash)
{
	free(flash->bytes);
	free(flash->owner);
	free(flash->range);
	*flash = (struct image_flash){0};
}
