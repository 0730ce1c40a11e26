/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random texts and hashes of secrets, by libcrypto. */
#ifndef WEB_SECRET_H
#define WEB_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#define SECRET_ITERATIONS 600000 /* OWASP Password Storage Cheat Sheet, PBKDF2-HMAC-SHA256 */
#define SECRET_HASH_SIZE 180

/* `bytes` random ones as hex. False: none are available. */
bool secret_random(char *hex, size_t bytes);

/* "pbkdf2-sha256:ITERATIONS:SALT:HASH" of a password. */
bool secret_hash(const char *password, char hash[SECRET_HASH_SIZE]);

/* Whether it is the password of that hash; takes the same time either way, also for a hash that is
 * none. */
bool secret_is(const char *password, const char *hash);

/* "sha256:HASH" of a token, which is random and long, and needs no more. */
bool secret_token(const char *token, char hash[SECRET_HASH_SIZE]);

/* Whether two texts are equal, in a time that does not tell where they differ. */
bool secret_equal(const char *a, const char *b);

#endif
