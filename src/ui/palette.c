/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "palette.h"

/* 0 black, 1 red, 2 green, 3 yellow, 4 blue, 5 magenta, 6 cyan, 7 white. White on red, as one would
 * have it for a failure, is 2.9:1 on the Linux console: it is black on white there, and says so in
 * letters. */
const struct palette_pair palette_8[PALETTE_USES] = {
	[PALETTE_PASS] = {0, 2}, [PALETTE_FAIL] = {0, 7}, [PALETTE_ODD] = {7, 4},
	[PALETTE_WORK] = {7, 4}, [PALETTE_ASK] = {0, 6},  [PALETTE_BLOCKED] = {0, 7},
};

const struct palette_pair palette_256[PALETTE_USES] = {
	[PALETTE_PASS] = {16, 40},  [PALETTE_FAIL] = {231, 160}, [PALETTE_ODD] = {231, 90},
	[PALETTE_WORK] = {231, 24}, [PALETTE_ASK] = {16, 220},   [PALETTE_BLOCKED] = {16, 208},
};
