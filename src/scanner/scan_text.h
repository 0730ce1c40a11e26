/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of a scan while it comes in. */
#ifndef SCANNER_SCAN_TEXT_H
#define SCANNER_SCAN_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCAN_TEXT_MAX 4096
#define SCAN_SILENCE_MS 100 /* this pause ends a scan that has no end character */

struct scan_text {
	char bytes[SCAN_TEXT_MAX];
	size_t used;
	bool spoilt; /* something of it is lost */
};

void scan_text_add(struct scan_text *text, uint32_t character);
void scan_text_add_byte(struct scan_text *text,
			unsigned byte); /* of a text that is UTF-8 already */

/* Whether a Tab stands at its end, as some scanners end a scan. */
bool scan_text_ends(const struct scan_text *text);

/* Ends it: true, and `bytes` is the scan, if there is anything in it; tabs at its end are no part
 * of it. A damaged or too long text is no scan, and `spoilt` is true after it. */
bool scan_text_end(struct scan_text *text);

#endif
