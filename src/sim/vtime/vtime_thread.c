/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Threads, condition variables and semaphores. */
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>

#include "vtime.h"

static void *begin(void *argument)
{
	struct vtime_thread *thread = argument;

	vtime_thread_adopt(thread);
	return thread->start(thread->argument);
}

/* A ThreadSanitizer linked into the program sits in front of us, and makes a thread of its own that
 * never waits here. It is the only one without attributes: the program gives its own threads some.
 */
static bool is_watcher(const pthread_attr_t *attributes)
{
	void *first = dlsym(RTLD_DEFAULT, "pthread_create");
	Dl_info there, here;

	return !attributes && first && dlsym(RTLD_DEFAULT, "__tsan_init") &&
	       dladdr(first, &there) && dladdr(&vtime_on, &here) &&
	       there.dli_fbase != here.dli_fbase;
}

VTIME_EXPORT int pthread_create(pthread_t *restrict id, const pthread_attr_t *restrict attributes,
				void *(*start)(void *), void *restrict argument)
{
	struct vtime_thread *thread;
	int error;

	if (!vtime_on || is_watcher(attributes))
		return vtime_real()->thread_create(id, attributes, start, argument);
	vtime_self();
	thread = calloc(1, sizeof(*thread));
	if (!thread)
		return EAGAIN;
	thread->start = start;
	thread->argument = argument;
	/* Held meanwhile, so that it cannot end before its number is known here. */
	vtime_lock();
	vtime_thread_count(thread, 1);
	error = vtime_real()->thread_create(id, attributes, begin, thread);
	if (error)
		vtime_thread_count(thread, -1);
	else
		thread->id = *id;
	vtime_unlock();
	if (error)
		free(thread);
	return error;
}

struct vtime_thread *vtime_find(pthread_t id)
{
	struct vtime_thread *thread = vtime_alive;

	while (thread && !pthread_equal(thread->id, id))
		thread = thread->next_alive;
	return thread;
}

VTIME_EXPORT int pthread_join(pthread_t id, void **result)
{
	struct vtime_thread *thread;

	if (vtime_on) {
		do {
			vtime_self();
			vtime_lock();
			thread = vtime_find(id);
			if (thread)
				vtime_block(thread, VTIME_NEVER);
			else
				vtime_unlock();
		} while (thread);
	}
	return vtime_real()->thread_join(id, result);
}

/* A signal to one thread is seen by no other: it runs from now on. */
VTIME_EXPORT int pthread_kill(pthread_t id, int number)
{
	struct vtime_thread *thread;
	int error;

	if (!vtime_on)
		return vtime_real()->thread_kill(id, number);
	vtime_lock();
	error = vtime_real()->thread_kill(id, number);
	thread = error || !number ? NULL : vtime_find(id);
	if (thread)
		vtime_poke(thread);
	vtime_unlock();
	return error;
}

static int wait_cond(pthread_cond_t *cond, pthread_mutex_t *mutex, uint64_t deadline)
{
	int result, error;

	vtime_self();
	vtime_lock();
	error = pthread_mutex_unlock(mutex);
	if (error) {
		vtime_unlock();
		return error;
	}
	result = vtime_block(cond, deadline);
	error = pthread_mutex_lock(mutex);
	if (error)
		return error;
	return result == EINTR ? 0 : result; /* a spurious wake-up */
}

/* glibc keeps the clock in this bit (nptl/pthread_cond_common.c). */
static clockid_t clock_of(const pthread_cond_t *cond)
{
	return cond->__data.__wrefs & 2 ? CLOCK_MONOTONIC : CLOCK_REALTIME;
}

VTIME_EXPORT int pthread_cond_wait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex)
{
	if (!vtime_on)
		return vtime_real()->cond_wait(cond, mutex);
	return wait_cond(cond, mutex, VTIME_NEVER);
}

VTIME_EXPORT int pthread_cond_timedwait(pthread_cond_t *restrict cond,
					pthread_mutex_t *restrict mutex,
					const struct timespec *restrict at)
{
	if (!vtime_on)
		return vtime_real()->cond_timedwait(cond, mutex, at);
	return wait_cond(cond, mutex, vtime_deadline(clock_of(cond), at));
}

VTIME_EXPORT int pthread_cond_clockwait(pthread_cond_t *restrict cond,
					pthread_mutex_t *restrict mutex, clockid_t clock,
					const struct timespec *restrict at)
{
	if (!vtime_on)
		return vtime_real()->cond_clockwait(cond, mutex, clock, at);
	return wait_cond(cond, mutex, vtime_deadline(clock, at));
}

static int wake(const void *object, unsigned count)
{
	vtime_lock();
	vtime_wake(object, count);
	vtime_unlock();
	return 0;
}

VTIME_EXPORT int pthread_cond_signal(pthread_cond_t *cond)
{
	return vtime_on ? wake(cond, 1) : vtime_real()->cond_signal(cond);
}

VTIME_EXPORT int pthread_cond_broadcast(pthread_cond_t *cond)
{
	return vtime_on ? wake(cond, UINT32_MAX) : vtime_real()->cond_broadcast(cond);
}

/* The count stays libc's; only the waiting is ours. */
static int wait_sem(sem_t *sem, uint64_t deadline)
{
	int result = 0;

	vtime_self();
	while (!result) {
		vtime_lock();
		if (sem_trywait(sem) == 0) {
			vtime_unlock();
			return 0;
		}
		result = vtime_block(sem, deadline);
	}
	errno = result;
	return -1;
}

VTIME_EXPORT int sem_wait(sem_t *sem)
{
	return vtime_on ? wait_sem(sem, VTIME_NEVER) : vtime_real()->sem_wait(sem);
}

VTIME_EXPORT int sem_timedwait(sem_t *restrict sem, const struct timespec *restrict at)
{
	if (!vtime_on)
		return vtime_real()->sem_timedwait(sem, at);
	return wait_sem(sem, vtime_deadline(CLOCK_REALTIME, at));
}

VTIME_EXPORT int sem_clockwait(sem_t *restrict sem, clockid_t clock,
			       const struct timespec *restrict at)
{
	if (!vtime_on)
		return vtime_real()->sem_clockwait(sem, clock, at);
	return wait_sem(sem, vtime_deadline(clock, at));
}

VTIME_EXPORT int sem_post(sem_t *sem)
{
	int result;

	if (!vtime_on)
		return vtime_real()->sem_post(sem);
	vtime_lock();
	result = vtime_real()->sem_post(sem);
	vtime_wake(sem, 1);
	vtime_unlock();
	return result;
}
