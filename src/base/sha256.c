/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/base/sha256.h"

#include <stdlib.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#define SHA256_BYTES 32

struct sha256 {
	EVP_MD_CTX *context;
};

bool sha256_ready(void)
{
	return OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL) == 1 &&
	       OSSL_LIB_CTX_get0_global_default() != NULL;
}

struct sha256 *sha256_new(void)
{
	struct sha256 *hash = malloc(sizeof(*hash));

	if (!hash)
		return NULL;
	hash->context = EVP_MD_CTX_new();
	if (!hash->context) {
		free(hash);
		return NULL;
	}
	return hash;
}

void sha256_free(struct sha256 *hash)
{
	if (!hash)
		return;
	EVP_MD_CTX_free(hash->context);
	free(hash);
}

int sha256_begin(struct sha256 *hash)
{
	return EVP_DigestInit_ex(hash->context, EVP_sha256(), NULL) == 1 ? 0 : -1;
}

int sha256_update(struct sha256 *hash, const void *data, size_t length)
{
	return EVP_DigestUpdate(hash->context, data, length) == 1 ? 0 : -1;
}

static void to_hex(const unsigned char *digest, char hex[SHA256_HEX_SIZE])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < SHA256_BYTES; i++) {
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 15];
	}
	hex[SHA256_HEX_SIZE - 1] = '\0';
}

int sha256_end(struct sha256 *hash, char hex[SHA256_HEX_SIZE])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned length = 0;

	if (EVP_DigestFinal_ex(hash->context, digest, &length) != 1 || length != SHA256_BYTES)
		return -1;
	to_hex(digest, hex);
	return 0;
}

int sha256_hex(const void *data, size_t length, char hex[SHA256_HEX_SIZE])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned written = 0;

	if (EVP_Digest(data, length, digest, &written, EVP_sha256(), NULL) != 1 ||
	    written != SHA256_BYTES)
		return -1;
	to_hex(digest, hex);
	return 0;
}
