/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls.h"

#include <gnutls/x509.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "web.h"

#define CHAIN_MAX 8
#define FILE_MAX (1u << 20)

/* One certificate with its key. A replaced one is not freed, since a handshake may still use it: a
 * few hundred bytes, a few times a year. */
struct identity {
	gnutls_pcert_st chain[CHAIN_MAX];
	unsigned count;
	gnutls_privkey_t key;
};

static struct {
	pthread_mutex_t lock;
	const char *certificate, *key; /* files */
	struct identity *now;
	struct timespec read_at[2];
} tls = {.lock = PTHREAD_MUTEX_INITIALIZER};

char *tls_file(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	struct stat st;

	if (file && fstat(fileno(file), &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_size <= (off_t)FILE_MAX && (text = malloc((size_t)st.st_size + 1))) {
		if (fread(text, 1, (size_t)st.st_size, file) == (size_t)st.st_size) {
			text[st.st_size] = 0;
		} else {
			free(text);
			text = NULL;
		}
	}
	if (file)
		fclose(file);
	return text;
}

static void forget(struct identity *identity)
{
	if (!identity)
		return;
	for (unsigned i = 0; i < identity->count; i++)
		gnutls_pcert_deinit(&identity->chain[i]);
	if (identity->key)
		gnutls_privkey_deinit(identity->key);
	free(identity);
}

static int load_chain(struct identity *identity, const char *text)
{
	gnutls_datum_t data = {(unsigned char *)(uintptr_t)text, (unsigned)strlen(text)};
	unsigned count = CHAIN_MAX;
	int rc = gnutls_pcert_list_import_x509_raw(identity->chain, &count, &data,
						   GNUTLS_X509_FMT_PEM, 0);

	identity->count = rc < 0 ? 0 : count;
	return rc;
}

static int load_key(struct identity *identity, const char *text)
{
	gnutls_datum_t data = {(unsigned char *)(uintptr_t)text, (unsigned)strlen(text)};
	int rc = gnutls_privkey_init(&identity->key);

	return rc < 0 ? rc
		      : gnutls_privkey_import_x509_raw(identity->key, &data, GNUTLS_X509_FMT_PEM,
						       NULL, 0);
}

/* Whether the key is that of the certificate: both files are replaced one after the other. */
static bool belongs(struct identity *identity)
{
	unsigned char a[64], b[64];
	size_t a_size = sizeof(a), b_size = sizeof(b);
	gnutls_pubkey_t public;
	bool same = false;

	if (gnutls_pubkey_init(&public) < 0)
		return false;
	same = gnutls_pubkey_import_privkey(public, identity->key, 0, 0) == 0 &&
	       gnutls_pubkey_get_key_id(public, GNUTLS_KEYID_USE_SHA256, a, &a_size) == 0 &&
	       gnutls_pubkey_get_key_id(identity->chain[0].pubkey, GNUTLS_KEYID_USE_SHA256, b,
					&b_size) == 0 &&
	       a_size == b_size && memcmp(a, b, a_size) == 0;
	gnutls_pubkey_deinit(public);
	return same;
}

/* NULL: `why`. */
static struct identity *load(char *why, size_t why_size)
{
	struct identity *identity = calloc(1, sizeof(*identity));
	char *chain = tls_file(tls.certificate), *key = tls_file(tls.key);
	int rc = 0;

	if (!identity || !chain || !key)
		snprintf(why, why_size, "%s: it cannot be read",
			 !chain ? tls.certificate : tls.key);
	else if ((rc = load_chain(identity, chain)) < 0)
		snprintf(why, why_size, "%s: %s", tls.certificate, gnutls_strerror(rc));
	else if ((rc = load_key(identity, key)) < 0)
		snprintf(why, why_size, "%s: %s", tls.key, gnutls_strerror(rc));
	else if (!belongs(identity))
		snprintf(why, why_size, "%s is not the key of %s", tls.key, tls.certificate);
	else
		why[0] = 0;
	if (key)
		explicit_bzero(key, strlen(key));
	free(key);
	free(chain);
	if (!why[0])
		return identity;
	forget(identity);
	return NULL;
}

static bool times(struct timespec at[2])
{
	struct stat st[2];

	if (stat(tls.certificate, &st[0]) != 0 || stat(tls.key, &st[1]) != 0)
		return false;
	at[0] = st[0].st_mtim;
	at[1] = st[1].st_mtim;
	return true;
}

bool tls_open(const char *certificate, const char *key, char *why, size_t why_size)
{
	tls.certificate = certificate;
	tls.key = key;
	times(tls.read_at);
	tls.now = load(why, why_size);
	return tls.now != NULL;
}

/* With the lock. An invalid pair leaves the old one in use. */
static void renew(void)
{
	struct timespec at[2];
	struct identity *fresh;
	char why[WEB_WHY] = "";

	if (!times(at) || memcmp(at, tls.read_at, sizeof(at)) == 0)
		return;
	fresh = load(why, sizeof(why));
	if (fresh) {
		tls.now = fresh;
		web_say("the certificate was read again");
	} else {
		web_say("%s; the certificate is that of before", why);
	}
	memcpy(tls.read_at, at, sizeof(at));
}

int tls_retrieve(gnutls_session_t session, const gnutls_datum_t *issuers, int issuer_count,
		 const gnutls_pk_algorithm_t *algorithms, int algorithm_count,
		 gnutls_pcert_st **certificates, unsigned *count, gnutls_privkey_t *key)
{
	(void)session;
	(void)issuers;
	(void)issuer_count;
	(void)algorithms;
	(void)algorithm_count;
	pthread_mutex_lock(&tls.lock);
	renew();
	*certificates = tls.now->chain;
	*count = tls.now->count;
	*key = tls.now->key;
	pthread_mutex_unlock(&tls.lock);
	return 0;
}

bool tls_peer(gnutls_session_t session, char *name, size_t size)
{
	const gnutls_datum_t *list;
	unsigned count = 0, status = 1;
	gnutls_x509_crt_t certificate;
	bool good;

	if (gnutls_certificate_verify_peers2(session, &status) != 0 || status != 0)
		return false;
	list = gnutls_certificate_get_peers(session, &count);
	if (!list || !count || gnutls_x509_crt_init(&certificate) < 0)
		return false;
	good = gnutls_x509_crt_import(certificate, &list[0], GNUTLS_X509_FMT_DER) == 0 &&
	       gnutls_x509_crt_get_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name,
					     &size) == 0;
	gnutls_x509_crt_deinit(certificate);
	return good;
}
