/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A station's line to the store, for what it asks while boards wait: made when it is needed, made again when it
 * is lost. The store being away costs whoever asks a bounded time, and those who ask soon after nothing. */
#ifndef H7GANG_STORE_STATION_H
#define H7GANG_STORE_STATION_H

#include "h7gang/store/db.h"

#define STATION_ID_SIZE 33 /* 32 lower-case hex digits and a NUL */

#define STATION_PATIENCE_MS 5000 /* of a board, for one answer of the store */
#define STATION_PAUSE_MS 5000	 /* after no answer, until it is asked again */

struct station; /* thread-safe */

/* `name`: what the store calls the station; `log`: the path of its log, by which its claims are known again.
 * All are copied. Connects to nothing yet. NULL: no memory. */
struct station *station_open(const char *url, const char *name, const char *run_id,
			     const char *log);
void station_close(struct station *station);

const char *station_name(const struct station *station);
const char *station_run(const struct station *station);

/* This machine and that log: the same at the next start. */
const char *station_owner(const struct station *station);

/* One transaction, in a store of this program's schema. `work` may be called several times, and what it did may
 * stand though the answer is DB_AWAY: it must be such that doing it again does no more. Anything but DB_OK:
 * `why`. */
enum db_error station_do(struct station *station, enum db_error (*work)(struct db *db, void *user),
			 void *user, char *why, size_t why_size);

/* Whether `error` may be over by itself: the store is away, rather than that it says no. */
bool station_may_come_back(enum db_error error);

/* Of chance, for a name that nobody else has. False: the kernel gives none. */
bool station_new_id(char id[STATION_ID_SIZE]);

/* Of this machine and a path on it. False: `id` is empty. */
bool station_place_id(const char *path, char id[STATION_ID_SIZE]);

#endif
