/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FILE.seal: signed heads of the log, one a line, only ever appended to:
 *
 *   h7gang-seal-1 SEQ ROW_HASH TIME KEY_ID SIGNATURE
 *
 * SIGNATURE is Ed25519 in base64 over the line up to, not including, the blank before it. A chain
 * cannot show that its end was cut off; a seal of a row that is missing does. */
#ifndef AUDIT_SEAL_H
#define AUDIT_SEAL_H

#include <stdbool.h>
#include <stdint.h>

#include "chain.h"
#include "h7gang/audit/audit.h"
#include "h7gang/audit/key.h"

#define SEAL_LINE_MAX 256 /* bytes with the LF */
#define SEAL_SIGNATURE_TEXT 88

struct seal {
	struct chain head;
	char time[CLOCK_TEXT_SIZE];
	char key_id[AUDIT_KEY_ID_SIZE];
	unsigned char signature[AUDIT_SIGNATURE_SIZE];
	size_t signed_length; /* of the line's beginning that is signed */
};

/* The line for a head, with LF and NUL. Its length, 0 when it cannot be signed. */
size_t seal_line(char line[SEAL_LINE_MAX], const struct chain *head, const struct audit_key *key);

/* Parses a line without LF; false: it is no seal. Does not check the signature. */
bool seal_parse(struct seal *seal, const char *line, size_t length);

/* Appends a seal of this head to `name` in `folder`, on disk when it returns. 0 or a negative
 * errno. */
int seal_append(int folder, const char *name, const struct chain *head,
		const struct audit_key *key);

#endif
