/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by supervisor and workers: the run's options, which no thread writes, and the few things
 * that go between them, each behind its own lock. */
#ifndef GANG_GANG_H
#define GANG_GANG_H

#include <pthread.h>
#include <stdatomic.h>

#include "h7gang/gang/gang.h"

struct leftovers;
struct limits;
struct numbers;
struct station;
struct uids;

/* Events before the log is known, the first ones and the last one. */
#define GANG_EARLY_MAX 16
struct gang_early {
	unsigned count; /* of all; more than GANG_EARLY_MAX: the others were not kept */
	char text[GANG_EARLY_MAX][AUDIT_TEXT_MAX];
};

struct gang {
	const struct gang_options *options;
	struct usb_bus *bus;
	struct uids *uids;
	struct limits *limits;   /* NULL: none asked for */
	struct numbers *numbers; /* NULL: boards have no data of their own */
	struct station *station; /* NULL: no store, or nothing to ask of it */
	char run_id[37];
	unsigned targets; /* how many devices may be open at once */
	/* As they are now. The lot and its log change only while no unit runs; a worker keeps a
	 * copy of those that it started with. The supervisor's alone. */
	struct audit_log *log;
	const char *log_path;
	char lot[AUDIT_TEXT_MAX], operator_name[AUDIT_TEXT_MAX];
	struct gang_early early;
	atomic_uint units; /* numbered from 1 */
	atomic_int stop;   /* signals so far: 1 finish running units, 2 stop at a safe point */
	atomic_bool log_failed;
	atomic_bool numbers_failed;       /* the number file cannot be used: no unit starts */
	_Atomic int64_t flash_busy_until; /* of boards that failed and are still there (base/clock)
					   */

	struct leftovers *leftovers; /* of hooks; NULL: only their process groups are ended */

	pthread_mutex_t event_lock; /* one event at a time */

	pthread_mutex_t mail_lock; /* wakes the supervisor */
	pthread_cond_t mail;
	bool news;
};

/* Rows that are not on disk by then count as NOT RECORDED: a disk may hang. */
#define GANG_RECORD_MS 30000

/* False: no memory. */
bool gang_locks_init(struct gang *gang);
void gang_locks_destroy(struct gang *gang);

/* Stamps the event with the time and publishes it. */
void gang_emit(struct gang *gang, struct gang_event *event);

/* Makes the supervisor look. From any thread. */
void gang_wake(struct gang *gang);

/* For the supervisor: waits until it is woken, at most until `deadline`. */
void gang_wait(struct gang *gang, int64_t deadline);

#endif
