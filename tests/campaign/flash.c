/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The oracle: compares each sector of a saved flash with its expected contents, page by page. */
#include "campaign.h"

#include <endian.h>
#include <string.h>

enum { PAGES_MAX = FLASH_MAX / PAGE_BYTES, PAGE_INITIAL = 0, PAGE_BLANK = 1, PAGE_DATA = 2 };

struct saved {
	const uint8_t *data[PAGES_MAX]; /* NULL: as in the beginning */
	uint8_t bytes[PAGES_MAX + FLASH_MAX + 1];
};

static const uint8_t *blank_page(void)
{
	static uint8_t page[PAGE_BYTES];

	if (page[0] == 0)
		memset(page, 0xff, sizeof(page));
	return page;
}

static bool read_pages(const struct batch *batch, const char *folder, const char *name,
		       unsigned index, struct saved *saved)
{
	uint8_t *file_bytes = saved->bytes;
	uint32_t pages = batch->part->flash_bytes / PAGE_BYTES;
	size_t length = 0, at = pages;
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s/b%u.pages", folder, name, index);
	file = fopen(path, "rb");
	if (file) {
		length = fread(file_bytes, 1, sizeof(saved->bytes), file);
		fclose(file);
	}
	if (length < pages)
		return false;
	for (uint32_t i = 0; i < pages; i++) {
		saved->data[i] = file_bytes[i] == PAGE_BLANK ? blank_page() : NULL;
		if (file_bytes[i] == PAGE_DATA) {
			saved->data[i] = file_bytes + at;
			at += PAGE_BYTES;
		}
	}
	return at == length;
}

/* The contents of a page before the run; NULL if they were not saved. */
static const uint8_t *first_page(const struct batch *batch, const struct board *board,
				 uint32_t index)
{
	static uint8_t page[PAGE_BYTES];
	uint32_t address = batch_address(batch, index * PAGE_BYTES), word;

	switch (board->contents) {
	case CONTENTS_BLANK:
		return blank_page();
	case CONTENTS_IMAGE:
		return batch->flash + index * PAGE_BYTES;
	case CONTENTS_PATTERN:
		for (uint32_t i = 0; i < PAGE_BYTES; i += sizeof(word)) {
			word = htole32(address + i);
			memcpy(page + i, &word, sizeof(word));
		}
		for (uint32_t i = 0; board->bytes && i < PAGE_BYTES; i++) {
			if (address + i < board->from || address + i - board->from >= board->bytes)
				page[i] = 0xff;
		}
		return page;
	case CONTENTS_HALF:
		break;
	}
	return NULL;
}

/* The page that is wanted, with the board's number in it. */
static const uint8_t *wanted_page(const struct batch *batch, const char *serial, uint32_t index)
{
	static uint8_t page[PAGE_BYTES];
	uint32_t start = index * PAGE_BYTES, counter = 0;
	uint8_t patch[SERIAL_BYTES + 4] = {0};
	uint32_t length = batch->counter_too ? SERIAL_BYTES + 4 : SERIAL_BYTES;

	if (!batch->serial || batch->serial_at >= start + PAGE_BYTES ||
	    batch->serial_at + length <= start)
		return batch->flash + start;
	memcpy(page, batch->flash + start, PAGE_BYTES);
	memcpy(patch, serial, strnlen(serial, SERIAL_BYTES));
	for (const char *digit = serial + (*serial == 'S'); *digit >= '0' && *digit <= '9'; digit++)
		counter = counter * 10 + (uint32_t)(*digit - '0');
	for (unsigned i = 0; i < 4; i++)
		patch[SERIAL_BYTES + i] = (uint8_t)(counter >> 8 * i);
	for (uint32_t i = 0; i < length; i++) {
		if (batch->serial_at + i >= start && batch->serial_at + i < start + PAGE_BYTES)
			page[batch->serial_at + i - start] = patch[i];
	}
	return page;
}

static uint32_t first_difference(const uint8_t *a, const uint8_t *b)
{
	uint32_t i = 0;

	while (i < PAGE_BYTES && a[i] == b[i])
		i++;
	return i;
}

enum flash_verdict flash_judge(const struct batch *batch, const char *folder, unsigned index,
			       const char *serial, const char *name, uint32_t *where)
{
	static struct saved saved;
	const struct board *board = &batch->board[index];
	enum flash_verdict verdict = FLASH_RIGHT;

	*where = 0;
	if (!read_pages(batch, folder, name, index, &saved))
		return FLASH_UNREADABLE;
	for (uint32_t i = 0; i < batch->part->flash_bytes / PAGE_BYTES; i++) {
		bool looked_at = batch->verify_all ||
				 batch->touched[i * PAGE_BYTES / batch->part->sector_bytes];
		const uint8_t *due, *is = saved.data[i];

		if (!looked_at && (!is || board->contents == CONTENTS_HALF))
			continue;
		due = looked_at ? wanted_page(batch, serial, i) : first_page(batch, board, i);
		if (!is)
			is = first_page(batch, board, i);
		if (is && memcmp(is, due, PAGE_BYTES) == 0)
			continue;
		*where =
			batch_address(batch, i * PAGE_BYTES + (is ? first_difference(is, due) : 0));
		if (looked_at)
			return FLASH_WRONG;
		verdict = FLASH_STRAYED;
	}
	return verdict;
}

bool flash_untouched(const struct batch *batch, const char *folder, unsigned index,
		     const char *name, uint32_t *where)
{
	static struct saved saved;

	*where = 0;
	if (!read_pages(batch, folder, name, index, &saved))
		return false;
	for (uint32_t i = 0; i < batch->part->flash_bytes / PAGE_BYTES; i++) {
		const uint8_t *was = first_page(batch, &batch->board[index], i);

		if (!saved.data[i] || (was && memcmp(saved.data[i], was, PAGE_BYTES) == 0))
			continue;
		*where = batch_address(batch, i * PAGE_BYTES);
		return false;
	}
	return true;
}

/* A page that was but read is no longer known to be as in the beginning; which it then must be. */
bool flash_same(const struct batch *batch, const char *folder, unsigned index,
		const char *const names[2], uint32_t *where)
{
	static struct saved saved[2];

	*where = 0;
	if (!read_pages(batch, folder, names[0], index, &saved[0]) ||
	    !read_pages(batch, folder, names[1], index, &saved[1]))
		return false;
	for (uint32_t i = 0; i < batch->part->flash_bytes / PAGE_BYTES; i++) {
		const uint8_t *a = saved[0].data[i], *b = saved[1].data[i];

		if (!a && b)
			a = first_page(batch, &batch->board[index], i);
		if (!b && a)
			b = first_page(batch, &batch->board[index], i);
		if (!a || !b || memcmp(a, b, PAGE_BYTES) == 0)
			continue;
		*where = batch_address(batch, i * PAGE_BYTES + first_difference(a, b));
		return false;
	}
	return true;
}
