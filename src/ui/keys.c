/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/ui/keys.h"

#include <string.h>

#include "h7gang/base/clock.h"

#define ESCAPE 0x1b
#define DELETE 0x7f

/* The sequences of terminals (ECMA-48, xterm and the Linux console) for the keys used here. */
static const struct {
	const char *bytes;
	enum ui_key key;
} sequences[] = {
	{"\033[A", UI_KEY_UP},         {"\033OA", UI_KEY_UP},    {"\033[B", UI_KEY_DOWN},
	{"\033OB", UI_KEY_DOWN},       {"\033[C", UI_KEY_RIGHT}, {"\033OC", UI_KEY_RIGHT},
	{"\033[D", UI_KEY_LEFT},       {"\033OD", UI_KEY_LEFT},  {"\033[5~", UI_KEY_PAGE_UP},
	{"\033[6~", UI_KEY_PAGE_DOWN}, {"\033[21~", UI_KEY_F10},
};

/* Forgets the bytes, but not the scanner's properties. */
static void empty(struct ui_keys *keys)
{
	*keys = (struct ui_keys){.f10 = keys->f10,
				 .last = keys->last,
				 .ends = keys->ends,
				 .rest_until = keys->rest_until,
				 .doubt_until = keys->doubt_until};
}

void ui_keys_feed(struct ui_keys *keys, const void *bytes, size_t length, int64_t now)
{
	size_t room;

	if (keys->complete)
		empty(keys);
	if (keys->used == 0)
		keys->first = now;
	room = sizeof(keys->bytes) - keys->used;
	if (length > room) {
		keys->too_long = true;
		length = room;
	}
	memcpy(keys->bytes + keys->used, bytes, length);
	keys->used += length;
	keys->last = now;
}

void ui_keys_quiet(struct ui_keys *keys, int64_t now)
{
	if (keys->used && now - keys->last >= UI_KEYS_ALONE_MS * CLOCK_MS)
		keys->complete = true;
}

/* Bytes of the escape sequence at the start of `bytes`; 1: the Escape key. */
static size_t sequence_length(const unsigned char *bytes, size_t length)
{
	size_t at = 2;

	if (length < 3 || (bytes[1] != '[' && bytes[1] != 'O'))
		return 1;
	if (bytes[1] == 'O' || bytes[2] == '[') /* SS3 X; ESC [ [ A: F1 of the Linux console */
		return bytes[1] == 'O' ? 3 : length > 3 ? 4 : 1;
	while (at < length && bytes[at] >= 0x20 && bytes[at] < 0x40)
		at++;
	return at < length && bytes[at] >= 0x40 && bytes[at] < 0x7f ? at + 1 : 1;
}

static bool is_sequence(const unsigned char *bytes, size_t length, const char *sequence)
{
	return sequence && strlen(sequence) == length && memcmp(bytes, sequence, length) == 0;
}

/* Takes one key off the front. */
static size_t decode(const struct ui_keys *keys, size_t at, struct ui_press *press)
{
	const unsigned char *bytes = keys->bytes + at;
	size_t length = keys->used - at;
	size_t used = 1;

	*press = (struct ui_press){UI_KEY_OTHER, 0};
	if (bytes[0] == ESCAPE) {
		used = sequence_length(bytes, length);
		if (used == 1)
			press->key = UI_KEY_ESCAPE;
		for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++)
			if (is_sequence(bytes, used, sequences[i].bytes))
				press->key = sequences[i].key;
		if (is_sequence(bytes, used, keys->f10))
			press->key = UI_KEY_F10;
	} else if (bytes[0] == '\r' || bytes[0] == '\n') {
		press->key = UI_KEY_ENTER;
	} else if (bytes[0] == 'L' - '@') {
		press->key = UI_KEY_REDRAW;
	} else if (bytes[0] >= 0x20 && bytes[0] < DELETE) {
		*press = (struct ui_press){UI_KEY_CHARACTER, (char)bytes[0]};
	} else if (bytes[0] >= 0xc0) {
		while (used < length && (bytes[used] & 0xc0) == 0x80)
			used++; /* a character of UTF-8 is one key */
	}
	return used;
}

static bool moves(const struct ui_press *press)
{
	return press->key >= UI_KEY_UP && press->key <= UI_KEY_PAGE_DOWN;
}

/* A single key, or the same cursor key repeated because it is held down. */
static bool is_keys(const struct ui_keys *keys)
{
	struct ui_press first, press;
	size_t at = decode(keys, 0, &first);

	if (at == keys->used)
		return true;
	for (; at < keys->used && moves(&first);) {
		at += decode(keys, at, &press);
		if (press.key != first.key)
			return false;
	}
	return moves(&first);
}

static bool ends_line(unsigned char byte)
{
	return byte == '\r' || byte == '\n';
}

/* The next text up to its end; UI_INPUT_NONE: there is none. */
static enum ui_input next_line(struct ui_keys *keys, char *text)
{
	size_t used = 0;
	bool ended = false,
	     piece = keys->first < keys->rest_until || keys->first < keys->doubt_until;

	while (used == 0 && keys->at < keys->used) {
		while (keys->at < keys->used && !ends_line(keys->bytes[keys->at])) {
			unsigned char byte = keys->bytes[keys->at++];

			text[used++] = byte ? (char)byte : DELETE;
		}
		ended = keys->at < keys->used;
		keys->at++; /* the key that ended it */
		for (; used && text[used - 1] == '\t'; used--)
			ended = true;
		if (ended)
			keys->rest_until = keys->doubt_until = 0;
	}
	text[used] = 0;
	if (used == 0)
		return UI_INPUT_NONE;
	if (ended)
		keys->ends = true;
	else if (keys->ends)
		keys->rest_until = keys->last + UI_KEYS_REST_MS * CLOCK_MS;
	return piece || (keys->ends && !ended) ? UI_INPUT_PIECE : UI_INPUT_SCAN;
}

enum ui_input ui_keys_next(struct ui_keys *keys, struct ui_press *press, char *text)
{
	enum ui_input input = UI_INPUT_NONE;

	if (!keys->complete)
		return UI_INPUT_NONE;
	if (keys->too_long) {
		empty(keys);
		return UI_INPUT_TOO_LONG;
	}
	/* A key alone may be the rest of a scan, too. */
	if (keys->at < keys->used && is_keys(keys) && keys->first >= keys->rest_until) {
		keys->at += decode(keys, keys->at, press);
		if (press->key == UI_KEY_CHARACTER)
			keys->doubt_until = keys->last + UI_KEYS_DOUBT_MS * CLOCK_MS;
		return UI_INPUT_PRESS;
	}
	if (keys->at < keys->used)
		input = next_line(keys, text);
	if (input == UI_INPUT_NONE)
		empty(keys);
	return input;
}
