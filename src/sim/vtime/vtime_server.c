/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The link to the fleet's server: its clock, messages to it, and the stand-in's sockets to it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "vtime_private.h"

enum { SOCKETS_MAX = 64 };

static const struct proto_clock *shared;
static int server = -1;

/* The stand-in's sockets: answers on their way keep the clock from going on. */
static struct {
	int fd;
	const _Atomic uint64_t *received;
} sockets[SOCKETS_MAX];
static unsigned socket_count;

void vtime_tell(uint8_t type, uint64_t tag, const struct proto_idle *idle)
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

struct proto_idle vtime_look_at_sockets(const struct vtime_thread *waiting)
{
	struct proto_idle idle = {.seen = 0, .attended = 1};

	for (unsigned i = 0; i < socket_count; i++) {
		bool attended = false;
		int unread = 0;

		if (ioctl(sockets[i].fd, FIONREAD, &unread) < 0)
			unread = 0;
		idle.seen += atomic_load(sockets[i].received) + (uint64_t)unread;
		for (const struct vtime_thread *thread = waiting; thread; thread = thread->next) {
			for (nfds_t k = 0; k < thread->fd_count; k++)
				attended = attended || thread->fds[k].fd == sockets[i].fd;
		}
		if (!attended)
			idle.attended = 0;
	}
	return idle;
}

bool vtime_socket_ready(const struct pollfd *fds, nfds_t count)
{
	for (nfds_t i = 0; i < count; i++) {
		for (unsigned k = 0; fds[i].revents && k < socket_count; k++) {
			if (fds[i].fd == sockets[k].fd)
				return true;
		}
	}
	return false;
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
	/* The server counts only bytes sent to open sockets. It may still have an idle report from
	 * before its last answer, whose count would match again without this socket. */
	vtime_tell(PROTO_BUSY, 0, NULL);
	for (unsigned i = 0; i < socket_count; i++) {
		if (sockets[i].fd == fd) {
			sockets[i] = sockets[--socket_count];
			break;
		}
	}
	vtime_unlock();
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

uint64_t vtime_now(void)
{
	return atomic_load(&shared->now);
}

uint64_t vtime_base(clockid_t clock)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
		return shared->realtime_base + atomic_load(&shared->suspended);
	case CLOCK_BOOTTIME:
		return shared->monotonic_base + atomic_load(&shared->suspended);
	default:
		return shared->monotonic_base;
	}
}

bool vtime_connect(const char *clock, const char *socket_path)
{
	return map_clock(clock) && connect_to(socket_path);
}

int vtime_server(void)
{
	return server;
}
