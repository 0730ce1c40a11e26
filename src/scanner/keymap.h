/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the keys of an input device to text, as a scanner types it on a keyboard of some layout. */
#ifndef SCANNER_KEYMAP_H
#define SCANNER_KEYMAP_H

#include <stdbool.h>
#include <stdint.h>

#include "h7gang/profile/operation.h"

#define KEYMAP_NOTHING 0xffffffffu /* a modifier, or a key that is let go */
#define KEYMAP_NO_CHARACTER 0x7fu  /* a key that is no character */
#define KEYMAP_END 0x0du           /* Enter */

struct keymap {
	enum profile_scan_layout layout;
	bool shift, control, altgr, caps;
	bool alt;                /* held: the keypad's digits are the code of a character */
	unsigned digits, number; /* of that code */
	bool zero;               /* it began with 0: ISO 8859-1 above 0x9f, not code page 437 */
};

/* What the key (KEY_* of linux/input-event-codes.h) gives; `value` is 0 for let go, 1 for pressed,
 * 2 for held. A Unicode character, or one of the above. */
uint32_t keymap_key(struct keymap *keymap, unsigned code, int value);

#endif
