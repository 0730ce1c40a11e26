/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The seals of a log, checked against its rows while they are read. */
#ifndef AUDIT_SEALS_H
#define AUDIT_SEALS_H

#include "seal.h"

struct sealed_row {
	struct chain head;
	char time[CLOCK_TEXT_SIZE];
	const char *log; /* borrowed: the path of the log it belongs to */
	uint64_t line;   /* in LOG.seal */
	bool differs;    /* the row with this number has another hash */
};

struct seals {
	struct sealed_row *row; /* by seq, once sorted */
	size_t count, room;
	size_t own;       /* of them, those made with the key */
	uint64_t own_seq; /* the last row of those; 0: none */
	/* The first line that names this key without a valid signature of it; 0: none. */
	const char *forged_log;
	uint64_t forged_line;
	uint64_t other_keys, unreadable; /* lines */
};

/* Reads the seals of `name` in `folder`; `log` names their log in messages. The signatures of those
 * that name `key` are checked. Nothing checks those of other keys, or any if `key` is NULL; their
 * rows must be there all the same. A missing file is an empty one. 0 or a negative errno. May be
 * called for several files. */
int seals_load(struct seals *seals, const char *log, int folder, const char *name,
	       const struct audit_key *key);

/* Compares the head after a row with the seals of that row. */
void seals_row(struct seals *seals, const struct chain *head);

/* At the log's end: false, and the fault in `text`. */
bool seals_hold(const struct seals *seals, const struct chain *head, char *text, size_t size);

void seals_free(struct seals *seals);

#endif
