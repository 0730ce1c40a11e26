/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading the time, and sleeping. */
#include <errno.h>
#include <unistd.h>

#include "vtime.h"

enum { NS_IN_US = 1000 };
#define NS_IN_S UINT64_C(1000000000)

bool vtime_is_virtual(clockid_t clock)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		return vtime_on;
	default:
		return false; /* processor time stays real */
	}
}

uint64_t vtime_from_timespec(const struct timespec *time)
{
	if (time->tv_sec < 0)
		return 0;
	if ((uint64_t)time->tv_sec >= VTIME_NEVER / NS_IN_S - 1)
		return VTIME_NEVER;
	return (uint64_t)time->tv_sec * NS_IN_S + (uint64_t)time->tv_nsec;
}

struct timespec vtime_to_timespec(uint64_t ns)
{
	return (struct timespec){.tv_sec = (time_t)(ns / NS_IN_S), .tv_nsec = (long)(ns % NS_IN_S)};
}

uint64_t vtime_deadline(clockid_t clock, const struct timespec *at)
{
	uint64_t ns = vtime_from_timespec(at), base = vtime_base(clock);

	if (ns == VTIME_NEVER)
		return VTIME_NEVER;
	return ns > base ? ns - base : 0;
}

uint64_t vtime_after(uint64_t ns)
{
	uint64_t now = vtime_now();

	return ns >= VTIME_NEVER - now ? VTIME_NEVER : now + ns;
}

static uint64_t read_clock(clockid_t clock)
{
	return vtime_base(clock) + vtime_now();
}

VTIME_EXPORT int clock_gettime(clockid_t clock, struct timespec *time)
{
	if (!vtime_is_virtual(clock))
		return vtime_real()->clock_gettime(clock, time);
	*time = vtime_to_timespec(read_clock(clock));
	return 0;
}

VTIME_EXPORT int gettimeofday(struct timeval *restrict time, void *restrict zone)
{
	uint64_t ns;

	if (!vtime_on)
		return vtime_real()->gettimeofday(time, zone);
	ns = read_clock(CLOCK_REALTIME);
	time->tv_sec = (time_t)(ns / NS_IN_S);
	time->tv_usec = (suseconds_t)(ns % NS_IN_S / NS_IN_US);
	return 0;
}

VTIME_EXPORT time_t time(time_t *out)
{
	time_t now;

	if (!vtime_on)
		return vtime_real()->time(out);
	now = (time_t)(read_clock(CLOCK_REALTIME) / NS_IN_S);
	if (out)
		*out = now;
	return now;
}

VTIME_EXPORT int timespec_get(struct timespec *time, int base)
{
	if (!vtime_on || base != TIME_UTC)
		return vtime_real()->timespec_get(time, base);
	*time = vtime_to_timespec(read_clock(CLOCK_REALTIME));
	return base;
}

static int sleep_until(uint64_t deadline, struct timespec *left)
{
	int result;

	vtime_self();
	vtime_lock();
	result = vtime_block(NULL, deadline);
	if (result != EINTR)
		return 0;
	if (left) {
		uint64_t now = vtime_now();

		*left = vtime_to_timespec(deadline > now ? deadline - now : 0);
	}
	return EINTR;
}

VTIME_EXPORT int clock_nanosleep(clockid_t clock, int flags, const struct timespec *wanted,
				 struct timespec *left)
{
	if (!vtime_is_virtual(clock))
		return vtime_real()->clock_nanosleep(clock, flags, wanted, left);
	if (wanted->tv_nsec < 0 || wanted->tv_nsec >= (long)NS_IN_S)
		return EINVAL;
	if (flags & TIMER_ABSTIME)
		return sleep_until(vtime_deadline(clock, wanted), NULL);
	return sleep_until(vtime_after(vtime_from_timespec(wanted)), left);
}

VTIME_EXPORT int nanosleep(const struct timespec *wanted, struct timespec *left)
{
	int error = clock_nanosleep(CLOCK_REALTIME, 0, wanted, left);

	if (!error)
		return 0;
	errno = error;
	return -1;
}

VTIME_EXPORT int usleep(useconds_t us)
{
	const struct timespec wanted = vtime_to_timespec((uint64_t)us * NS_IN_US);

	return nanosleep(&wanted, NULL);
}

VTIME_EXPORT unsigned sleep(unsigned seconds)
{
	struct timespec left = {.tv_sec = (time_t)seconds};

	return nanosleep(&left, &left) < 0 ? (unsigned)left.tv_sec + (left.tv_nsec > 0) : 0;
}
