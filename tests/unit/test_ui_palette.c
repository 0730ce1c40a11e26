/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The contrast of each pair of colours, as WCAG 2.1 computes it, in the default palettes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "ui/palette.h"

static const struct {
	const char *name;
	uint32_t colour[8];
} palettes[] = {
	{"xterm", {0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5}},
	{"Linux console",
	 {0x000000, 0xaa0000, 0x00aa00, 0xaa5500, 0x0000aa, 0xaa00aa, 0x00aaaa, 0xaaaaaa}},
	{"tmux", /* passes these eight on to its terminal, xterm in most cases */
	 {0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5}},
	{"Windows Terminal",
	 {0x0c0c0c, 0xc50f1f, 0x13a10e, 0xc19c00, 0x0037da, 0x881798, 0x3a96dd, 0xcccccc}},
};

static double linear(uint32_t part)
{
	double c = part / 255.0;

	return c <= 0.03928 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static double luminance(uint32_t colour)
{
	return 0.2126 * linear(colour >> 16 & 255) + 0.7152 * linear(colour >> 8 & 255) +
	       0.0722 * linear(colour & 255);
}

static double contrast(uint32_t a, uint32_t b)
{
	double one = luminance(a), two = luminance(b);

	return ((one > two ? one : two) + 0.05) / ((one > two ? two : one) + 0.05);
}

/* The colours from 16 up: a cube of six steps, and greys. */
static uint32_t upper(int index)
{
	static const uint32_t step[] = {0, 0x5f, 0x87, 0xaf, 0xd7, 0xff};

	assert_in_range(index, 16, 231);
	index -= 16;
	return step[index / 36] << 16 | step[index / 6 % 6] << 8 | step[index % 6];
}

static void every_pair_can_be_read(void **state)
{
	(void)state;
	for (int use = PALETTE_PASS; use < PALETTE_USES; use++) {
		for (size_t p = 0; p < sizeof(palettes) / sizeof(palettes[0]); p++) {
			double found = contrast(palettes[p].colour[palette_8[use].front],
						palettes[p].colour[palette_8[use].back]);

			if (found < 4.5)
				fail_msg("use %d in %s: %.2f", use, palettes[p].name, found);
		}
		if (contrast(upper(palette_256[use].front), upper(palette_256[use].back)) < 4.5)
			fail_msg("use %d of 256 colours", use);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_pair_can_be_read)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
