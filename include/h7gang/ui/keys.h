/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Input from a keyboard, or from a scanner that acts as one. No I/O: fed with bytes and times.
 *
 * Keys that follow each other within 100 ms are the text of a scan; only a key alone is a key. The
 * program may be late, so the time between two reads proves nothing: a key is alone only if the
 * input was seen empty at least 100 ms after the last read that gave bytes. A late program
 * therefore takes a key for a scan, never a scan for a key.
 *
 * A pause in a scan, which a radio link or a busy machine makes, must not make a number shorter.
 * Once a scan has ended with Enter or Tab, a text without such an end is only a piece, and so is
 * all that comes up to the next end. */
#ifndef H7GANG_UI_KEYS_H
#define H7GANG_UI_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UI_KEYS_ALONE_MS 100
#define UI_KEYS_REST_MS 5000  /* the rest of a scan that came in pieces comes within */
#define UI_KEYS_DOUBT_MS 1000 /* a text so soon after a letter alone may be the rest of that */
#define UI_KEYS_MAX 4096      /* bytes of a burst and a NUL; QR codes hold at most 2953 */

enum ui_key {
	UI_KEY_OTHER, /* without a meaning here: Ctrl-C, F1, Tab ... */
	UI_KEY_CHARACTER,
	UI_KEY_UP,
	UI_KEY_DOWN,
	UI_KEY_LEFT,
	UI_KEY_RIGHT,
	UI_KEY_PAGE_UP,
	UI_KEY_PAGE_DOWN,
	UI_KEY_ENTER,
	UI_KEY_ESCAPE,
	UI_KEY_REDRAW, /* Ctrl-L */
	UI_KEY_F10
};

struct ui_press {
	enum ui_key key;
	char character; /* of UI_KEY_CHARACTER, ASCII */
};

struct ui_keys {
	const char *f10; /* this terminal's F10 beside ESC [ 2 1 ~; NULL: none */
	unsigned char bytes[UI_KEYS_MAX - 1];
	size_t used, at;     /* at: handed out so far, once complete */
	int64_t first, last; /* when the first and the last bytes were read (base/clock) */
	bool complete;       /* nothing more belongs to it */
	bool too_long;       /* bytes were lost: it is no scan and no key */
	bool ends;           /* this scanner ends its scans with Enter or Tab */
	int64_t rest_until;  /* after a piece: input before this time is its rest */
	int64_t doubt_until; /* after a letter alone: text before this time is its rest */
};

/* Bytes that were read at `now`. Complete input that was not handed out is lost. */
void ui_keys_feed(struct ui_keys *keys, const void *bytes, size_t length, int64_t now);

/* The input was seen empty at `now`. */
void ui_keys_quiet(struct ui_keys *keys, int64_t now);

enum ui_input {
	UI_INPUT_NONE,
	UI_INPUT_PRESS,    /* a key alone; or one of a cursor key that is held down */
	UI_INPUT_SCAN,     /* text, without the Enter or Tab at its end */
	UI_INPUT_PIECE,    /* a part of a scan: the scan must be repeated */
	UI_INPUT_TOO_LONG, /* more than UI_KEYS_MAX bytes without a pause */
};

/* The next key or scan of the complete input. `text` (of UI_KEYS_MAX bytes) is for a scan; a NUL in
 * it has become DEL. */
enum ui_input ui_keys_next(struct ui_keys *keys, struct ui_press *press, char *text);

/* The terminal's F10 by its description (TERM), such as ESC O x on a vt100. NULL: not described.
 * Static. */
const char *ui_keys_f10(void);

#endif
