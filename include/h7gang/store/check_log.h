/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a log is the one that the store has, before a run goes on with it. */
#ifndef H7GANG_STORE_CHECK_LOG_H
#define H7GANG_STORE_CHECK_LOG_H

#include "h7gang/store/db.h"

/* Compares the log's file with the rows of it that the store has; takes no rows. `station`: as in
 * store_push. DB_REFUSED: it was cut, changed or forked, `why` says so, and the store keeps it as
 * an incident. DB_AWAY: no answer. DB_OK also for a log that the store does not know. */
enum db_error store_check_log(const char *url, int64_t patience_ms, const char *path,
			      const char *station, char *why, size_t why_size);

#endif
