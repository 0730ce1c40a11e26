/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/vtime.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "sim/proto.h"

enum { SOCKETS_MAX = 64, POLL_BATCH = 256 };

bool vtime_on;
struct vtime_thread *vtime_alive;

static const struct proto_clock *shared;
static int server = -1;
static bool helped; /* the helper thread runs */
static pthread_t helper_id;
static bool idle_told; /* the server believes that all threads wait */
static unsigned runnable;
static struct vtime_thread *waiting, **waiting_tail = &waiting;
static _Thread_local struct vtime_thread *self;
static pthread_key_t gone_key;

/* The stand-in's sockets: answers on their way keep the clock from going on. */
static struct {
	int fd;
	const _Atomic uint64_t *received;
} sockets[SOCKETS_MAX];
static unsigned socket_count;

/* A lock of its own, since the ones of libc may be watched by a sanitizer. 2: somebody waits. */
static _Atomic uint32_t lock_word;

static long futex(_Atomic uint32_t *word, int operation, uint32_t value)
{
	return syscall(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
}

void vtime_lock(void)
{
	uint32_t free_word = 0;

	if (atomic_compare_exchange_strong(&lock_word, &free_word, 1))
		return;
	while (atomic_exchange(&lock_word, 2))
		futex(&lock_word, FUTEX_WAIT, 2);
}

void vtime_unlock(void)
{
	if (atomic_exchange(&lock_word, 0) == 2)
		futex(&lock_word, FUTEX_WAKE, 1);
}

uint64_t vtime_now(void)
{
	return atomic_load(&shared->now);
}

uint64_t vtime_base(clockid_t clock)
{
	return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE ? shared->realtime_base
									 : shared->monotonic_base;
}

static void tell(uint8_t type, uint64_t tag, const struct proto_idle *idle)
{
	struct {
		struct proto_head head;
		struct proto_idle idle;
	} message = {.head = {.size = sizeof(struct proto_head), .type = type, .tag = tag}};
	size_t sent = 0;

	if (idle) {
		message.head.size = sizeof(message);
		message.idle = *idle;
	}
	while (sent < message.head.size) {
		ssize_t wrote = send(server, (const char *)&message + sent,
				     message.head.size - sent, MSG_NOSIGNAL);

		if (wrote > 0)
			sent += (size_t)wrote;
		else if (wrote == 0 || errno != EINTR)
			return; /* the fleet is gone, and time with it */
	}
}

static struct proto_idle look_at_sockets(void)
{
	struct proto_idle idle = {.seen = 0, .attended = 1};

	for (unsigned i = 0; i < socket_count; i++) {
		bool attended = false;
		int unread = 0;

		if (ioctl(sockets[i].fd, FIONREAD, &unread) < 0)
			unread = 0;
		idle.seen += atomic_load(sockets[i].received) + (uint64_t)unread;
		for (struct vtime_thread *thread = waiting; thread; thread = thread->next) {
			for (nfds_t k = 0; k < thread->fd_count; k++)
				attended = attended || thread->fds[k].fd == sockets[i].fd;
		}
		if (!attended)
			idle.attended = 0;
	}
	return idle;
}

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

/* With the lock, when nobody can run: time may go on. */
static void all_wait(void)
{
	uint64_t deadline = VTIME_NEVER;
	struct proto_idle idle;

	if (!waiting)
		return;
	if (!helped)
		help();
	/* In this order: what comes in after the count was taken shows as unseen to the server. */
	idle = look_at_sockets();
	if (somebody_stirs())
		return;
	for (struct vtime_thread *thread = waiting; thread; thread = thread->next) {
		if (thread->deadline < deadline)
			deadline = thread->deadline;
	}
	idle_told = true;
	tell(PROTO_IDLE, deadline, &idle);
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
		return;
	}
	atomic_store(&thread->awake, 1);
	futex(&thread->awake, FUTEX_WAKE, 1);
}

