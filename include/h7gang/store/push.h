/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logs into the store. */
#ifndef H7GANG_STORE_PUSH_H
#define H7GANG_STORE_PUSH_H

#include <stdbool.h>
#include <stdint.h>

#include "h7gang/store/db.h"

struct store_pushed {
	uint64_t rows;  /* brought into the store */
	uint64_t known; /* that it had */
	bool early;     /* refused: the file before this one must be pushed first */
};

/* Brings one file of a log into the store, in the name of `station`. `whole`: the log goes on in no
 * other file. DB_REFUSED: the file and the store contradict each other; `why` names log and row,
 * and the store keeps it. DB_OTHER with `why`: the file cannot be read. */
enum db_error store_push(struct db *db, const char *path, bool whole, const char *station,
			 struct store_pushed *pushed, char *why, size_t why_size);

#endif
