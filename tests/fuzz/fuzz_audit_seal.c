/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line of FILE.seal. An accepted seal has only one spelling. */
#include <openssl/evp.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seal seal;
	char line[SEAL_LINE_MAX + AUDIT_SIGNATURE_SIZE];
	int n;

	if (!seal_parse(&seal, (const char *)data, size))
		return 0;
	n = snprintf(line, sizeof(line), "h7gang-seal-1 %" PRIu64 " %s %s %s ", seal.head.seq,
		     seal.head.hash, seal.time, seal.key_id);
	if (seal.signed_length != (size_t)n - 1)
		abort();
	n += EVP_EncodeBlock((unsigned char *)line + n, seal.signature, sizeof(seal.signature));
	if ((size_t)n != size || memcmp(line, data, size) != 0)
		abort();
	return 0;
}
