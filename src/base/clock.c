/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/base/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S INT64_C(1000000000)
#define STEP_MS 1000                  /* less is taken for slewing */
#define STEP_READ_NS (100 * CLOCK_MS) /* that three readings may take */
#define STEP_TRIES 5

static struct timespec to_timespec(int64_t ns)
{
	struct timespec ts;

	if (ns < 0)
		ns = 0;
	ts.tv_sec = (time_t)(ns / NS_PER_S);
	ts.tv_nsec = (long)(ns % NS_PER_S);
	return ts;
}

int64_t clock_now(void)
{
	struct timespec ts = {0};

	/* Cannot fail on Linux: CLOCK_MONOTONIC always exists. */
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

int64_t clock_after_ms(int64_t ms)
{
	int64_t now = clock_now();

	if (ms <= 0)
		return now;
	if (ms > (CLOCK_NEVER - now) / CLOCK_MS)
		return CLOCK_NEVER;
	return now + ms * CLOCK_MS;
}

int64_t clock_elapsed_ms(int64_t since)
{
	int64_t ns = clock_now() - since;

	return ns > 0 ? ns / CLOCK_MS : 0;
}

int64_t clock_earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

void clock_sleep_until(int64_t deadline)
{
	struct timespec ts = to_timespec(deadline);

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
		;
}

int clock_cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;
	int err = pthread_condattr_init(&attr);

	if (err)
		return err;
	err = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	if (!err)
		err = pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
	return err;
}

bool clock_wait_until(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t deadline)
{
	struct timespec ts;

	if (deadline == CLOCK_NEVER) {
		pthread_cond_wait(cond, mutex);
		return true;
	}
	ts = to_timespec(deadline);
	if (pthread_cond_timedwait(cond, mutex, &ts) == 0)
		return true;
	/* An answer other than ETIMEDOUT must not turn the caller's loop into a busy or an endless
	 * one: only the clock says whether the deadline has passed. */
	return clock_now() < deadline;
}

bool clock_sem_wait_until(sem_t *sem, int64_t deadline)
{
	struct timespec ts = to_timespec(deadline);

	while (sem_clockwait(sem, CLOCK_MONOTONIC, &ts) != 0) {
		/* EINTR, or an early answer: only the clock tells that the deadline has passed. */
		if (errno != EINTR && clock_now() >= deadline)
			return false;
	}
	return true;
}

short clock_wait_other(int fd, short events, int64_t ms)
{
	struct pollfd look = {.fd = fd, .events = events};
	struct timespec left =
		to_timespec(ms > CLOCK_NEVER / CLOCK_MS ? CLOCK_NEVER : ms * CLOCK_MS);
	long ready;

	/* The system call itself, which writes the remaining time into `left`, so that signals do
	 * not draw the wait out. */
	do {
		ready = syscall(SYS_ppoll, &look, fd < 0 ? 0UL : 1UL, &left, NULL, (size_t)0);
	} while (ready < 0 && errno == EINTR);
	return ready > 0 ? look.revents : 0;
}

int64_t clock_wall(void)
{
	struct timespec ts = {0};

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

void clock_wall_text(char text[CLOCK_TEXT_SIZE])
{
	struct timespec ts = {0};
	struct tm tm;
	char whole[32];

	clock_gettime(CLOCK_REALTIME, &ts);
	if (!gmtime_r(&ts.tv_sec, &tm) || tm.tm_year < -1900 || tm.tm_year > 8099) {
		/* A clock beyond four-digit years is not set: the epoch shows it as such. */
		memcpy(text, "1970-01-01T00:00:00.000Z", CLOCK_TEXT_SIZE);
		return;
	}
	if (strftime(whole, sizeof(whole), "%Y-%m-%dT%H:%M:%S", &tm) != 19)
		memcpy(whole, "1970-01-01T00:00:00", 20);
	snprintf(text, CLOCK_TEXT_SIZE, "%.19s.%03uZ", whole,
		 (unsigned)((unsigned long)ts.tv_nsec / 1000000 % 1000));
}

static int64_t reading(clockid_t clock)
{
	struct timespec ts = {0};

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

int64_t clock_suspended_ms(void)
{
	int64_t best = INT64_MAX, suspended = 0;

	/* A thread that is held up between two readings would see a suspend: the closest pair
	 * counts. */
	for (int i = 0; i < STEP_TRIES && best >= STEP_READ_NS; i++) {
		int64_t before = reading(CLOCK_MONOTONIC);
		int64_t boot = reading(CLOCK_BOOTTIME);
		int64_t after = reading(CLOCK_MONOTONIC);

		if (after - before < best) {
			best = after - before;
			suspended = boot - after;
		}
	}
	return suspended / CLOCK_MS;
}

int64_t clock_suspended_since(int64_t since)
{
	int64_t suspended = clock_suspended_ms() - since;

	return suspended >= CLOCK_SUSPENDED_MS ? suspended : 0;
}

int64_t clock_step_ms(struct clock_steps *steps)
{
	int64_t before = 0, wall = 0, after = STEP_READ_NS, step = 0;

	/* A thread that is held up between two readings would see a step. */
	for (int i = 0; i < STEP_TRIES && after - before >= STEP_READ_NS; i++) {
		before = reading(CLOCK_BOOTTIME);
		wall = reading(CLOCK_REALTIME);
		after = reading(CLOCK_BOOTTIME);
	}
	if (after - before >= STEP_READ_NS)
		return 0;
	if (steps->started)
		step = (wall - before - steps->offset) / CLOCK_MS;
	steps->started = true;
	steps->offset = wall - before;
	return step >= STEP_MS || step <= -STEP_MS ? step : 0;
}
