/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A station's connection to the store for questions while boards wait. It is opened when it is
 * needed and again when it is lost. While the store is away, a question takes a bounded time, and
 * questions soon after it take no time. */
#ifndef H7GANG_STORE_STATION_H
#define H7GANG_STORE_STATION_H

#include "h7gang/store/db.h"

#define STATION_ID_SIZE 33 /* 32 lower-case hex digits and a NUL */

#define STATION_PATIENCE_MS 5000 /* of a board, for one answer of the store */
#define STATION_PAUSE_MS 5000    /* after no answer, until it is asked again */
#define STATION_TURN_MS 180000   /* for the questions of all other boards */

struct station; /* thread-safe */

/* `name`: the station's name in the store; `log`: the path of its log, by which its claims are
 * found again. All are copied. Connects to nothing yet. NULL: no memory. */
struct station *station_open(const char *url, const char *name, const char *run_id,
			     const char *log);
void station_close(struct station *station);

const char *station_name(const struct station *station);
const char *station_url(const struct station *station);
const char *station_run(const struct station *station);

/* This machine and that log: the same at the next start. */
const char *station_owner(const struct station *station);

/* One transaction, in a store of this program's schema. `work` may be called several times, and its
 * changes may last even if the answer is DB_AWAY. So a repeated call must have no further effect.
 * Anything but DB_OK: `why`. */
enum db_error station_do(struct station *station, enum db_error (*work)(struct db *db, void *user),
			 void *user, char *why, size_t why_size);

/* The same for a board that waits at most until `deadline` (base/clock) for the questions that came
 * before its own: DB_AWAY then. station_do is as patient as STATION_TURN_MS. */
enum db_error station_do_until(struct station *station, int64_t deadline,
			       enum db_error (*work)(struct db *db, void *user), void *user,
			       char *why, size_t why_size);

/* Whether the store is still the one that this run began with, and no copy of the station is known
 * to work, without asking the store anything. Call it before giving out a leased number. False:
 * `why`, and from then on. */
bool station_intact(struct station *station, char *why, size_t why_size);

/* Whether the station's number file, read anew, has the name of that run (checkin.h). */
typedef bool station_knows(void *user, const char *name);

/* The run has checked in for that owner under that name, as the one of that number (checkin.h).
 * From now on each question looks first: a store that no longer has it counts as another one, and
 * one whose last check-in `knows` denies has a copy of this station at work. Either ends all
 * questions of this run. `knows` is called in a question: its caller may hold no lock that it
 * takes. */
void station_checked_in(struct station *station, const char *owner, const char *name, int64_t runs,
			station_knows *knows, void *user);

/* Whether `error` may end by itself: the store is away, and did not refuse. */
bool station_may_come_back(enum db_error error);

/* A random, unique ID. False: the kernel gives no random bytes. */
bool station_new_id(char id[STATION_ID_SIZE]);

/* Of this machine and a path on it. False: `id` is empty. */
bool station_place_id(const char *path, char id[STATION_ID_SIZE]);

#endif
