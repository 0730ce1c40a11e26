/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Turns the keys that a scanner sends in a keyboard layout into text. */
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
	bool alt;                /* held: digits of the keypad are the code of a character */
	unsigned digits, number; /* of that code */
	bool zero;               /* it began with 0: ISO 8859-1 above 0x9f, not code page 437 */
};

/* The Unicode character of the key (KEY_* of linux/input-event-codes.h), or one of the above.
 * `value` is 0 for released, 1 for pressed, 2 for held. */
uint32_t keymap_key(struct keymap *keymap, unsigned code, int value);

#endif
