/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One file of a log, row by row, each checked against the chain, also while it is written. Takes no
 * lock, changes nothing. The caller checks the predecessor of the first row. */
#ifndef H7GANG_AUDIT_WALK_H
#define H7GANG_AUDIT_WALK_H

#include "h7gang/audit/read.h"

struct audit_walk;

/* As audit_reader_open_any. */
enum audit_status audit_walk_open(const char *path, struct audit_walk **walk, char *why,
				  size_t why_size);
void audit_walk_close(struct audit_walk *walk);

/* The next row. ROW: it is valid and follows the one before it. BAD: it does not, and the walk
 * ends: audit_walk_why gives the reason. END and PARTIAL: a later call looks again. */
enum audit_read audit_walk_next(struct audit_walk *walk, const struct audit_record **record);
const char *audit_walk_why(const struct audit_walk *walk);

/* After ROW: its number and hashes. After BAD: the number that was expected there, and no hashes.
 */
struct audit_link {
	uint64_t seq;
	char prev_hash[SHA256_HEX_SIZE], row_hash[SHA256_HEX_SIZE];
};
const struct audit_link *audit_walk_link(const struct audit_walk *walk);

/* Its reader, which knows the columns. */
const struct audit_reader *audit_walk_reader(const struct audit_walk *walk);

/* Where the next row begins in the file, in bytes. */
uint64_t audit_walk_offset(const struct audit_walk *walk);

/* Syncs the file. `*size` is its size in bytes before that. 0 or a negative errno. */
int audit_walk_sync(const struct audit_walk *walk, uint64_t *size);

/* The header line of the file, as written. */
const char *audit_walk_header(const struct audit_walk *walk);

/* Whether `path` is this file, and not another that has taken its name. */
bool audit_walk_is(const struct audit_walk *walk, const char *path);

/* The files of the log that is written as `path`, the oldest first and `path` itself last, even if
 * it is missing. 0 or a negative errno. */
int audit_files(const char *path, char ***files, size_t *count);
void audit_files_free(char **files, size_t count);

#endif
