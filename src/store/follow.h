/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Follows the files of a log while it is written, from the store's head on, through rotations. */
#ifndef STORE_FOLLOW_H
#define STORE_FOLLOW_H

#include "intake.h"

struct follow {
	const char *path; /* borrowed */
	struct store_intake *intake;
	struct audit_walk *walk;         /* NULL: not begun */
	const struct audit_record *held; /* read, and not taken yet */
	bool (*stop)(void *user);        /* asked from time to time */
	void *user;
};

/* 0 or -1: no memory. */
int follow_open(struct follow *follow, const char *path, const char *station,
		bool (*stop)(void *user), void *user);
void follow_close(struct follow *follow);

/* Uses this connection from now on; NULL: none. */
void follow_use(struct follow *follow, struct db *db);

/* Takes the rows up to number `seq`, which are on disk. May be called again after any error. */
enum db_error follow_to(struct follow *follow, uint64_t seq);

/* The number of the last row that the store has of this log; false: it is not known yet. */
bool follow_head(const struct follow *follow, uint64_t *seq);

/* Whether the log was refused because it contradicts the store or itself. */
bool follow_contradicts(const struct follow *follow);

const char *follow_why(const struct follow *follow);
enum db_error follow_fail(struct follow *follow, enum db_error error, const char *why);

#endif
