/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The station's key: Ed25519 (RFC 8032) by libcrypto, in PEM files as openssl(1) writes and reads
 * them. */
#ifndef H7GANG_AUDIT_KEY_H
#define H7GANG_AUDIT_KEY_H

#include <stdbool.h>
#include <stddef.h>

#define AUDIT_KEY_ID_SIZE                                                                          \
	17 /* the first 16 digits of the SHA-256 of the public key as DER, NUL                     \
	    */
#define AUDIT_SIGNATURE_SIZE 64 /* bytes */

struct audit_key;

/* Makes a key: the private one in `path` (0600, PKCS #8), the public one in `path`.pub. Neither may
 * be there before. 0, or -1 and `why`. `id` gets its name. */
int audit_key_make(const char *path, char id[AUDIT_KEY_ID_SIZE], char *why, size_t why_size);

/* Loads a private key, which only its owner may be able to read. From then on the process leaves no
 * core dump and no other program can look into it. NULL: `why`. */
struct audit_key *audit_key_load(const char *path, char *why, size_t why_size);

/* Loads a public key. NULL: `why`. */
struct audit_key *audit_key_load_public(const char *path, char *why, size_t why_size);
void audit_key_free(struct audit_key *key);

const char *audit_key_id(const struct audit_key *key);

/* 0, or -1: libcrypto cannot. */
int audit_key_sign(const struct audit_key *key, const void *text, size_t length,
		   unsigned char signature[AUDIT_SIGNATURE_SIZE]);

/* 1: it is this key's signature, 0: it is not, -1: libcrypto cannot tell. */
int audit_key_verifies(const struct audit_key *key, const void *text, size_t length,
		       const unsigned char signature[AUDIT_SIGNATURE_SIZE]);

#endif
