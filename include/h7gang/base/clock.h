/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The only access to time. Every reading and every wait of the program goes through here, on
 * CLOCK_MONOTONIC, so that a test bench can put a whole run on virtual time by interposing on
 * clock_gettime, clock_nanosleep and pthread_cond_timedwait alone. */
#ifndef H7GANG_BASE_CLOCK_H
#define H7GANG_BASE_CLOCK_H

#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdint.h>

#define CLOCK_NEVER INT64_MAX     /* a deadline that does not come */
#define CLOCK_MS INT64_C(1000000) /* nanoseconds in a millisecond */
#define CLOCK_TEXT_SIZE 25        /* "2026-11-22T14:03:12.345Z" and its NUL */

/* Monotonic nanoseconds. Only differences mean anything. */
int64_t clock_now(void);

/* Now plus `ms` milliseconds, saturating at CLOCK_NEVER. Negative counts as 0. */
int64_t clock_after_ms(int64_t ms);

/* Whole milliseconds from `since` (a clock_now value) until now, at least 0. */
int64_t clock_elapsed_ms(int64_t since);

/* The earlier of two deadlines. */
int64_t clock_earlier(int64_t a, int64_t b);

/* Sleeps until `deadline` (a clock_now value). Signals do not cut it short. */
void clock_sleep_until(int64_t deadline);

/* A condition variable that waits on this clock. Returns 0 or an errno value. */
int clock_cond_init(pthread_cond_t *cond);

/* Waits until woken or `deadline`; CLOCK_NEVER waits without one (only for the idle wait of a
 * thread that has nothing to lose). Returns false once the deadline has passed. May wake
 * spuriously, like any condition variable. */
bool clock_wait_until(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t deadline);

/* Takes a count from the semaphore. False if there was none until `deadline`. */
bool clock_sem_wait_until(sem_t *sem, int64_t deadline);

/* Waits up to `ms` for another program: until `fd` (-1: none) is ready for `events` (as poll), or
 * the time is over. The kernel counts this time, even if clock_now is virtual: a wait for a program
 * that does not run on virtual time must be in real time. Returns revents, 0 when the time is
 * over. */
short clock_wait_other(int fd, short events, int64_t ms);

/* Wall-clock nanoseconds since 1970 UTC: may jump, and never measures anything. */
int64_t clock_wall(void);

/* How long the computer has been suspended since it started, in ms: the lead of CLOCK_BOOTTIME over
 * CLOCK_MONOTONIC, which then stands still. Only differences mean anything; a reading may be wrong
 * by a fraction of CLOCK_SUSPENDED_MS. */
int64_t clock_suspended_ms(void);

/* The same since a reading of clock_suspended_ms; 0 unless it is CLOCK_SUSPENDED_MS or more. */
int64_t clock_suspended_since(int64_t reading);
#define CLOCK_SUSPENDED_MS 500

/* Finds steps of the wall clock, by CLOCK_BOOTTIME, which also counts while the computer sleeps. */
struct clock_steps {
	int64_t offset; /* wall clock less CLOCK_BOOTTIME, ns */
	bool started;
};

/* How far the wall clock was set since the last call, in ms: 0 unless it is a second or more (a
 * clock that is only slewed stays below that). The first call gives 0. */
int64_t clock_step_ms(struct clock_steps *steps);

/* Wall-clock time as UTC text for the log. */
void clock_wall_text(char text[CLOCK_TEXT_SIZE]);

#endif
