/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting for descriptors and for signals, both in the kernel. */

/* With it, glibc's headers define poll and ppoll inline, where this file defines the calls. */
#undef _FORTIFY_SOURCE

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "vtime.h"

enum { FEW = 16 };
#define NS_IN_MS UINT64_C(1000000)

/* `poked`: may return 0 before the deadline. */
static int poll_until(struct pollfd *fds, nfds_t count, uint64_t deadline, bool poked)
{
	struct pollfd few[FEW + 1], *copy = few;
	int result, error;

	if (count > FEW)
		copy = calloc(count + 1, sizeof(*copy));
	if (!copy) {
		errno = ENOMEM;
		return -1;
	}
	if (count)
		memcpy(copy, fds, count * sizeof(*copy));
	do
		result = vtime_block_poll(copy, count, deadline);
	while (result == 0 && !poked && vtime_now() < deadline);
	error = errno;
	for (nfds_t i = 0; i < count; i++)
		fds[i].revents = copy[i].revents;
	if (copy != few)
		free(copy);
	errno = error;
	return result;
}

VTIME_EXPORT int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *wait,
		       const sigset_t *mask)
{
	sigset_t old;
	int result;

	if (!vtime_on || (wait && !wait->tv_sec && !wait->tv_nsec))
		return vtime_real()->ppoll(fds, count, wait, mask);
	if (mask)
		pthread_sigmask(SIG_SETMASK, mask, &old);
	result = poll_until(fds, count, wait ? vtime_after(vtime_from_timespec(wait)) : VTIME_NEVER,
			    false);
	if (mask)
		pthread_sigmask(SIG_SETMASK, &old, NULL);
	return result;
}

VTIME_EXPORT int poll(struct pollfd *fds, nfds_t count, int ms)
{
	struct timespec wait = {0};

	if (ms >= 0)
		wait = vtime_to_timespec((uint64_t)ms * NS_IN_MS);
	return ppoll(fds, count, ms < 0 ? NULL : &wait, NULL);
}

/* The calls under _FORTIFY_SOURCE. */
VTIME_EXPORT int __ppoll_chk(struct pollfd *fds, nfds_t count, const struct timespec *wait,
			     const sigset_t *mask, size_t size);
VTIME_EXPORT int __ppoll_chk(struct pollfd *fds, nfds_t count, const struct timespec *wait,
			     const sigset_t *mask, size_t size)
{
	if (size / sizeof(*fds) < count)
		abort();
	return ppoll(fds, count, wait, mask);
}

VTIME_EXPORT int __poll_chk(struct pollfd *fds, nfds_t count, int ms, size_t size);
VTIME_EXPORT int __poll_chk(struct pollfd *fds, nfds_t count, int ms, size_t size)
{
	if (size / sizeof(*fds) < count)
		abort();
	return poll(fds, count, ms);
}

static bool in_set(int fd, const fd_set *set)
{
	return set && FD_ISSET(fd, set);
}

/* Waits as poll; then the real select reports the ready descriptors. */
VTIME_EXPORT int select(int count, fd_set *reads, fd_set *writes, fd_set *excepts,
			struct timeval *wait)
{
	struct pollfd fds[FD_SETSIZE + 1];
	struct timeval no_wait = {0};
	uint64_t deadline = VTIME_NEVER;
	nfds_t used = 0;

	if (!vtime_on || count > FD_SETSIZE || (wait && !wait->tv_sec && !wait->tv_usec))
		return vtime_real()->select(count, reads, writes, excepts, wait);
	for (int fd = 0; fd < count; fd++) {
		unsigned events = (in_set(fd, reads) ? POLLIN : 0U) |
				  (in_set(fd, writes) ? POLLOUT : 0U) |
				  (in_set(fd, excepts) ? POLLPRI : 0U);

		if (events)
			fds[used++] = (struct pollfd){.fd = fd, .events = (short)events};
	}
	if (wait)
		deadline = vtime_after((uint64_t)wait->tv_sec * 1000 * NS_IN_MS +
				       (uint64_t)wait->tv_usec * 1000);
	if (vtime_block_poll(fds, used, deadline) < 0)
		return -1;
	return vtime_real()->select(count, reads, writes, excepts, &no_wait);
}

VTIME_EXPORT int epoll_wait(int epoll, struct epoll_event *events, int count, int ms)
{
	struct pollfd fd = {.fd = epoll, .events = POLLIN};

	if (vtime_on && ms && poll(&fd, 1, ms) < 0)
		return -1;
	return vtime_real()->epoll_wait(epoll, events, count, vtime_on ? 0 : ms);
}

/* Returns the signal, or -1 with errno. */
static int take_signal(const sigset_t *set, siginfo_t *info, uint64_t deadline)
{
	struct signalfd_siginfo got;
	struct pollfd fd = {.fd = signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK), .events = POLLIN};
	ssize_t length = -1;
	int error = EAGAIN;

	if (fd.fd < 0)
		return -1;
	do {
		if (poll_until(&fd, 1, deadline, true) < 0) {
			error = errno;
			break;
		}
		/* Another thread may have been quicker. */
		length = read(fd.fd, &got, sizeof(got));
	} while (length != sizeof(got) && vtime_now() < deadline);
	close(fd.fd);
	if (length != sizeof(got)) {
		errno = error;
		return -1;
	}
	if (info) {
		memset(info, 0, sizeof(*info));
		info->si_signo = (int)got.ssi_signo;
		info->si_code = got.ssi_code;
		info->si_errno = got.ssi_errno;
		info->si_pid = (pid_t)got.ssi_pid;
		info->si_uid = got.ssi_uid;
		info->si_status = got.ssi_status;
	}
	return (int)got.ssi_signo;
}

VTIME_EXPORT int sigtimedwait(const sigset_t *restrict set, siginfo_t *restrict info,
			      const struct timespec *restrict wait)
{
	if (!vtime_on || (wait && !wait->tv_sec && !wait->tv_nsec))
		return vtime_real()->sigtimedwait(set, info, wait);
	return take_signal(set, info, wait ? vtime_after(vtime_from_timespec(wait)) : VTIME_NEVER);
}

VTIME_EXPORT int sigwaitinfo(const sigset_t *restrict set, siginfo_t *restrict info)
{
	return sigtimedwait(set, info, NULL);
}

VTIME_EXPORT int sigwait(const sigset_t *restrict set, int *restrict number)
{
	if (!vtime_on)
		return vtime_real()->sigwait(set, number);
	do
		*number = take_signal(set, NULL, VTIME_NEVER);
	while (*number < 0 && errno == EINTR);
	return *number < 0 ? errno : 0;
}
