/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/dfu/layout.h"

#include <string.h>

/* Strict where a wrong guess would erase the wrong sector, lenient about blanks, which ST's own
 * strings scatter freely. */

static const char *skip_blanks(const char *p)
{
	while (*p == ' ' || *p == '\t')
		p++;
	return p;
}

/* Reads digits of `base` (10 or 16) into `value`; NULL without a digit or past 32 bits. */
static const char *number(const char *p, unsigned base, uint32_t *value)
{
	const char *start = p;
	uint64_t sum = 0;

	for (;; p++) {
		unsigned digit;

		if (*p >= '0' && *p <= '9')
			digit = (unsigned)(*p - '0');
		else if (base == 16 && *p >= 'a' && *p <= 'f')
			digit = (unsigned)(*p - 'a') + 10;
		else if (base == 16 && *p >= 'A' && *p <= 'F')
			digit = (unsigned)(*p - 'A') + 10;
		else
			break;
		sum = sum * base + digit;
		if (sum > UINT32_MAX)
			return NULL;
	}
	if (p == start)
		return NULL;
	*value = (uint32_t)sum;
	return p;
}

static bool copy_name(struct dfu_layout *layout, const char *from, const char *to)
{
	size_t length;

	while (from < to && (*from == ' ' || *from == '\t'))
		from++;
	while (to > from && (to[-1] == ' ' || to[-1] == '\t'))
		to--;
	length = (size_t)(to - from);
	if (length >= sizeof(layout->name))
		return false;
	for (size_t i = 0; i < length; i++)
		/* It is printed and logged: bytes of a terminal sequence must not get there. */
		layout->name[i] = (unsigned char)from[i] < 0x20 || from[i] == 0x7f ? '?' : from[i];
	layout->name[length] = '\0';
	return true;
}

/* COUNT*SIZE{ ,B,K,M}TYPE at `*address`, which moves past it. */
static const char *sectors(const char *p, uint64_t *address, struct dfu_layout *layout)
{
	struct dfu_region *region;
	uint32_t count, size;
	uint64_t bytes, unit = 1;

	if (layout->regions == DFU_LAYOUT_REGIONS)
		return NULL;
	p = number(skip_blanks(p), 10, &count);
	if (!p || *(p = skip_blanks(p)) != '*')
		return NULL;
	p = number(skip_blanks(p + 1), 10, &size);
	if (!p)
		return NULL;
	p = skip_blanks(p);
	if (*p == 'B') {
		p++;
	} else if (*p == 'K') {
		unit = 1024;
		p++;
	} else if (*p == 'M') {
		unit = 1024 * 1024;
		p++;
	}
	p = skip_blanks(p);
	if (*p < 'a' || *p > 'g')
		return NULL;
	bytes = size * unit;
	if (bytes == 0 || bytes > UINT32_MAX)
		return NULL;
	/* Both factors are below 2^32, so this cannot wrap. */
	if (count * bytes > (UINT64_C(1) << 32) - *address)
		return NULL;

	region = &layout->region[layout->regions++];
	region->address = (uint32_t)*address;
	region->sector_bytes = (uint32_t)bytes;
	region->sectors = count;
	region->readable = (*p & 1) != 0;
	region->erasable = (*p & 2) != 0;
	region->writable = (*p & 4) != 0;
	*address += count * bytes;
	return p + 1;
}

/* 0xADDR/SECTORS[,SECTORS..] */
static const char *segment(const char *p, struct dfu_layout *layout)
{
	uint32_t start;
	uint64_t address;

	p = skip_blanks(p);
	if (p[0] != '0' || (p[1] != 'x' && p[1] != 'X'))
		return NULL;
	p = number(p + 2, 16, &start);
	if (!p || *(p = skip_blanks(p)) != '/')
		return NULL;
	address = start;
	do {
		p = sectors(p + 1, &address, layout);
		if (!p)
			return NULL;
		p = skip_blanks(p);
	} while (*p == ',');
	return p;
}

bool dfu_layout_parse(const char *text, struct dfu_layout *layout)
{
	const char *slash, *p;

	memset(layout, 0, sizeof(*layout));
	if (text[0] != '@')
		return false;
	slash = strchr(text, '/');
	if (!slash || !copy_name(layout, text + 1, slash))
		goto refuse;
	p = slash;
	while (*p == '/') {
		p = segment(p + 1, layout);
		if (!p)
			goto refuse;
	}
	if (*p != '\0')
		goto refuse;
	return true;

refuse:
	memset(layout, 0, sizeof(*layout));
	return false;
}
