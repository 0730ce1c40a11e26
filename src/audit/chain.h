/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hash chain:
 *
 *   row_hash = SHA-256( prev_hash LF row-up-to-and-including-the-comma-before-prev_hash )
 *
 * in lower-case hex; the first prev_hash is 64 zeros. No row needs this program to be checked:
 *
 *   tail -n +2 LOG | while IFS= read -r row; do
 *       hash=${row##*,} rest=${row%,*}
 *       prev=${rest##*,} body=${rest%,*},
 *       sum=$(printf '%s\n%s' "$prev" "$body" | sha256sum)
 *       [ "${sum%% *}" = "$hash" ] || echo "bad: $row"
 *   done
 *
 * (and each prev_hash must be the row_hash of the row before). tests/e2e/audit-shell.sh does that.
 */
#ifndef AUDIT_CHAIN_H
#define AUDIT_CHAIN_H

#include <stddef.h>
#include <stdint.h>

#include "h7gang/base/sha256.h"

#define CHAIN_HEX (SHA256_HEX_SIZE - 1)

struct chain {
	uint64_t seq; /* of the last row, 0: none */
	char hash[SHA256_HEX_SIZE];
};

void chain_start(struct chain *chain);

/* The hash of a row whose bytes up to and including the comma before prev_hash are `row`. 0 or -1.
 */
int chain_hash(struct sha256 *sha, const char prev[CHAIN_HEX], const char *row, size_t length,
	       char hash[SHA256_HEX_SIZE]);

#endif
