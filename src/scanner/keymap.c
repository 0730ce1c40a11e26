/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Layouts as the X keyboard configuration has them: us, de, fr. */
#include "keymap.h"

#include <linux/input-event-codes.h>
#include <stddef.h>

/* Plain, with Shift, with AltGr; 0: nothing. */
struct key {
	uint16_t code;
	uint16_t plain, shift, altgr;
};

/* The us layout; the other layouts list only their differences. */
static const struct key us[] = {
	{KEY_A, 'a', 'A', 0},          {KEY_B, 'b', 'B', 0},
	{KEY_C, 'c', 'C', 0},          {KEY_D, 'd', 'D', 0},
	{KEY_E, 'e', 'E', 0},          {KEY_F, 'f', 'F', 0},
	{KEY_G, 'g', 'G', 0},          {KEY_H, 'h', 'H', 0},
	{KEY_I, 'i', 'I', 0},          {KEY_J, 'j', 'J', 0},
	{KEY_K, 'k', 'K', 0},          {KEY_L, 'l', 'L', 0},
	{KEY_M, 'm', 'M', 0},          {KEY_N, 'n', 'N', 0},
	{KEY_O, 'o', 'O', 0},          {KEY_P, 'p', 'P', 0},
	{KEY_Q, 'q', 'Q', 0},          {KEY_R, 'r', 'R', 0},
	{KEY_S, 's', 'S', 0},          {KEY_T, 't', 'T', 0},
	{KEY_U, 'u', 'U', 0},          {KEY_V, 'v', 'V', 0},
	{KEY_W, 'w', 'W', 0},          {KEY_X, 'x', 'X', 0},
	{KEY_Y, 'y', 'Y', 0},          {KEY_Z, 'z', 'Z', 0},
	{KEY_1, '1', '!', 0},          {KEY_2, '2', '@', 0},
	{KEY_3, '3', '#', 0},          {KEY_4, '4', '$', 0},
	{KEY_5, '5', '%', 0},          {KEY_6, '6', '^', 0},
	{KEY_7, '7', '&', 0},          {KEY_8, '8', '*', 0},
	{KEY_9, '9', '(', 0},          {KEY_0, '0', ')', 0},
	{KEY_MINUS, '-', '_', 0},      {KEY_EQUAL, '=', '+', 0},
	{KEY_LEFTBRACE, '[', '{', 0},  {KEY_RIGHTBRACE, ']', '}', 0},
	{KEY_SEMICOLON, ';', ':', 0},  {KEY_APOSTROPHE, '\'', '"', 0},
	{KEY_GRAVE, '`', '~', 0},      {KEY_BACKSLASH, '\\', '|', 0},
	{KEY_COMMA, ',', '<', 0},      {KEY_DOT, '.', '>', 0},
	{KEY_SLASH, '/', '?', 0},      {KEY_102ND, '<', '>', '|'},
	{KEY_SPACE, ' ', ' ', ' '},    {KEY_TAB, '\t', '\t', '\t'},
	{KEY_KP0, '0', '0', 0},        {KEY_KP1, '1', '1', 0},
	{KEY_KP2, '2', '2', 0},        {KEY_KP3, '3', '3', 0},
	{KEY_KP4, '4', '4', 0},        {KEY_KP5, '5', '5', 0},
	{KEY_KP6, '6', '6', 0},        {KEY_KP7, '7', '7', 0},
	{KEY_KP8, '8', '8', 0},        {KEY_KP9, '9', '9', 0},
	{KEY_KPMINUS, '-', '-', 0},    {KEY_KPPLUS, '+', '+', 0},
	{KEY_KPASTERISK, '*', '*', 0}, {KEY_KPSLASH, '/', '/', 0},
	{KEY_KPDOT, '.', '.', 0},      {0, 0, 0, 0},
};

static const struct key de[] = {
	{KEY_Y, 'z', 'Z', 0},
	{KEY_Z, 'y', 'Y', 0},
	{KEY_2, '2', '"', 0xb2},
	{KEY_3, '3', 0xa7, 0xb3},
	{KEY_6, '6', '&', 0},
	{KEY_7, '7', '/', '{'},
	{KEY_8, '8', '(', '['},
	{KEY_9, '9', ')', ']'},
	{KEY_0, '0', '=', '}'},
	{KEY_Q, 'q', 'Q', '@'},
	{KEY_E, 'e', 'E', 0x20ac},
	{KEY_M, 'm', 'M', 0xb5},
	{KEY_MINUS, 0xdf, '?', '\\'},
	{KEY_EQUAL, 0xb4, '`', 0},
	{KEY_LEFTBRACE, 0xfc, 0xdc, 0},
	{KEY_RIGHTBRACE, '+', '*', '~'},
	{KEY_SEMICOLON, 0xf6, 0xd6, 0},
	{KEY_APOSTROPHE, 0xe4, 0xc4, 0},
	{KEY_GRAVE, '^', 0xb0, 0},
	{KEY_BACKSLASH, '#', '\'', 0},
	{KEY_COMMA, ',', ';', 0},
	{KEY_DOT, '.', ':', 0},
	{KEY_SLASH, '-', '_', 0},
	{KEY_KPDOT, ',', ',', 0},
	{0, 0, 0, 0},
};

