/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/audit/key.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "h7gang/base/durable.h"
#include "h7gang/base/secrets.h"
#include "h7gang/base/sha256.h"

#define PEM_MAX 4096
#define PRIVATE_MODE 0600
#define PUBLIC_MODE 0644

struct audit_key {
	EVP_PKEY *pkey;
	char id[AUDIT_KEY_ID_SIZE];
};

static int key_name(const EVP_PKEY *pkey, char id[AUDIT_KEY_ID_SIZE])
{
	char hex[SHA256_HEX_SIZE];
	unsigned char *der = NULL;
	int length = i2d_PUBKEY(pkey, &der);
	int rc = length > 0 ? sha256_hex(der, (size_t)length, hex) : -1;

	OPENSSL_free(der);
	if (rc < 0)
		return -1;
	memcpy(id, hex, AUDIT_KEY_ID_SIZE - 1);
	id[AUDIT_KEY_ID_SIZE - 1] = '\0';
	return 0;
}

/* Neither a core dump nor a debugger shall have the key. */
static bool close_process(char *why, size_t why_size)
{
	int rc = secrets_keep_in();

	if (rc < 0)
		snprintf(why, why_size, "core dumps cannot be turned off: %s", strerror(-rc));
	return rc == 0;
}

/* --- making --- */

static int save(int folder, const char *name, BIO *pem, mode_t mode)
{
	char *text;
	long length = BIO_get_mem_data(pem, &text);
	int fd = durable_open(folder, name, O_WRONLY | O_CREAT | O_EXCL, mode);
	int rc;

	if (fd < 0)
		return fd;
	/* The mode is right, less the bits that the umask removes. */
	rc = durable_write_all(fd, text, (size_t)length);
	if (rc == 0 && fsync(fd) < 0)
		rc = -errno;
	close(fd);
	if (rc < 0)
		durable_remove(folder, name);
	return rc;
}

static int save_pair(int folder, const char *name, BIO *pem, BIO *public_pem)
{
	char *public_name;
	int rc;

	if (asprintf(&public_name, "%s.pub", name) < 0)
		return -ENOMEM;
	rc = save(folder, public_name, public_pem, PUBLIC_MODE);
	if (rc == 0) {
		rc = save(folder, name, pem, PRIVATE_MODE);
		if (rc < 0)
			durable_remove(folder, public_name);
	}
	if (rc == 0)
		rc = durable_sync_folder(folder);
	free(public_name);
	return rc;
}

int audit_key_make(const char *path, char id[AUDIT_KEY_ID_SIZE], char *why, size_t why_size)
{
	EVP_PKEY *pkey = NULL;
	BIO *pem = BIO_new(BIO_s_secmem()), *public_pem = BIO_new(BIO_s_mem());
	const char *name;
	int folder = -1, rc = -1;

	if (!close_process(why, why_size))
		goto out;
	pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	if (!pkey || !pem || !public_pem || key_name(pkey, id) < 0 ||
	    PEM_write_bio_PKCS8PrivateKey(pem, pkey, NULL, NULL, 0, NULL, NULL) != 1 ||
	    PEM_write_bio_PUBKEY(public_pem, pkey) != 1) {
		snprintf(why, why_size, "libcrypto could not create an Ed25519 key");
		goto out;
	}
	folder = durable_folder(path, false, &name);
	rc = folder < 0 ? folder : save_pair(folder, name, pem, public_pem);
	if (rc == -EEXIST)
		snprintf(why, why_size, "%s or %s.pub is there already", path, path);
	else if (rc < 0)
		snprintf(why, why_size, "%s: %s", path, strerror(-rc));
out:
	if (folder >= 0)
		close(folder);
	BIO_free(public_pem);
	BIO_free(pem);
	EVP_PKEY_free(pkey);
	return rc < 0 ? -1 : 0;
}

/* --- loading --- */

/* A station runs unattended: no one is asked for a password. */
static int no_password(char *buffer, int size, int writing, void *user)
{
	(void)buffer;
	(void)size;
	(void)writing;
	(void)user;
	return -1;
}

