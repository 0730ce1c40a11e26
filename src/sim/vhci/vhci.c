/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vhci.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "sim/server/tray.h"
#include "vhci_hcd.h"
#include "vhci_port.h"

#define SLOTS_MAX 512
#define EVENTS_MAX 32
#define RETRY_NS 10000000L       /* how often a port still busy is tried again */
#define ATTACH_NS 3000000000ULL  /* how long */
#define RELEASE_NS 5000000000ULL /* how long the kernel may take to remove devices at the end */

struct vhci {
	struct tray *tray;
	int epoll, timer;
	struct vhci_port *ports; /* one a slot; those in use first, in order of first use */
	size_t slots, used;
	struct vhci_port **by_target; /* where each target is, or was last */
	size_t waiting;
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000ULL + (uint64_t)now.tv_nsec;
}

static void timer_set(struct vhci *vhci, bool on)
{
	struct itimerspec every = {0};

	if (on)
		every.it_interval.tv_nsec = every.it_value.tv_nsec = RETRY_NS;
	timerfd_settime(vhci->timer, 0, &every, NULL);
}

/* Tries to attach a waiting port. True: it no longer waits. */
static bool attach_try(struct vhci *vhci, struct vhci_port *port)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = port};
	int result = vhci_port_attach(port);

	/* Unplugged a moment ago: the kernel's side is torn down by a thread of its own. */
	if (result == -EBUSY && now_ns() < port->give_up_ns)
		return false;
	if (result == 0 && epoll_ctl(vhci->epoll, EPOLL_CTL_ADD, port->fd, &event) != 0) {
		result = -errno;
		vhci_port_close(port);
	}
	if (result != 0)
		fprintf(stderr, "h7gang-sim: port %s (%s): attach: %s\n", port->slot.name,
			port->path, strerror(-result));
	return true;
}

static void attach_waiting(struct vhci *vhci)
{
	for (size_t i = 0; i < vhci->used; i++) {
		struct vhci_port *port = &vhci->ports[i];

		if (port->waiting && attach_try(vhci, port)) {
			port->waiting = false;
			vhci->waiting--;
		}
	}
	timer_set(vhci, vhci->waiting > 0);
}

static struct vhci_port *port_of_path(struct vhci *vhci, const char *path)
{
	struct vhci_port *port;

	for (size_t i = 0; i < vhci->used; i++)
		if (strcmp(vhci->ports[i].path, path) == 0)
			return &vhci->ports[i];
	if (vhci->used == vhci->slots)
		return NULL;
	port = &vhci->ports[vhci->used++];
	snprintf(port->path, sizeof(port->path), "%s", path);
	return port;
}

static void plug(struct vhci *vhci, unsigned target, uint64_t generation)
{
	struct vhci_port *port = port_of_path(vhci, tray_path(vhci->tray, target));

	if (!port) {
		fprintf(stderr, "h7gang-sim: no free vhci port for %s\n",
			tray_path(vhci->tray, target));
		return;
	}
	vhci_port_close(port);
	vhci->by_target[target] = port;
	port->target = target;
	port->devid = 0x10000U | (unsigned)(generation & 0xffff);
	port->give_up_ns = now_ns() + ATTACH_NS;
	if (!port->waiting) {
		port->waiting = true;
		vhci->waiting++;
	}
	attach_waiting(vhci);
}

static void unplug(struct vhci *vhci, unsigned target)
{
	struct vhci_port *port = vhci->by_target[target];

	if (!port || port->target != target)
		return;
	if (port->waiting) {
		port->waiting = false;
		vhci->waiting--;
	}
	vhci_port_close(port);
}

static void changed(void *user, unsigned target, uint64_t generation, bool plugged)
{
	if (plugged)
		plug(user, target, generation);
	else
		unplug(user, target);
}