static const struct key fr[] = {
	{KEY_A, 'q', 'Q', 0},          {KEY_Q, 'a', 'A', 0},
	{KEY_Z, 'w', 'W', 0},          {KEY_W, 'z', 'Z', 0},
	{KEY_M, ',', '?', 0},          {KEY_E, 'e', 'E', 0x20ac},
	{KEY_1, '&', '1', 0},          {KEY_2, 0xe9, '2', '~'},
	{KEY_3, '"', '3', '#'},        {KEY_4, '\'', '4', '{'},
	{KEY_5, '(', '5', '['},        {KEY_6, '-', '6', '|'},
	{KEY_7, 0xe8, '7', '`'},       {KEY_8, '_', '8', '\\'},
	{KEY_9, 0xe7, '9', '^'},       {KEY_0, 0xe0, '0', '@'},
	{KEY_MINUS, ')', 0xb0, ']'},   {KEY_EQUAL, '=', '+', '}'},
	{KEY_LEFTBRACE, '^', 0xa8, 0}, {KEY_RIGHTBRACE, '$', 0xa3, 0xa4},
	{KEY_SEMICOLON, 'm', 'M', 0},  {KEY_APOSTROPHE, 0xf9, '%', 0},
	{KEY_GRAVE, 0xb2, 0, 0},       {KEY_BACKSLASH, '*', 0xb5, 0},
	{KEY_COMMA, ';', '.', 0},      {KEY_DOT, ':', '/', 0},
	{KEY_SLASH, '!', 0xa7, 0},     {0, 0, 0, 0},
};

static const struct key *find(const struct key *table, unsigned code)
{
	for (; table->code; table++)
		if (table->code == code)
			return table;
	return NULL;
}

static const struct key *key_of(enum profile_scan_layout layout, unsigned code)
{
	const struct key *key = NULL;

	if (layout == PROFILE_LAYOUT_DE)
		key = find(de, code);
	else if (layout == PROFILE_LAYOUT_FR)
		key = find(fr, code);
	return key ? key : find(us, code);
}

static bool modifier(struct keymap *keymap, unsigned code, int value)
{
	switch (code) {
	case KEY_LEFTSHIFT:
	case KEY_RIGHTSHIFT:
		keymap->shift = value != 0;
		return true;
	case KEY_LEFTCTRL:
	case KEY_RIGHTCTRL:
		keymap->control = value != 0;
		return true;
	case KEY_RIGHTALT:
		keymap->altgr = value != 0;
		return true;
	case KEY_CAPSLOCK:
		keymap->caps ^= value == 1;
		return true;
	case KEY_NUMLOCK:
	case KEY_SCROLLLOCK:
	case KEY_LEFTMETA:
	case KEY_RIGHTMETA:
		return true;
	default:
		return false;
	}
}

static bool letter(uint32_t c)
{
	return (c >= 'a' && c <= 'z') || c == 0xe4 || c == 0xf6 || c == 0xfc;
}

static bool keypad_digit(unsigned code, unsigned *digit)
{
	const struct key *key = code >= KEY_KP7 && code <= KEY_KP0 ? find(us, code) : NULL;

	if (!key || key->plain < '0' || key->plain > '9')
		return false;
	*digit = (unsigned)key->plain - '0';
	return true;
}

/* Scanners hold Alt and type a code on the keypad for characters that the layout lacks, such as the
 * GS of GS1 codes (Alt 0 2 9). The digits themselves are no part of the scan. */
static uint32_t alt_digit(struct keymap *keymap, unsigned code)
{
	unsigned digit;

	if (!keypad_digit(code, &digit))
		return KEYMAP_NO_CHARACTER;
	if (keymap->digits++ == 0)
		keymap->zero = digit == 0;
	if (keymap->number <= UINT8_MAX)
		keymap->number = 10 * keymap->number + digit;
	return KEYMAP_NOTHING;
}

static uint32_t alt_over(struct keymap *keymap)
{
	unsigned c = keymap->number;
	bool typed = keymap->digits > 0;

	keymap->alt = false;
	keymap->digits = keymap->number = 0;
	if (!typed)
		return KEYMAP_NOTHING;
	if (c == '\r' || c == '\n')
		return KEYMAP_END;
	return (c > 0 && c < 0x7f) || (keymap->zero && c >= 0xa0 && c <= UINT8_MAX)
		       ? c
		       : KEYMAP_NO_CHARACTER;
}

uint32_t keymap_key(struct keymap *keymap, unsigned code, int value)
{
	const struct key *key;
	bool third;
	uint32_t c;

	if (code == KEY_LEFTALT && value == 0)
		return alt_over(keymap);
	if (code == KEY_LEFTALT)
		keymap->alt = true;
	if (code == KEY_LEFTALT || modifier(keymap, code, value) || value != 1)
		return KEYMAP_NOTHING;
	if (keymap->alt && !keymap->control)
		return alt_digit(keymap, code);
	if (code == KEY_ENTER || code == KEY_KPENTER)
		return KEYMAP_END;
	key = key_of(keymap->layout, code);
	if (!key)
		return KEYMAP_NO_CHARACTER;
	third = keymap->altgr || keymap->alt; /* Ctrl-Alt is AltGr, as Windows has it */
	c = third                                                   ? key->altgr
	    : keymap->shift != (keymap->caps && letter(key->plain)) ? key->shift
								    : key->plain;
	if (c == 0)
		return KEYMAP_NO_CHARACTER;
	if (!keymap->control || keymap->alt)
		return c;
	/* Ctrl-] is GS: how scanners type the separators of GS1 codes. */
	if ((c >= 'a' && c <= 'z') || (c >= '@' && c <= '_'))
		return (c & 0x1f) ? (c & 0x1f) : KEYMAP_NO_CHARACTER;
	return KEYMAP_NO_CHARACTER;
}
