/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "secret.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/base/sha256.h"

#define SALT_BYTES 16
#define HASH_BYTES 32
#define ITERATIONS_MAX 10000000

static void to_hex(const unsigned char *bytes, size_t count, char *hex)
{
	for (size_t i = 0; i < count; i++)
		snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
}

bool secret_random(char *hex, size_t bytes)
{
	unsigned char raw[64];

	if (bytes > sizeof(raw) || RAND_bytes(raw, (int)bytes) != 1)
		return false;
	to_hex(raw, bytes, hex);
	OPENSSL_cleanse(raw, sizeof(raw));
	return true;
}

/* The salt goes in as its hex text. */
static bool derive(const char *password, const char *salt, long iterations,
		   char hex[2 * HASH_BYTES + 1])
{
	unsigned char hash[HASH_BYTES];

	if (PKCS5_PBKDF2_HMAC(password, (int)strlen(password), (const unsigned char *)salt,
			      (int)strlen(salt), (int)iterations, EVP_sha256(), HASH_BYTES,
			      hash) != 1)
		return false;
	to_hex(hash, HASH_BYTES, hex);
	return true;
}

bool secret_hash(const char *password, char hash[SECRET_HASH_SIZE])
{
	char salt[2 * SALT_BYTES + 1], hex[2 * HASH_BYTES + 1];

	if (!secret_random(salt, SALT_BYTES) || !derive(password, salt, SECRET_ITERATIONS, hex))
		return false;
	snprintf(hash, SECRET_HASH_SIZE, "pbkdf2-sha256:%d:%s:%s", SECRET_ITERATIONS, salt, hex);
	return true;
}

bool secret_is(const char *password, const char *hash)
{
	char salt[2 * SALT_BYTES + 1], wanted[2 * HASH_BYTES + 1], hex[2 * HASH_BYTES + 1];
	long iterations = 0;
	bool form = sscanf(hash, "pbkdf2-sha256:%ld:%32[0-9a-f]:%64[0-9a-f]", &iterations, salt,
			   wanted) == 3 &&
		    iterations > 0 && iterations <= ITERATIONS_MAX &&
		    strlen(wanted) == 2 * HASH_BYTES;

	if (!form) {
		snprintf(salt, sizeof(salt), "0");
		snprintf(wanted, sizeof(wanted), "0");
		iterations = SECRET_ITERATIONS;
	}
	return derive(password, salt, iterations, hex) && secret_equal(hex, wanted) && form;
}

bool secret_token(const char *token, char hash[SECRET_HASH_SIZE])
{
	char hex[SHA256_HEX_SIZE];

	if (sha256_hex(token, strlen(token), hex) != 0)
		return false;
	snprintf(hash, SECRET_HASH_SIZE, "sha256:%s", hex);
	return true;
}

bool secret_equal(const char *a, const char *b)
{
	size_t length = strlen(a);

	return length == strlen(b) && CRYPTO_memcmp(a, b, length) == 0;
}
