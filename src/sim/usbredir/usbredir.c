/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "usbredir.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "sim/fleet/fleet.h"
#include "sim/server/server.h"
#include "sim/server/tray.h"
#include "usbredir_port.h"

enum { EVENTS_MAX = 32 };

struct slot {
	struct usbredir_port port;
	struct sockaddr_un address;
	int listener;
};

struct usbredir {
	struct tray *tray;
	int epoll;
	unsigned count;
	struct slot *slots;
};

bool usbredir_is_built(void)
{
	return true;
}

static bool watch(const struct usbredir *front, int fd, unsigned index)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)fd << 32 | index};

	return epoll_ctl(front->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

static void take_connection(struct usbredir *front, unsigned index)
{
	struct slot *slot = &front->slots[index];
	int fd = accept4(slot->listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	usbredir_port_close(&slot->port); /* QEMU connected again: its earlier connection is dead */
	if (!usbredir_port_open(&slot->port, fd))
		return;
	if (!watch(front, fd, index))
		usbredir_port_close(&slot->port);
}

static void service(void *user)
{
	struct usbredir *front = user;
	struct epoll_event events[EVENTS_MAX];
	int count = epoll_wait(front->epoll, events, EVENTS_MAX, 0);

	for (int i = 0; i < count; i++) {
		unsigned index = (unsigned)(events[i].data.u64 & UINT32_MAX);
		int fd = (int)(events[i].data.u64 >> 32);
		struct slot *slot = &front->slots[index];

		if (fd == slot->listener)
			take_connection(front, index);
		else if (fd == slot->port.fd && !usbredir_port_read(&slot->port))
			usbredir_port_close(&slot->port);
		else if (slot->port.fd >= 0)
			usbredir_port_flush(&slot->port);
	}
}

static void changed(void *user, unsigned target, uint64_t generation, bool plugged)
{
	struct usbredir *front = user;

	(void)generation;
	usbredir_port_plugged(&front->slots[target].port, plugged);
}

static bool listen_at(struct usbredir *front, unsigned index, const char *folder, const char *name)
{
	struct slot *slot = &front->slots[index];

	slot->address.sun_family = AF_UNIX;
	if (snprintf(slot->address.sun_path, sizeof(slot->address.sun_path), "%s/%s", folder,
		     name) >= (int)sizeof(slot->address.sun_path)) {
		errno = ENAMETOOLONG;
		return false;
	}
	slot->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (slot->listener < 0)
		return false;
	unlink(slot->address.sun_path);
	return bind(slot->listener, (struct sockaddr *)&slot->address, sizeof(slot->address)) ==
		       0 &&
	       listen(slot->listener, 4) == 0 && watch(front, slot->listener, index);
}

struct usbredir *usbredir_open(const struct fleet *fleet, struct tray *tray, struct server *server,
			       const char *folder, char *why, size_t why_size)
{
	struct usbredir *front = calloc(1, sizeof(*front));
	unsigned count = fleet_targets(fleet);

	if (!front)
		goto no_memory;
	front->tray = tray;
	front->epoll = epoll_create1(EPOLL_CLOEXEC);
	front->slots = calloc(count, sizeof(*front->slots));
	if (front->epoll < 0 || !front->slots)
		goto no_memory;
	front->count = count;
	for (unsigned i = 0; i < count; i++) {
		front->slots[i].listener = -1;
		front->slots[i].port = (struct usbredir_port){
			.tray = tray, .config = fleet_target(fleet, i), .target = i, .fd = -1};
	}
	if (mkdir(folder, 0777) < 0 && errno != EEXIST)
		goto fail;
	for (unsigned i = 0; i < count; i++)
		if (!listen_at(front, i, folder, fleet_name(fleet, i)))
			goto fail;
	if (!server_add_front(server, front->epoll, service, front) ||
	    !tray_listen(tray, changed, front))
		goto no_memory;
	return front;
no_memory:
	errno = ENOMEM;
fail:
	snprintf(why, why_size, "%s: %s", folder, strerror(errno));
	usbredir_close(front);
	return NULL;
}

void usbredir_close(struct usbredir *front)
{
	if (!front)
		return;
	tray_unlisten(front->tray, front);
	for (unsigned i = 0; i < front->count; i++) {
		usbredir_port_close(&front->slots[i].port);
		if (front->slots[i].listener >= 0) {
			close(front->slots[i].listener);
			unlink(front->slots[i].address.sun_path);
		}
	}
	if (front->epoll >= 0)
		close(front->epoll);
	free(front->slots);
	free(front);
}
