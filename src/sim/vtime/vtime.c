/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vtime_private.h"

#include <dlfcn.h>
#include <errno.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { POLL_BATCH = 256 };

bool vtime_on;
struct vtime_thread *vtime_alive;

static bool helped; /* the helper thread runs */
static pthread_t helper_id;
static bool idle_told; /* the server believes that all threads wait */
static unsigned runnable;
static struct vtime_thread *waiting, **waiting_tail = &waiting;
static _Thread_local struct vtime_thread *self;
static pthread_key_t gone_key;

/* Whether a thread that waits in the kernel is about to wake up by itself. */
static bool somebody_stirs(void)
{
	const struct timespec no_wait = {0};
	struct pollfd fds[POLL_BATCH];
	nfds_t count = 0;

	for (struct vtime_thread *thread = waiting; thread; thread = thread->next) {
		for (nfds_t i = 0; i < thread->fd_count; i++) {
			fds[count++] = thread->fds[i];
			if (count == POLL_BATCH) {
				if (vtime_real()->ppoll(fds, count, &no_wait, NULL) > 0)
					return true;
				count = 0;
			}
		}
	}
	return count && vtime_real()->ppoll(fds, count, &no_wait, NULL) > 0;
}

static void help(void);

/* With the lock held, when no thread can run: virtual time may advance. */
static void all_wait(void)
{
	uint64_t deadline = VTIME_NEVER;
	struct proto_idle idle;

	if (!waiting)
		return;
	if (!helped)
		help();
	/* In this order, so that bytes received after the count show as unseen to the server. */
	idle = vtime_look_at_sockets(waiting);
	if (somebody_stirs())
		return;
	for (struct vtime_thread *thread = waiting; thread; thread = thread->next) {
		if (thread->deadline < deadline)
			deadline = thread->deadline;
	}
	idle_told = true;
	vtime_tell(PROTO_IDLE, deadline, &idle);
}

static void enlist(struct vtime_thread *thread, const void *object, uint64_t deadline)
{
	thread->object = object;
	thread->deadline = deadline;
	thread->expired = false;
	thread->waiting = true;
	atomic_store(&thread->awake, 0);
	thread->next = NULL;
	thread->link = waiting_tail;
	*waiting_tail = thread;
	waiting_tail = &thread->next;
	if (--runnable == 0)
		all_wait();
}

static void release(struct vtime_thread *thread)
{
	*thread->link = thread->next;
	if (thread->next)
		thread->next->link = thread->link;
	else
		waiting_tail = thread->link;
	thread->waiting = false;
	runnable++;
}

/* Wakes a thread that is counted as running from here on. */
static void rouse(struct vtime_thread *thread)
{
	const uint64_t one = 1;

	release(thread);
	if (thread->fd_count) {
		ssize_t written = write(thread->bell, &one, sizeof(one));

		(void)written;
		thread->rung = true;
		return;
	}
	atomic_store(&thread->awake, 1);
	vtime_futex(&thread->awake, FUTEX_WAKE, 1);
}

/* The kernel woke this thread. `server_knows`: because of the server. */
static void stir(struct vtime_thread *thread, bool server_knows)
{
	release(thread);
	if (idle_told && !server_knows)
		vtime_tell(PROTO_BUSY, 0, NULL);
	idle_told = false;
}

int vtime_block(const void *object, uint64_t deadline)
{
	struct vtime_thread *thread = vtime_self();
	int result;

	if (deadline <= vtime_now()) {
		vtime_unlock();
		return ETIMEDOUT;
	}
	enlist(thread, object, deadline);
	vtime_unlock();
	while (!atomic_load(&thread->awake)) {
		if (vtime_futex(&thread->awake, FUTEX_WAIT, 0) == 0 || errno != EINTR)
			continue;
		vtime_lock();
		if (thread->waiting) {
			stir(thread, false);
			vtime_unlock();
			return EINTR;
		}
		vtime_unlock();
	}
	result = thread->expired ? ETIMEDOUT : 0;
	return result;
}

int vtime_block_poll(struct pollfd *fds, nfds_t count, uint64_t deadline)
{
	struct vtime_thread *thread = vtime_self();
	const struct timespec no_wait = {0};
	int result, error;
	uint64_t rings;
	bool rung;

	if (deadline <= vtime_now())
		return vtime_real()->ppoll(fds, count, &no_wait, NULL);
	if (thread->bell < 0)
		thread->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	fds[count] = (struct pollfd){.fd = thread->bell, .events = POLLIN};
	vtime_lock();
	thread->fds = fds;
	thread->fd_count = count + 1;
	enlist(thread, NULL, deadline);
	vtime_unlock();
	result = vtime_real()->ppoll(fds, count + 1, NULL, NULL);
	error = errno;
	vtime_lock();
	if (thread->waiting)
		stir(thread, vtime_socket_ready(fds, count));
	thread->fd_count = 0;
	rung = thread->rung;
	thread->rung = false;
	vtime_unlock();
	if (result > 0 && fds[count].revents)
		result--;
	/* Also when it rang while the kernel was returning for another reason. */
	while (rung && read(thread->bell, &rings, sizeof(rings)) > 0)
		;
	errno = error;
	return result;
}

