/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bus watcher: the one thread that starts libusb and looks at the bus. It may block in the
 * kernel behind a device that hangs. No other thread waits for it without a bound; the others go on
 * with its last list and with hotplug events. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus_private.h"
#include "errors.h"
#include "h7gang/base/clock.h"
#include "scan.h"
#include "sysfs.h"

#define SCAN_TRIES 3u
#define LOOK_EVERY_MS 2000 /* design: hotplug events are hints, a scan every 2 s is the truth */

static void look_once(struct usb_bus *bus)
{
	for (unsigned tries = 0; tries < SCAN_TRIES; tries++) {
		struct usb_roll found = {0};
		unsigned changes;
		bool taken;

		pthread_mutex_lock(&bus->mutex);
		changes = bus->changes;
		pthread_mutex_unlock(&bus->mutex);
		taken = !usb_scan(&bus->filter, &found) || usb_bus_take(bus, &found, changes);
		free(found.seen);
		if (taken)
			return;
	}
}

/* Without memory the list is incomplete until the next look. */
static void look_for_others(struct usb_bus *bus)
{
	struct usb_filter filter[USB_ALSO_MAX];
	struct usb_roll found = {0}, before;
	unsigned count;

	pthread_mutex_lock(&bus->mutex);
	count = bus->also_count;
	memcpy(filter, bus->also, sizeof(filter));
	pthread_mutex_unlock(&bus->mutex);
	if (count == 0)
		return;
	for (unsigned i = 0; i < count; i++)
		usb_scan(&filter[i], &found);
	for (unsigned i = 0; i < found.count; i++) {
		struct usb_ports ports;

		if (usb_ports_parse(found.seen[i].path, &ports))
			usb_id_path(&ports, found.seen[i].id_path);
	}
	pthread_mutex_lock(&bus->mutex);
	before = bus->others;
	bus->others = found;
	pthread_mutex_unlock(&bus->mutex);
	free(before.seen);
}

static void look(struct usb_bus *bus)
{
	pthread_mutex_lock(&bus->mutex);
	bus->wanted = false;
	bus->looking = clock_now();
	pthread_mutex_unlock(&bus->mutex);

	look_once(bus);
	look_for_others(bus);

	pthread_mutex_lock(&bus->mutex);
	bus->looked = bus->looking;
	bus->looking = 0;
	pthread_cond_broadcast(&bus->told);
	pthread_mutex_unlock(&bus->mutex);
	pthread_mutex_lock(&bus->changing);
	if (!atomic_load(&bus->stop))
		bus->notify(bus->user, USB_LOOKED, NULL);
	pthread_mutex_unlock(&bus->changing);
}

/* Returns whether the bus is open. */
static bool open_libusb(struct usb_bus *bus)
{
	int error = libusb_init(&bus->context);

	if (error) {
		snprintf(bus->why, sizeof(bus->why), "libusb cannot start: %s",
			 usb_error_name(error));
		return false;
	}
	error = usb_hints_start(bus);
	if (error) {
		snprintf(bus->why, sizeof(bus->why), "no thread for USB events: %s",
			 strerror(error));
		libusb_exit(bus->context);
		return false;
	}
	return true;
}

static void tell_state(struct usb_bus *bus, enum usb_bus_state state)
{
	pthread_mutex_lock(&bus->mutex);
	bus->state = state;
	pthread_cond_broadcast(&bus->told);
	pthread_mutex_unlock(&bus->mutex);
}

/* Until the next look is due. False: the bus is being closed. */
static bool await_look(struct usb_bus *bus)
{
	int64_t due = clock_after_ms(LOOK_EVERY_MS);

	pthread_mutex_lock(&bus->mutex);
	while (!bus->wanted && !atomic_load(&bus->stop) &&
	       clock_wait_until(&bus->asked, &bus->mutex, due))
		;
	pthread_mutex_unlock(&bus->mutex);
	return !atomic_load(&bus->stop);
}

void *usb_watcher_main(void *user)
{
	struct usb_bus *bus = user;

	if (open_libusb(bus)) {
		tell_state(bus, USB_BUS_OPEN);
		do
			look(bus);
		while (await_look(bus));
	} else {
		tell_state(bus, USB_BUS_FAILED);
	}
	pthread_mutex_lock(&bus->mutex);
	bus->watcher_done = true;
	pthread_cond_broadcast(&bus->told);
	pthread_mutex_unlock(&bus->mutex);
	return NULL;
}
