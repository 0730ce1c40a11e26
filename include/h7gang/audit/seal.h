/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The seal that proves a row. */
#ifndef H7GANG_AUDIT_SEAL_H
#define H7GANG_AUDIT_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "h7gang/audit/key.h"

#define AUDIT_SEAL_LINE_MAX 256 /* bytes of a line of FILE.seal, with NUL */

/* The first seal by `key`, in the seals of these logs, of row `seq` or of a later one. `*of` gets
 * the sealed row, `line` the seal without LF. 1: found, 0: there is none, or a negative errno: they
 * cannot be read. */
int audit_seal_find(const char *const *paths, size_t count, const struct audit_key *key,
		    uint64_t seq, uint64_t *of, char line[AUDIT_SEAL_LINE_MAX]);

#endif
