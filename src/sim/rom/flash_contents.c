/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flash_contents.h"

#include <endian.h>
#include <string.h>

#include "flash.h"
#include "rom_random.h"

enum { FLASH_START = 0x08000000, BANK_STRIDE = 0x00100000 };

uint32_t flash_address(const struct rom_config *config, uint32_t offset)
{
	const uint32_t bank_bytes = config->part.sectors * config->part.sector_bytes;

	return FLASH_START + offset / bank_bytes * BANK_STRIDE + offset % bank_bytes;
}

/* The part [*from, *to) of the page at `address` that lies within the limits of the contents. */
static bool limit(const struct rom_config *config, uint32_t address, uint32_t *from, uint32_t *to)
{
	const uint64_t page_end = (uint64_t)address + FLASH_PAGE;
	uint64_t start = config->contents_start;
	uint64_t end;

	if (config->contents == ROM_CONTENTS_BLANK)
		return false;
	if (config->contents == ROM_CONTENTS_IMAGE) {
		if (start == 0)
			start = FLASH_START;
		end = start + config->image_bytes;
	} else {
		end = config->contents_bytes > 0 ? start + config->contents_bytes : UINT64_MAX;
	}
	if (start < address)
		start = address;
	if (end > page_end)
		end = page_end;
	if (start >= end)
		return false;
	*from = (uint32_t)(start - address);
	*to = (uint32_t)(end - address);
	return true;
}

static bool in_page(uint32_t address, uint32_t page)
{
	return address >= page && address - page < FLASH_PAGE;
}

bool flash_contents_any(const struct rom_config *config, uint32_t index)
{
	const uint32_t address = flash_address(config, index * FLASH_PAGE);
	uint32_t from, to;

	if (limit(config, address, &from, &to))
		return true;
	for (unsigned i = 0; i < config->broken_words; i++)
		if (in_page(config->broken_at[i], address))
			return true;
	return false;
}

/* The bytes [from, to) of the page at `address`. */
static void put_contents(const struct rom_config *config, uint32_t address, uint32_t from,
			 uint32_t to, uint64_t *random, uint8_t *page)
{
	const uint32_t image_start = config->contents_start ? config->contents_start : FLASH_START;
	uint64_t drawn;
	uint32_t word;

	switch (config->contents) {
	case ROM_CONTENTS_PATTERN:
		/* Each word is its own address. */
		for (uint32_t i = from & ~UINT32_C(3); i < to; i += sizeof(word)) {
			const uint32_t first = i < from ? from - i : 0;
			const uint32_t last = to - i < sizeof(word) ? to - i : sizeof(word);

			word = htole32(address + i);
			memcpy(page + i + first, (const uint8_t *)&word + first, last - first);
		}
		break;
	case ROM_CONTENTS_IMAGE:
		memcpy(page + from, config->image + (address + from - image_start), to - from);
		break;
	default:
		for (uint32_t i = from; i < to; i += sizeof(drawn)) {
			drawn = rom_random(random);
			memcpy(page + i, &drawn, to - i < sizeof(drawn) ? to - i : sizeof(drawn));
		}
		break;
	}
}

/* One word in eight is blank, one in 64 is broken, as after a killed programmer. */
static void half_program(struct flash_page *page, uint32_t word, uint32_t word_bytes,
			 uint64_t *random)
{
	const uint64_t dice = rom_random(random) % 64;

	if (dice == 0) {
		page->word[word] = FLASH_BROKEN;
	} else if (dice <= 8) {
		page->word[word] = FLASH_BLANK;
		memset(page->byte + word * word_bytes, 0xFF, word_bytes);
	}
}

void flash_contents_make(const struct rom_config *config, uint32_t index, struct flash_page *page)
{
	const uint32_t address = flash_address(config, index * FLASH_PAGE);
	const uint32_t word_bytes = config->part.word_bytes;
	uint64_t random = config->seed ^ (uint64_t)address
						 << 32; /* so that pages can be made in any order */
	uint32_t from, to;

	if (limit(config, address, &from, &to)) {
		put_contents(config, address, from, to, &random, page->byte);
		for (uint32_t w = from / word_bytes; w <= (to - 1) / word_bytes; w++) {
			page->word[w] = FLASH_PROGRAMMED;
			if (config->contents == ROM_CONTENTS_HALF)
				half_program(page, w, word_bytes, &random);
		}
	}
	for (unsigned i = 0; i < config->broken_words; i++)
		if (in_page(config->broken_at[i], address))
			page->word[(config->broken_at[i] - address) / word_bytes] = FLASH_BROKEN;
}
