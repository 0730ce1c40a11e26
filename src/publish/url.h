/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The address of a receiver, and the files with passwords, tokens and keys. */
#ifndef PUBLISH_URL_H
#define PUBLISH_URL_H

#include "publish.h"

struct url {
	char host[256]; /* without the brackets of IPv6 */
	unsigned port;
	bool tls;
};

/* `scheme` is the one without TLS; "s" behind it adds TLS. False: `why`. A secret goes to another
 * computer only through TLS. */
bool url_read(const char *url, const char *scheme, bool secret, struct url *address, char *why,
	      size_t why_size);

/* The first line of a file that only its owner can read. False: `why`. */
bool url_secret(const char *path, char text[PUBLISH_ONE_TEXT], char *why, size_t why_size);

/* The named TLS files must exist, and only its owner can read the key. False: `why`. */
bool url_files(const struct publish_options *options, char *why, size_t why_size);

#endif
