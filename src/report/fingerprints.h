/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts known by a fingerprint of 64 bits, each with a number: for millions of texts that are not
 * worth keeping. At most 24 bytes for each. Among ten million texts, the chance that two have one
 * fingerprint is below 1 in 100,000. */
#ifndef REPORT_FINGERPRINTS_H
#define REPORT_FINGERPRINTS_H

#include <stddef.h>
#include <stdint.h>

struct fingerprints {
	uint64_t *print;
	uint32_t *value;
	size_t count;
	/* inside: */
	size_t room, buckets;
	uint32_t *bucket; /* index + 1, 0: free */
};

enum fingerprint_found { FINGERPRINT_NEW, FINGERPRINT_KNOWN, FINGERPRINT_NO_MEMORY };

/* The fingerprint of a text behind others, whose fingerprint is `before`; 0: it is the first. */
uint64_t fingerprint_of(uint64_t before, const char *text, size_t length);

/* Adds the fingerprint with `*value`. If it is known, `*value` gets the number that it was added
 * with. */
enum fingerprint_found fingerprints_take(struct fingerprints *prints, uint64_t print,
					 uint32_t *value);
void fingerprints_free(struct fingerprints *prints);

#endif
