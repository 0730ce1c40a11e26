/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How far a publisher (h7gang-publish) has come in a log: LOG.published.NAME, one line
 * "h7gang-published-1 SEQ ROW_HASH". The publisher alone writes it; a station reads it. */
#ifndef H7GANG_AUDIT_PUBLISHED_H
#define H7GANG_AUDIT_PUBLISHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "h7gang/base/sha256.h"

#define AUDIT_PUBLISHED_NAME_SIZE 33  /* with NUL */
#define AUDIT_PUBLISHED_LINE_MAX 128  /* bytes of the file, with room for a NUL */
#define AUDIT_PUBLISHED_NAMES_MAX 16u /* publishers of one log */

struct audit_published {
	uint64_t seq; /* of the last row that its receiver has taken; at least 1 */
	char row_hash[SHA256_HEX_SIZE];
};

/* 1 to 32 letters, digits, _ and -, with a letter or digit first: no other file beside a log ends
 * like that. */
bool audit_published_name_ok(const char *name);

/* The file of `name`, beside the log or in `folder` (NULL: beside it). To be freed; NULL: no
 * memory. */
char *audit_published_path(const char *log, const char *folder, const char *name);

/* The text of such a file. False: it is none. */
bool audit_published_parse(const char *text, size_t length, struct audit_published *at);

/* 0; -ENOENT: that publisher has published nothing yet; -EBADMSG: not such a file; or another
 * negative errno. Reads a bounded number of bytes of a regular file only. */
int audit_published_read(const char *path, struct audit_published *at);

/* Whole or not at all, and synced. 0 or a negative errno. */
int audit_published_write(const char *path, const struct audit_published *at);

/* Holds PATH.lock for as long as the descriptor is open: one publisher of a name at a time. A
 * descriptor, -EAGAIN: another one holds it, or another negative errno. */
int audit_published_lock(const char *path);

/* The names of the publishers of a log, at most AUDIT_PUBLISHED_NAMES_MAX. Their number, or a
 * negative errno. */
int audit_published_names(const char *log, const char *folder,
			  char names[][AUDIT_PUBLISHED_NAME_SIZE]);

#endif