void vtime_wake(const void *object, unsigned count)
{
	struct vtime_thread *next;

	for (struct vtime_thread *thread = waiting; thread && count; thread = next) {
		next = thread->next;
		if (thread->object != object)
			continue;
		rouse(thread);
		count--;
	}
}

void vtime_poke(struct vtime_thread *thread)
{
	if (thread->waiting && thread->fd_count)
		rouse(thread);
}

/* Wakes threads when the clock has reached a deadline. Does not count as a thread that runs. */
static void *helper(void *unused)
{
	struct pollfd fd = {.fd = vtime_server(), .events = POLLIN};
	struct proto_head head;

	/* A thread in recv wakes up each time the server reads from the socket, too. */
	while (vtime_real()->ppoll(&fd, 1, NULL, NULL) >= 0 &&
	       recv(fd.fd, &head, sizeof(head), MSG_WAITALL) == sizeof(head)) {
		struct vtime_thread *next;
		uint64_t now;

		vtime_lock();
		idle_told = false;
		now = vtime_now();
		for (struct vtime_thread *thread = waiting; thread; thread = next) {
			next = thread->next;
			if (thread->deadline <= now) {
				thread->expired = true;
				rouse(thread);
			}
		}
		if (!runnable)
			all_wait();
		vtime_unlock();
	}
	return unused;
}

static void help(void)
{
	sigset_t all, old;

	helped = true;
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	/* A test may let the first try fail: it means the program, not us. */
	for (unsigned tries = 0; vtime_real()->thread_create(&helper_id, NULL, helper, NULL) != 0;
	     tries++) {
		if (tries == 8)
			abort();
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

/* Leaves no leak for a leak checker. */
__attribute__((destructor)) static void finish(void)
{
	if (!vtime_on || !helped)
		return;
	shutdown(vtime_server(), SHUT_RDWR);
	vtime_real()->thread_join(helper_id, NULL);
}

/* A thread has ended; the thread that joins it can run from now on. */
static void thread_gone(void *argument)
{
	struct vtime_thread *thread = argument;

	vtime_lock();
	vtime_wake(thread, UINT32_MAX);
	*thread->alive_link = thread->next_alive;
	if (thread->next_alive)
		thread->next_alive->alive_link = thread->alive_link;
	if (--runnable == 0)
		all_wait();
	vtime_unlock();
	self = NULL;
	if (thread->bell >= 0)
		close(thread->bell);
	free(thread);
}

void vtime_thread_count(struct vtime_thread *thread, int change)
{
	if (change < 0) {
		*thread->alive_link = thread->next_alive;
		if (thread->next_alive)
			thread->next_alive->alive_link = thread->alive_link;
		runnable--;
		return;
	}
	thread->bell = -1;
	thread->next_alive = vtime_alive;
	thread->alive_link = &vtime_alive;
	if (vtime_alive)
		vtime_alive->alive_link = &thread->next_alive;
	vtime_alive = thread;
	runnable++;
}

void vtime_thread_adopt(struct vtime_thread *thread)
{
	self = thread;
	pthread_setspecific(gone_key, thread);
}

struct vtime_thread *vtime_self(void)
{
	struct vtime_thread *thread = self;

	if (thread)
		return thread;
	/* Not created by our pthread_create: the main thread, or libc's own. */
	thread = calloc(1, sizeof(*thread));
	if (!thread)
		abort();
	thread->id = pthread_self();
	vtime_lock();
	vtime_thread_count(thread, 1);
	vtime_unlock();
	vtime_thread_adopt(thread);
	return thread;
}

static void forked(void)
{
	vtime_on = false;
}

/* Only programs that use libusb live on virtual time: a shell or a hook has real work to wait for.
 */
__attribute__((constructor)) static void begin(void)
{
	const char *clock = getenv(PROTO_ENV_CLOCK), *socket_path = getenv(PROTO_ENV_SOCKET);

	if (!clock || !socket_path || !dlopen("libusb-1.0.so.0", RTLD_LAZY | RTLD_NOLOAD))
		return;
	if (!vtime_connect(clock, socket_path) || pthread_key_create(&gone_key, thread_gone) ||
	    pthread_atfork(NULL, NULL, forked))
		return;
	vtime_tell(PROTO_HELLO_CLOCK, (uint64_t)getpid(), NULL);
	vtime_self();
	vtime_on = true;
}
