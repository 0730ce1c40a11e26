/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The certificate: read again when it changes, without a restart. */
#ifndef WEB_TLS_H
#define WEB_TLS_H

#include <gnutls/gnutls.h>
#include <gnutls/abstract.h>
#include <stdbool.h>
#include <stddef.h>

/* TLS 1.2 and later. */
#define TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

/* False: `why`. */
bool tls_open(const char *certificate, const char *key, char *why, size_t why_size);

/* Gives the certificate for a connection: MHD_OPTION_HTTPS_CERT_CALLBACK. */
int tls_retrieve(gnutls_session_t session, const gnutls_datum_t *issuers, int issuer_count,
		 const gnutls_pk_algorithm_t *algorithms, int algorithm_count,
		 gnutls_pcert_st **certificates, unsigned *count, gnutls_privkey_t *key);

/* A whole file, with a NUL; to be freed. NULL: it cannot be read. */
char *tls_file(const char *path);

/* The common name of the client's certificate, if it has one that the CA signed. */
bool tls_peer(gnutls_session_t session, char *name, size_t size);

#endif
