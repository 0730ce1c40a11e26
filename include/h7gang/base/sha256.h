/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SHA-256 over libcrypto (FIPS 180-4). */
#ifndef H7GANG_BASE_SHA256_H
#define H7GANG_BASE_SHA256_H

#include <stdbool.h>
#include <stddef.h>

#define SHA256_HEX_SIZE 65 /* 64 lower-case hex digits and a NUL */

struct sha256; /* one running hash; not shared between threads */

/* Whether libcrypto has started. Ask once, before any other use of it: OpenSSL 3.0 crashes if its
 * start failed for lack of memory. Its memory stays until the process ends: a thread that a disk
 * has held up may still hash while main returns. */
bool sha256_ready(void);

/* NULL when memory is out. Free with sha256_free (NULL is allowed). */
struct sha256 *sha256_new(void);
void sha256_free(struct sha256 *hash);

/* Starts over. Returns 0, or -1 when libcrypto refuses. */
int sha256_begin(struct sha256 *hash);
int sha256_update(struct sha256 *hash, const void *data, size_t length);

/* Ends the hash and writes it as hex. After it only sha256_begin or sha256_free may follow. */
int sha256_end(struct sha256 *hash, char hex[SHA256_HEX_SIZE]);

/* All of it at once. Returns 0 or -1. */
int sha256_hex(const void *data, size_t length, char hex[SHA256_HEX_SIZE]);

#endif
