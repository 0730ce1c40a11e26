/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "chain.h"

#include <string.h>

void chain_start(struct chain *chain)
{
	chain->seq = 0;
	memset(chain->hash, '0', CHAIN_HEX);
	chain->hash[CHAIN_HEX] = '\0';
}

int chain_hash(struct sha256 *sha, const char prev[CHAIN_HEX], const char *row, size_t length,
	       char hash[SHA256_HEX_SIZE])
{
	if (sha256_begin(sha) < 0 || sha256_update(sha, prev, CHAIN_HEX) < 0 ||
	    sha256_update(sha, "\n", 1) < 0 || sha256_update(sha, row, length) < 0)
		return -1;
	return sha256_end(sha, hash);
}
