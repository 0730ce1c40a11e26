/* SPDX-License-Identifier: GPL-2.0-or-later */
/* LOG.published.NAME. An accepted position is equal to its written form, byte by byte. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/audit/published.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct audit_published at;
	char line[AUDIT_PUBLISHED_LINE_MAX];
	int n;

	if (!audit_published_parse((const char *)data, size, &at))
		return 0;
	n = snprintf(line, sizeof(line), "h7gang-published-1 %" PRIu64 " %s\n", at.seq,
		     at.row_hash);
	if (at.seq == 0 || (size_t)n != size || memcmp(line, data, size) != 0)
		abort();
	return 0;
}