/* The kernel woke this thread: of what it saw the server may know nothing. */
static void stir(struct vtime_thread *thread, bool server_knows)
{
	release(thread);
	if (idle_told && !server_knows)
		tell(PROTO_BUSY, 0, NULL);
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
		if (futex(&thread->awake, FUTEX_WAIT, 0) == 0 || errno != EINTR)
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

static bool is_socket_ready(const struct pollfd *fds, nfds_t count)
{
	for (nfds_t i = 0; i < count; i++) {
		for (unsigned k = 0; fds[i].revents && k < socket_count; k++) {
			if (fds[i].fd == sockets[k].fd)
				return true;
		}
	}
	return false;
}

int vtime_block_poll(struct pollfd *fds, nfds_t count, uint64_t deadline)
{
	struct vtime_thread *thread = vtime_self();
	const struct timespec no_wait = {0};
	int result, error;
	uint64_t rings;

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
		stir(thread, is_socket_ready(fds, count));
	thread->fd_count = 0;
	vtime_unlock();
	if (result > 0 && fds[count].revents)
		result--;
	/* Also when it rang while the kernel was returning for another reason. */
	while (read(thread->bell, &rings, sizeof(rings)) > 0)
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

/* Hears when the clock has reached a deadline. Not one of the threads that count. */
static void *helper(void *unused)
{
	struct proto_head head;

	while (recv(server, &head, sizeof(head), MSG_WAITALL) == sizeof(head)) {
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
	for (unsigned tries = 0; vtime_real()->thread_create(&helper_id, NULL, helper, NULL) != 0; tries++) {
		if (tries == 8)
			abort();
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

/* Nothing is left behind for a leak checker to find. */
__attribute__((destructor)) static void finish(void)
{
	if (!vtime_on || !helped)
		return;
	shutdown(server, SHUT_RDWR);
	vtime_real()->thread_join(helper_id, NULL);
}

/* A thread has ended; whoever joins it runs from now on. */
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
	/* Not made by pthread_create as we know it: the main thread, or libc's own. */
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

VTIME_EXPORT void h7gang_vtime_watch(int fd, const _Atomic uint64_t *received);
VTIME_EXPORT void h7gang_vtime_watch(int fd, const _Atomic uint64_t *received)
{
	vtime_lock();
	if (socket_count == SOCKETS_MAX)
		abort();
	sockets[socket_count].fd = fd;
	sockets[socket_count++].received = received;
	vtime_unlock();
}

VTIME_EXPORT void h7gang_vtime_unwatch(int fd);
VTIME_EXPORT void h7gang_vtime_unwatch(int fd)
{
	vtime_lock();
	/* The server counts what it sent to open sockets only. It may take us for idle still, as of before
	 * the last answer, and without this socket that count would look like all of it. */
	tell(PROTO_BUSY, 0, NULL);
	for (unsigned i = 0; i < socket_count; i++) {
		if (sockets[i].fd == fd) {
			sockets[i] = sockets[--socket_count];
			break;
		}
	}
	vtime_unlock();
}

static void forked(void)
{
	vtime_on = false;
}

static bool connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return false;
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* A program that was started without standard output must not write to it. */
	server = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (fd >= 0)
		close(fd);
	return server >= 0 && connect(server, (struct sockaddr *)&address, sizeof(address)) == 0;
}

static bool map_clock(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *map = MAP_FAILED;

	if (fd >= 0) {
		map = mmap(NULL, sizeof(*shared), PROT_READ, MAP_SHARED, fd, 0);
		close(fd);
	}
	if (map == MAP_FAILED)
		return false;
	shared = map;
	return true;
}

/* Only programs that use libusb live on virtual time: a shell or a hook has real work to wait for.
 */
__attribute__((constructor)) static void begin(void)
{
	const char *clock = getenv(PROTO_ENV_CLOCK), *socket_path = getenv(PROTO_ENV_SOCKET);

	if (!clock || !socket_path || !dlopen("libusb-1.0.so.0", RTLD_LAZY | RTLD_NOLOAD))
		return;
	if (!map_clock(clock) || !connect_to(socket_path) ||
	    pthread_key_create(&gone_key, thread_gone) || pthread_atfork(NULL, NULL, forked))
		return;
	tell(PROTO_HELLO_CLOCK, (uint64_t)getpid(), NULL);
	vtime_self();
	vtime_on = true;
}