static ssize_t read_whole(int fd, char *text, size_t size)
{
	size_t used = 0;

	while (used < size) {
		ssize_t n = read(fd, text + used, size - used);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		used += (size_t)n;
	}
	return (ssize_t)used;
}

/* The file's text in `text`; its length, or -1 and `why`. */
static ssize_t read_pem(const char *path, bool is_private, char text[PEM_MAX], char *why,
			size_t why_size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	ssize_t n = -1;

	if (fd < 0 && errno == ENOENT && is_private) {
		snprintf(why, why_size,
			 "%s: no such key: h7gang audit keygen makes one, or restore the station's",
			 path);
	} else if (fd < 0 || fstat(fd, &st) < 0) {
		snprintf(why, why_size, "%s: %s", path, strerror(errno));
	} else if (!S_ISREG(st.st_mode) || st.st_size > PEM_MAX) {
		snprintf(why, why_size, "%s: not a key file", path);
	} else if (is_private && (st.st_mode & 077)) {
		snprintf(why, why_size,
			 "%s: others may read this private key (mode %04o): chmod 600 it, and "
			 "consider it known",
			 path, (unsigned)st.st_mode & 07777);
	} else {
		n = read_whole(fd, text, PEM_MAX);
		if (n < 0)
			snprintf(why, why_size, "%s: %s", path, strerror((int)-n));
	}
	if (fd >= 0)
		close(fd);
	return n < 0 ? -1 : n;
}

static struct audit_key *load(const char *path, bool is_private, char *why, size_t why_size)
{
	char text[PEM_MAX];
	ssize_t length = read_pem(path, is_private, text, why, why_size);
	struct audit_key *key = NULL;
	BIO *pem = NULL;

	if (length < 0)
		return NULL;
	snprintf(why, why_size, "%s: no memory", path);
	key = calloc(1, sizeof(*key));
	pem = BIO_new_mem_buf(text, (int)length);
	if (!key || !pem)
		goto err;
	key->pkey = is_private ? PEM_read_bio_PrivateKey(pem, NULL, no_password, NULL)
			       : PEM_read_bio_PUBKEY(pem, NULL, no_password, NULL);
	if (!key->pkey || EVP_PKEY_get_id(key->pkey) != EVP_PKEY_ED25519 ||
	    key_name(key->pkey, key->id) < 0) {
		snprintf(why, why_size, "%s: not an Ed25519 %s key in PEM without a password", path,
			 is_private ? "private" : "public");
		goto err;
	}
	goto out;
err:
	audit_key_free(key);
	key = NULL;
out:
	BIO_free(pem);
	OPENSSL_cleanse(text, sizeof(text));
	return key;
}

struct audit_key *audit_key_load(const char *path, char *why, size_t why_size)
{
	return close_process(why, why_size) ? load(path, true, why, why_size) : NULL;
}

struct audit_key *audit_key_load_public(const char *path, char *why, size_t why_size)
{
	return load(path, false, why, why_size);
}

void audit_key_free(struct audit_key *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->pkey); /* which wipes it */
	free(key);
}

const char *audit_key_id(const struct audit_key *key)
{
	return key->id;
}

/* --- signatures --- */

int audit_key_sign(const struct audit_key *key, const void *text, size_t length,
		   unsigned char signature[AUDIT_SIGNATURE_SIZE])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t size = AUDIT_SIGNATURE_SIZE;
	bool good = context && EVP_DigestSignInit(context, NULL, NULL, NULL, key->pkey) == 1 &&
		    EVP_DigestSign(context, signature, &size, text, length) == 1 &&
		    size == AUDIT_SIGNATURE_SIZE;

	EVP_MD_CTX_free(context);
	return good ? 0 : -1;
}

int audit_key_verifies(const struct audit_key *key, const void *text, size_t length,
		       const unsigned char signature[AUDIT_SIGNATURE_SIZE])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	int verifies = -1;

	if (context && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key->pkey) == 1)
		verifies = EVP_DigestVerify(context, signature, AUDIT_SIGNATURE_SIZE, text,
					    length) == 1;
	EVP_MD_CTX_free(context);
	return verifies;
}
