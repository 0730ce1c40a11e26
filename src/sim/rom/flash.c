/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flash_contents.h"
#include "rom_random.h"

static uint32_t min_u32(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

bool flash_is_secure(const struct flash *flash, uint32_t sector)
{
	const struct rom_config *config = flash->config;
	const uint32_t address = flash_address(config, sector * flash->sector_bytes);

	return config->secure_bytes > 0 && address + flash->sector_bytes > config->secure_start &&
	       address < config->secure_start + config->secure_bytes;
}

static void guard_sectors(struct flash *flash)
{
	const struct rom_config *config = flash->config;
	const uint32_t per_bank = config->part.sectors;

	for (uint32_t s = 0; s < flash->sectors; s++) {
		const uint32_t bank = s / per_bank;
		const uint32_t in_bank = s % per_bank;

		flash->guarded[s] = (config->wrp[bank][in_bank / 32] >> (in_bank % 32) & 1) != 0 ||
				    flash_is_secure(flash, s);
	}
}

bool flash_init(struct flash *flash, const struct rom_config *config, struct rom_counters *counters)
{
	const struct rom_part *part = &config->part;

	memset(flash, 0, sizeof(*flash));
	if (part->banks < 1 || part->banks > 2 || part->sectors > 128 ||
	    part->banks * part->sectors > FLASH_SECTORS_MAX || part->sector_bytes % FLASH_PAGE ||
	    (part->word_bytes != 16 && part->word_bytes != 32))
		return false;
	flash->config = config;
	flash->counters = counters;
	flash->sector_bytes = part->sector_bytes;
	flash->sectors = part->banks * part->sectors;
	flash->bytes = flash->sectors * part->sector_bytes;
	flash->word_bytes = part->word_bytes;
	flash->pages = flash->bytes / FLASH_PAGE;
	flash->random = config->seed ^ UINT64_C(0x666c617368); /* a stream of its own */
	flash->page = calloc(flash->pages, sizeof(*flash->page));
	flash->pending = calloc(flash->pages, sizeof(*flash->pending));
	if (!flash->page || !flash->pending) {
		flash_free(flash);
		return false;
	}
	for (uint32_t i = 0; i < flash->pages; i++)
		flash->pending[i] = flash_contents_any(config, i);
	guard_sectors(flash);
	return true;
}

static void drop_page(struct flash *flash, uint32_t index)
{
	free(flash->page[index]);
	flash->page[index] = NULL;
	flash->pending[index] = false;
}

void flash_free(struct flash *flash)
{
	if (flash->page && flash->pending)
		flash_wipe(flash);
	free(flash->page);
	free(flash->pending);
	flash->page = NULL;
	flash->pending = NULL;
}

void flash_wipe(struct flash *flash)
{
	flash->op.kind = FLASH_IDLE;
	for (uint32_t i = 0; i < flash->pages; i++)
		drop_page(flash, i);
}

/* The page to write to. A bench that runs out of memory must not go on with wrong flash. */
static struct flash_page *make_page(struct flash *flash, uint32_t index)
{
	struct flash_page *page = flash->page[index];

	if (page)
		return page;
	page = malloc(sizeof(*page));
	if (!page) {
		fputs("virtual flash: out of memory\n", stderr);
		abort();
	}
	flash_peek_page(flash, index, page);
	flash->page[index] = page;
	flash->pending[index] = false;
	return page;
}

void flash_peek_page(const struct flash *flash, uint32_t index, struct flash_page *page)
{
	if (flash->page[index]) {
		*page = *flash->page[index];
		return;
	}
	memset(page->byte, 0xFF, sizeof(page->byte));
	memset(page->word, FLASH_BLANK, sizeof(page->word));
	if (flash->pending[index])
		flash_contents_make(flash->config, index, page);
}

struct flash_operation *flash_begin_erase(struct flash *flash, uint64_t start, uint64_t end,
					  const bool *sectors)
{
	struct flash_operation *op = &flash->op;

	op->kind = FLASH_ERASE;
	op->start = start;
	op->end = end;
	op->defects = 0;
	memcpy(op->erase, sectors, sizeof(op->erase));
	return op;
}

struct flash_operation *flash_begin_program(struct flash *flash, uint64_t start, uint64_t end,
					    uint32_t offset, const uint8_t *data, uint32_t length)
{
	struct flash_operation *op = &flash->op;

	op->kind = FLASH_PROGRAM;
	op->start = start;
	op->end = end;
	op->defects = 0;
	op->offset = offset;
	op->length = min_u32(min_u32(length, FLASH_PROGRAM_MAX), flash->bytes - offset);
	memcpy(op->data, data, op->length);
	return op;
}

/* One whole word, `first` bytes into which `length` bytes of data go; the rest is padded with 0xFF.
 */
static void program_word(struct flash *flash, uint32_t word_offset, uint32_t first,
			 const uint8_t *data, uint32_t length)
{
	struct flash_page *page;
	uint8_t padded[32];
	uint8_t *bytes;
	uint8_t *state;

	if (flash->guarded[word_offset / flash->sector_bytes])
		return;
	page = make_page(flash, word_offset / FLASH_PAGE);
	bytes = page->byte + word_offset % FLASH_PAGE;
	state = page->word + word_offset % FLASH_PAGE / flash->word_bytes;
	memset(padded, 0xFF, sizeof(padded));
	memcpy(padded + first, data, length);
	flash->counters->words_programmed++;
	if (*state == FLASH_BLANK) {
		memcpy(bytes, padded, flash->word_bytes);
		*state = FLASH_PROGRAMMED;
		return;
	}
	flash->counters->double_programs++;
	if (flash->config->twice == ROM_TWICE_KEEPS)
		return;
	for (uint32_t i = 0; i < flash->word_bytes; i++)
		bytes[i] &= padded[i];
	if (flash->config->twice == ROM_TWICE_BREAKS)
		*state = FLASH_BROKEN;
}

/* Programs the first `words` words of the operation. Returns the offset reached. */
static uint32_t program_words(struct flash *flash, uint64_t words)
{
	const struct flash_operation *op = &flash->op;
	uint32_t done = 0;

	while (done < op->length && words > 0) {
		const uint32_t at = op->offset + done;
		const uint32_t first = at % flash->word_bytes;
		const uint32_t length = min_u32(flash->word_bytes - first, op->length - done);

		program_word(flash, at - first, first, op->data + done, length);
		done += length;
		words--;
	}
	return op->offset + done;
}

static void erase_sectors(struct flash *flash)
{
	const uint32_t pages = flash->sector_bytes / FLASH_PAGE;

	for (uint32_t s = 0; s < flash->sectors; s++)
		if (flash->op.erase[s] && !flash->guarded[s])
			for (uint32_t p = s * pages; p < (s + 1) * pages; p++)
				drop_page(flash, p);
}

static void apply_defects(struct flash *flash)
{
	for (unsigned i = 0; i < flash->op.defects; i++) {
		const struct flash_defect *defect = &flash->op.defect[i];
		const uint8_t mask = (uint8_t)(1u << (defect->bit & 7));
		uint8_t *byte;

		if (defect->offset >= flash->bytes)
			continue;
		byte = make_page(flash, defect->offset / FLASH_PAGE)->byte +
		       defect->offset % FLASH_PAGE;
		if (defect->how == FLASH_FLIP)
			*byte ^= mask;
		else if (defect->how == FLASH_STUCK_1)
			*byte |= mask;
		else
			*byte &= (uint8_t)~mask;
	}
}

void flash_settle(struct flash *flash, uint64_t now)
{
	if (flash->op.kind == FLASH_IDLE || now < flash->op.end)
		return;
	if (flash->op.kind == FLASH_ERASE)
		erase_sectors(flash);
	else
		program_words(flash, UINT64_MAX);
	apply_defects(flash);
	flash->op.kind = FLASH_IDLE;
}

/* An erase cut off: some words as before, some blank, some in between, some that fault. */
static void muddle_page(struct flash *flash, struct flash_page *page)
{
	for (uint32_t w = 0; w < FLASH_PAGE / flash->word_bytes; w++) {
		uint8_t *bytes = page->byte + w * flash->word_bytes;

		switch (rom_random(&flash->random) % 4) {
		case 0:
			break;
		case 1:
			memset(bytes, 0xFF, flash->word_bytes);
			page->word[w] = FLASH_BLANK;
			break;
		case 2:
			for (uint32_t i = 0; i < flash->word_bytes; i++)
				bytes[i] |= (uint8_t)rom_random(&flash->random);
			page->word[w] = FLASH_PROGRAMMED;
			break;
		default:
			page->word[w] = FLASH_BROKEN;
			break;
		}
	}
}

static void cut_erase(struct flash *flash)
{
	const uint32_t pages = flash->sector_bytes / FLASH_PAGE;

	for (uint32_t s = 0; s < flash->sectors; s++)
		if (flash->op.erase[s] && !flash->guarded[s])
			for (uint32_t p = s * pages; p < (s + 1) * pages; p++)
				muddle_page(flash, make_page(flash, p));
}

static void cut_program(struct flash *flash, uint64_t now)
{
	const struct flash_operation *op = &flash->op;
	const uint64_t words =
		(op->length + flash->word_bytes - 1) / flash->word_bytes; /* at least one */
	const uint64_t took = op->end - op->start;
	const uint64_t gone = now > op->start ? now - op->start : 0;
	const uint32_t reached = program_words(flash, took > 0 ? gone * words / took : words);

	if (reached < op->offset + op->length && !flash->guarded[reached / flash->sector_bytes]) {
		struct flash_page *page = make_page(flash, reached / FLASH_PAGE);

		page->word[reached % FLASH_PAGE / flash->word_bytes] = FLASH_BROKEN;
	}
}

bool flash_cut(struct flash *flash, uint64_t now)
{
	flash_settle(flash, now);
	if (flash->op.kind == FLASH_IDLE)
		return false;
	if (flash->op.kind == FLASH_ERASE)
		cut_erase(flash);
	else
		cut_program(flash, now);
	flash->op.kind = FLASH_IDLE;
	return true;
}

static size_t read_page(const struct flash *flash, const struct flash_page *page, uint32_t first,
			uint32_t length, uint8_t *out)
{
	const uint32_t word_bytes = flash->word_bytes;
	size_t broken = 0;

	memcpy(out, page->byte + first, length);
	for (uint32_t w = first / word_bytes; w <= (first + length - 1) / word_bytes; w++) {
		if (page->word[w] != FLASH_BROKEN)
			continue;
		broken++;
		for (uint32_t i = w * word_bytes; i < (w + 1) * word_bytes; i++)
			if (i >= first && i < first + length)
				out[i - first] = 0xEE;
	}
	return broken;
}

size_t flash_read(struct flash *flash, uint32_t offset, uint32_t length, uint8_t *out)
{
	size_t broken = 0;

	while (length > 0 && offset < flash->bytes) {
		const uint32_t index = offset / FLASH_PAGE;
		const uint32_t first = offset % FLASH_PAGE;
		const uint32_t here = min_u32(length, FLASH_PAGE - first);

		if (flash->page[index] || flash->pending[index])
			broken += read_page(flash, make_page(flash, index), first, here, out);
		else
			memset(out, 0xFF, here);
		offset += here;
		out += here;
		length -= here;
	}
	return broken;
}

size_t flash_count_broken(const struct flash *flash)
{
	size_t broken = 0;
	struct flash_page page;

	for (uint32_t i = 0; i < flash->pages; i++) {
		if (!flash->page[i] && !flash->pending[i])
			continue;
		flash_peek_page(flash, i, &page);
		for (uint32_t w = 0; w < FLASH_PAGE / flash->word_bytes; w++)
			broken += page.word[w] == FLASH_BROKEN;
	}
	return broken;
}
