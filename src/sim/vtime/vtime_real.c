/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The functions of the C library that this library replaces. */
#include <dlfcn.h>

#include "vtime.h"

static void *find(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

/* Older versions of these functions work on another structure. */
static void *find_cond(const char *name)
{
	void *symbol = dlvsym(RTLD_NEXT, name, "GLIBC_2.3.2");

	return symbol ? symbol : find(name);
}

/* The first call fills the table, before a second thread exists. ISO C has no cast from an object
 * pointer to a function pointer. */
#define FIND(member, finder, name) (*(void **)(void *)&real.member = finder(name))

const struct vtime_real *vtime_real(void)
{
	static struct vtime_real real;

	if (real.sem_post)
		return &real;
	FIND(clock_gettime, find, "clock_gettime");
	FIND(gettimeofday, find, "gettimeofday");
	FIND(time, find, "time");
	FIND(timespec_get, find, "timespec_get");
	FIND(clock_nanosleep, find, "clock_nanosleep");
	FIND(cond_wait, find_cond, "pthread_cond_wait");
	FIND(cond_timedwait, find_cond, "pthread_cond_timedwait");
	FIND(cond_clockwait, find, "pthread_cond_clockwait");
	FIND(cond_signal, find_cond, "pthread_cond_signal");
	FIND(cond_broadcast, find_cond, "pthread_cond_broadcast");
	FIND(thread_create, find, "pthread_create");
	FIND(thread_join, find, "pthread_join");
	FIND(ppoll, find, "ppoll");
	FIND(select, find, "select");
	FIND(epoll_wait, find, "epoll_wait");
	FIND(sigtimedwait, find, "sigtimedwait");
	FIND(sigwait, find, "sigwait");
	FIND(thread_kill, find, "pthread_kill");
	FIND(sem_wait, find, "sem_wait");
	FIND(sem_timedwait, find, "sem_timedwait");
	FIND(sem_clockwait, find, "sem_clockwait");
	FIND(sem_post, find, "sem_post");
	return &real;
}
