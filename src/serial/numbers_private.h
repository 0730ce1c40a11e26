/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of the numbers: numbers_held.c has them in memory, numbers_alone.c reads and
 * writes the number file and its second place, numbers_store.c gets them from the store, numbers.c
 * gives them to units. */
#ifndef SERIAL_NUMBERS_PRIVATE_H
#define SERIAL_NUMBERS_PRIVATE_H

#include <pthread.h>

#include "h7gang/serial/history.h"
#include "h7gang/serial/numbers.h"
#include "claims.h"
#include "index.h"
#include "leases.h"
#include "place.h"
#include "state.h"

/* A number that is given out. */
struct holding {
	char *number;
	uint64_t counter;
	char uid[25]; /* "" unknown */
	bool passed;
	bool working;           /* a unit of this process has it now */
	bool in_file, in_place; /* recorded there as taken */
	char *claimed;          /* of a given number: the unit with a claim in the store; owned */
	size_t before;          /* the holding that this UID had before, from 1; 0: none */
};

#define NOTICES 6
#define NOTICE_SIZE 480

struct numbers {
	const struct profile *profile;
	const struct profile_serial *serial;
	pthread_mutex_t lock;
	struct state state;
	struct holding *holding;
	size_t count, room;
	struct index by_number, by_uid; /* place in holding, from 1 */
	uint64_t next;                  /* counter: above all that are taken */
	size_t row;                     /* list: no row before it is free */
	bool broken;                    /* the state file could not be written or read */

	struct state place;     /* the second place; its fd is -1: none */
	char id[STATE_ID_SIZE]; /* of the state file; "" none yet */
	char *home;             /* path of the second place, as the state file says; NULL: none */
	char *file;             /* path of the state file, absolute */
	bool file_known;        /* the second place knows that path */
	size_t unread;          /* logs that cannot be read, or are not intact */
	char notice[NOTICES][NOTICE_SIZE];
	size_t notices;

	struct leases leases;    /* as in the state file */
	struct station *station; /* NULL: numbers come from the profile's range alone */
	const struct profile_store *store;
	struct pool pool;
	char list_sha256[SHA256_HEX_SIZE];
	bool checked_in;         /* this run has checked in with the store */
	bool old;                /* the store says that the state file is an old state or a copy */
	bool leasing;            /* a thread is getting numbers */
	pthread_cond_t leased;   /* that thread has ended, with or without numbers */
	int64_t lease_again;     /* no lease ahead of need before this time */
	struct claim_units open; /* boards about to get a number, announced to the store */
	struct claims claims;    /* of this station's units, in the store */
};

/* Notes that `number` was given to `uid`; a number keeps the UID it has. NULL: no memory. */
struct holding *numbers_note(struct numbers *numbers, const char *number, uint64_t counter,
			     const char *uid, bool passed);

/* Queues a message for the operator. */
void numbers_say(struct numbers *numbers, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Notes the number in one row of a log, which the state file may have lost. For history_read. */
bool numbers_row(void *user, const struct history_row *row);

/* The first number that is recorded nowhere as taken. Does not take it. */
bool numbers_next(struct numbers *numbers, struct profile_unit *unit);

/* Takes the locks of the state file and of the second place, and reads new lines of others. */
bool numbers_lock(struct numbers *numbers, char *why, size_t why_size);
void numbers_unlock(struct numbers *numbers);

/* Under these locks: writes the line to both files and syncs them, the second place first. */
bool numbers_write(struct numbers *numbers, const struct state_line *line, char *why,
		   size_t why_size);

/* Under the file's lock: opens the second place that a number file has from before it used a store,
 * so that its numbers stay taken. */
bool numbers_follow(struct numbers *numbers, char *why, size_t why_size);
/* The last number of a UID: one that passed, or else (with `open`) one that did not. */
struct holding *numbers_held_by(const struct numbers *numbers, const char *uid, bool passed,
				bool open);

/* The number of that holding for its board once more, if no other slot gives it to one now. */
enum numbers_result numbers_give_again(const struct numbers *numbers, const struct holding *holding,
				       struct profile_unit *unit, char *why, size_t why_size);

/* Whether the number file could be written so far. */
bool numbers_usable(const struct numbers *numbers, char *why, size_t why_size);

/* The number `at` of the counter, or of that row of the list, as `unit`. False: it has no text. */
bool numbers_at(const struct numbers *numbers, uint64_t at, struct profile_unit *unit);

/* Takes and releases the lock and that of the state file. */
bool numbers_lock_all(struct numbers *numbers, char *why, size_t why_size);
void numbers_unlock_all(struct numbers *numbers);

/* All of these with the lock held; it is released while the store is asked. */

/* Whether numbers may be given now. NUMBERS_OK: go on. */
enum numbers_result numbers_ready(struct numbers *numbers, char *why, size_t why_size);

/* Before a board gets a number: notes the number that the store has for it, and refuses a board
 * that another station is numbering. NUMBERS_OK: go on. */
enum numbers_result numbers_ask(struct numbers *numbers, const char *uid, const char *unit_id,
				char *why, size_t why_size);

/* Notes the number that the store has for that board, if any. */
void numbers_look_up(struct numbers *numbers, const char *uid);

/* Whether a unit may go on with a leased number after the store gave that error. */
enum numbers_result numbers_without_store(const struct numbers *numbers, enum db_error error);

/* A leased number for a board, on disk in the number file and noted in the store before it is
 * returned. As numbers_take. */
enum numbers_result numbers_use(struct numbers *numbers, const char *uid, const char *unit_id,
				struct profile_unit *unit, char *why, size_t why_size);

/* The state file's lock is held too: the next number that is leased. False: none, and `*left` is 0.
 */
bool numbers_draw(struct numbers *numbers, struct profile_unit *unit, uint64_t *left);

/* Gets numbers from the store. If another thread is getting some already, waits until it has ended.
 */
enum numbers_result numbers_lease(struct numbers *numbers, char *why, size_t why_size);

/* Few are left: gets more, if that is possible now. */
void numbers_look_ahead(struct numbers *numbers, uint64_t left);

/* The unit with that UID has ended. */
void numbers_claim_over(struct numbers *numbers, const char *uid, bool passed);

/* A unit without a pass has ended: tells the store, now or with the next question. */
void numbers_claim_ended(struct numbers *numbers, const char *unit_id, const char *uid);

/* The unit with that given number has ended. */
void numbers_given_over(struct numbers *numbers, const char *number, const char *uid, bool passed);

/* Returns unused numbers to the store, if the profile says so. */
void numbers_leave(struct numbers *numbers);

#endif
