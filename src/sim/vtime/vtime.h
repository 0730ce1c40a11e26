/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Virtual time in an unchanged program: loaded before libc, it replaces functions that read the
 * time or wait. While any thread of the program can run, time stands still. When all wait, it tells
 * the fleet's server the earliest deadline, and the server sets the clock to the next event. A
 * thread that is woken counts as runnable from that moment, not only when the kernel runs it.
 *
 * Not covered: a thread that waits for a mutex counts as runnable, so a mutex must not be held over
 * a wait; and a signal handler must not call the functions replaced here. */
#ifndef SIM_VTIME_H
#define SIM_VTIME_H

#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/time.h>
#include <time.h>

#define VTIME_NEVER UINT64_MAX
#define VTIME_EXPORT __attribute__((visibility("default")))

struct vtime_thread {
	struct vtime_thread *next, **link; /* waiting, in order of arrival */
	struct vtime_thread *next_alive, **alive_link;
	pthread_t id;
	void *(*start)(void *);
	void *argument;
	_Atomic uint32_t awake; /* futex */
	bool waiting, expired;
	const void *object; /* condition variable, semaphore or thread waited for */
	uint64_t deadline;  /* fleet time */
	struct pollfd *fds; /* that it waits for in the kernel; the last one is `bell` */
	nfds_t fd_count;
	int bell;  /* eventfd, -1 until needed */
	bool rung; /* `bell` was written and not read yet */
};

/* The replaced functions. */
struct vtime_real {
	int (*clock_gettime)(clockid_t, struct timespec *);
	int (*gettimeofday)(struct timeval *restrict, void *restrict);
	time_t (*time)(time_t *);
	int (*timespec_get)(struct timespec *, int);
	int (*clock_nanosleep)(clockid_t, int, const struct timespec *, struct timespec *);
	int (*cond_wait)(pthread_cond_t *, pthread_mutex_t *);
	int (*cond_timedwait)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
	int (*cond_clockwait)(pthread_cond_t *, pthread_mutex_t *, clockid_t,
			      const struct timespec *);
	int (*cond_signal)(pthread_cond_t *);
	int (*cond_broadcast)(pthread_cond_t *);
	int (*thread_create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
	int (*thread_join)(pthread_t, void **);
	int (*ppoll)(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);
	int (*select)(int, fd_set *, fd_set *, fd_set *, struct timeval *);
	int (*epoll_wait)(int, struct epoll_event *, int, int);
	int (*sigtimedwait)(const sigset_t *, siginfo_t *, const struct timespec *);
	int (*sigwait)(const sigset_t *, int *);
	int (*thread_kill)(pthread_t, int);
	int (*sem_wait)(sem_t *);
	int (*sem_timedwait)(sem_t *, const struct timespec *);
	int (*sem_clockwait)(sem_t *, clockid_t, const struct timespec *);
	int (*sem_post)(sem_t *);
};

extern bool vtime_on;
const struct vtime_real *vtime_real(void);

uint64_t vtime_now(void);             /* fleet time */
uint64_t vtime_base(clockid_t clock); /* that clock's reading minus fleet time */
bool vtime_is_virtual(clockid_t clock);
uint64_t vtime_from_timespec(const struct timespec *time);
struct timespec vtime_to_timespec(uint64_t ns);
uint64_t vtime_deadline(clockid_t clock, const struct timespec *at); /* as fleet time */
uint64_t vtime_after(uint64_t ns);

void vtime_lock(void);
void vtime_unlock(void);

struct vtime_thread *vtime_self(void); /* without the lock at the first call in each thread */
/* With the lock: waits for `object` to be signalled. Returns without the lock: 0, ETIMEDOUT or
 * EINTR. */
int vtime_block(const void *object, uint64_t deadline);
/* Waits in the kernel too. As poll does, but may return 0 early; no lock. fds has room for one
 * more. */
int vtime_block_poll(struct pollfd *fds, nfds_t count, uint64_t deadline);
/* The caller holds the lock. Wakes at most `count` threads that wait for `object`. */
void vtime_wake(const void *object, unsigned count);
/* With the lock: makes a thread that waits in the kernel look again. */
void vtime_poke(struct vtime_thread *thread);
struct vtime_thread *vtime_find(pthread_t id);

void vtime_thread_adopt(struct vtime_thread *thread);
void vtime_thread_count(struct vtime_thread *thread, int change);
extern struct vtime_thread *vtime_alive;

#endif