static bool slots_take(struct vhci *vhci, char *why, size_t why_size)
{
	struct vhci_slot *found = calloc(SLOTS_MAX, sizeof(*found));
	unsigned targets = tray_targets(vhci->tray);

	if (!found)
		goto no_memory;
	vhci->slots = vhci_hcd_free_slots(found, SLOTS_MAX, why, why_size);
	if (vhci->slots == 0)
		goto none;
	vhci->ports = calloc(vhci->slots, sizeof(*vhci->ports));
	vhci->by_target = calloc(targets ? targets : 1, sizeof(struct vhci_port *));
	if (!vhci->ports || !vhci->by_target)
		goto no_memory;
	for (size_t i = 0; i < vhci->slots; i++)
		vhci_port_init(&vhci->ports[i], vhci->tray, &found[i]);
	free(found);
	return true;

no_memory:
	snprintf(why, why_size, "no memory");
none:
	free(found);
	return false;
}

struct vhci *vhci_open(struct tray *tray, char *why, size_t why_size)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
	struct vhci *vhci = calloc(1, sizeof(*vhci));
	unsigned plugged = 0;

	if (!vhci) {
		snprintf(why, why_size, "no memory");
		return NULL;
	}
	vhci->tray = tray;
	vhci->epoll = epoll_create1(EPOLL_CLOEXEC);
	vhci->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (vhci->epoll < 0 || vhci->timer < 0 ||
	    epoll_ctl(vhci->epoll, EPOLL_CTL_ADD, vhci->timer, &event) != 0) {
		snprintf(why, why_size, "epoll: %s", strerror(errno));
		goto fail;
	}
	if (!slots_take(vhci, why, why_size))
		goto fail;
	for (unsigned i = 0; i < tray_targets(tray); i++)
		plugged += tray_plugged(tray, i);
	if (plugged > vhci->slots) {
		snprintf(why, why_size, "%u targets, but vhci_hcd has %zu free ports", plugged,
			 vhci->slots);
		goto fail;
	}
	if (!tray_listen(tray, changed, vhci)) {
		snprintf(why, why_size, "no memory");
		goto fail;
	}
	for (unsigned i = 0; i < tray_targets(tray); i++)
		if (tray_plugged(tray, i) && !vhci->by_target[i])
			plug(vhci, i, i + 1);
	return vhci;

fail:
	vhci_close(vhci);
	return NULL;
}

int vhci_fd(const struct vhci *vhci)
{
	return vhci->epoll;
}

void vhci_service(struct vhci *vhci)
{
	struct epoll_event events[EVENTS_MAX];
	int count = epoll_wait(vhci->epoll, events, EVENTS_MAX, 0);
	uint64_t ticks;

	for (int i = 0; i < count; i++) {
		struct vhci_port *port = events[i].data.ptr;

		if (port)
			vhci_port_read(port);
		else if (read(vhci->timer, &ticks, sizeof(ticks)) > 0)
			attach_waiting(vhci);
	}
}

unsigned vhci_missing(const struct vhci *vhci)
{
	unsigned missing = 0;

	for (unsigned i = 0; i < tray_targets(vhci->tray); i++) {
		const struct vhci_port *port = vhci->by_target[i];

		if (tray_plugged(vhci->tray, i))
			missing += !port || !vhci_hcd_enumerated(port->slot.name);
	}
	return missing;
}

const char *vhci_port_name(const struct vhci *vhci, unsigned target)
{
	const struct vhci_port *port = vhci->by_target[target];

	return port ? port->slot.name : "";
}

static void release_wait(const struct vhci *vhci)
{
	const struct timespec pause = {.tv_nsec = RETRY_NS};
	uint64_t end = now_ns() + RELEASE_NS;

	for (size_t i = 0; i < vhci->used; i++)
		while (!vhci_hcd_is_free(&vhci->ports[i].slot) && now_ns() < end)
			nanosleep(&pause, NULL);
}

void vhci_close(struct vhci *vhci)
{
	if (!vhci)
		return;
	if (vhci->ports) {
		tray_unlisten(vhci->tray, vhci);
		for (size_t i = 0; i < vhci->used; i++)
			vhci_port_close(&vhci->ports[i]);
		release_wait(vhci);
	}
	if (vhci->timer >= 0)
		close(vhci->timer);
	if (vhci->epoll >= 0)
		close(vhci->epoll);
	free(vhci->by_target);
	free(vhci->ports);
	free(vhci);
}
