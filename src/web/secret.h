/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random texts and hashes of secrets, by libcrypto. */
#ifndef WEB_SECRET_H
#define WEB_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#define SECRET_ITERATIONS 600000 /* OWASP Password Storage Cheat Sheet, PBKDF2-HMAC-SHA256 */
#define SECRET_HASH_SIZE 180

/* `bytes` random bytes as hex. False: none are available. */
bool secret_random(char *hex, size_t bytes);

/* "pbkdf2-sha256:ITERATIONS:SALT:HASH" of a password. */
bool secret_hash(const char *password, char hash[SECRET_HASH_SIZE]);

/* Whether it is the password of that hash. Takes the same time either way, also for an invalid
 * hash. */
bool secret_is(const char *password, const char *hash);

/* "sha256:HASH" of a token. A token is long and random, so SHA-256 is enough. */
bool secret_token(const char *token, char hash[SECRET_HASH_SIZE]);

/* Whether two texts are equal, in a time that does not depend on where they differ. */
bool secret_equal(const char *a, const char *b);

#endif
