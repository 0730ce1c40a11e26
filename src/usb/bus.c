/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/usb/bus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus_private.h"
#include "errors.h"
#include "h7gang/base/clock.h"
#include "sysfs.h"

#define SCAN_TRIES 3u
#define EVENTS_S 60	   /* a bound for one wait; the thread is ended by an interrupt */
#define EVENTS_PAUSE_MS 20 /* after an error of libusb's, so that it cannot spin */

bool usb_same(const struct usb_seen *a, const struct usb_seen *b)
{
	return a->bus == b->bus && a->address == b->address && strcmp(a->path, b->path) == 0;
}

bool usb_look(libusb_device *device, const struct usb_filter *filter, struct usb_seen *seen)
{
	struct libusb_device_descriptor descriptor;
	struct usb_ports ports;
	int count;

	memset(seen, 0, sizeof(*seen));
	if (libusb_get_device_descriptor(device, &descriptor) != 0 ||
	    descriptor.idVendor != filter->vid || descriptor.idProduct != filter->pid)
		return false;
	count = libusb_get_port_numbers(device, ports.port, USB_PORTS_MAX);
	if (count < 1)
		return false;
	ports.bus = libusb_get_bus_number(device);
	ports.count = (unsigned)count;
	usb_ports_name(&ports, ports.count, seen->path);
	seen->bus = libusb_get_bus_number(device);
	seen->address = libusb_get_device_address(device);
	seen->vid = descriptor.idVendor;
	seen->pid = descriptor.idProduct;
	seen->release = descriptor.bcdDevice;
	return seen->path[0] != '\0';
}

static void complete(struct usb_seen *seen)
{
	struct usb_ports ports;

	if (usb_ports_parse(seen->path, &ports))
		usb_id_path(&ports, seen->id_path);
}

/* --- the roll --- */

static struct usb_seen *roll_find(const struct usb_roll *roll, const struct usb_seen *seen)
{
	for (unsigned i = 0; i < roll->count; i++)
		if (usb_same(&roll->seen[i], seen))
			return &roll->seen[i];
	return NULL;
}

static struct usb_seen *roll_find_path(const struct usb_roll *roll, const char *path)
{
	for (unsigned i = 0; i < roll->count; i++)
		if (strcmp(roll->seen[i].path, path) == 0)
			return &roll->seen[i];
	return NULL;
}

static bool roll_add(struct usb_roll *roll, const struct usb_seen *seen)
{
	if (roll->count == roll->room) {
		unsigned room = roll->room ? 2 * roll->room : 16;
		struct usb_seen *more = realloc(roll->seen, room * sizeof(*more));

		if (!more)
			return false;
		roll->seen = more;
		roll->room = room;
	}
	roll->seen[roll->count++] = *seen;
	return true;
}

static void roll_drop(struct usb_roll *roll, struct usb_seen *seen)
{
	*seen = roll->seen[--roll->count];
}

bool usb_bus_find(struct usb_bus *bus, const char *path, struct usb_seen *seen)
{
	const struct usb_seen *found;

	pthread_mutex_lock(&bus->mutex);
	found = roll_find_path(&bus->known, path);
	if (found)
		*seen = *found;
	pthread_mutex_unlock(&bus->mutex);
	return found != NULL;
}

unsigned usb_bus_list(struct usb_bus *bus, struct usb_seen *seen, unsigned max)
{
	unsigned count;

	pthread_mutex_lock(&bus->mutex);
	count = bus->known.count < max ? bus->known.count : max;
	if (count > 0)
		memcpy(seen, bus->known.seen, count * sizeof(*seen));
	pthread_mutex_unlock(&bus->mutex);
	return count;
}

bool usb_bus_present(struct usb_bus *bus, const struct usb_seen *seen)
{
	bool present;

	pthread_mutex_lock(&bus->mutex);
	present = roll_find(&bus->known, seen) != NULL;
	pthread_mutex_unlock(&bus->mutex);
	return present;
}

/* --- hotplug hints --- */

static void take_arrival(struct usb_bus *bus, struct usb_seen *seen)
{
	struct usb_seen before;
	struct usb_seen *old;
	bool replug = false, added = false;

	complete(seen);
	pthread_mutex_lock(&bus->mutex);
	bus->changes++;
	if (!roll_find(&bus->known, seen)) {
		old = roll_find_path(&bus->known, seen->path);
		if (old) {
			replug = true;
			before = *old;
			roll_drop(&bus->known, old);
		}
		/* Out of memory: the next scan tries again. */
		added = roll_add(&bus->known, seen);
	}
	pthread_mutex_unlock(&bus->mutex);
	if (replug)
		bus->notify(bus->user, USB_LEFT, &before);
	if (added)
		bus->notify(bus->user, USB_ARRIVED, seen);
}

static void take_departure(struct usb_bus *bus, struct usb_seen *seen)
{
	struct usb_seen *old;

	pthread_mutex_lock(&bus->mutex);
	bus->changes++;
	old = roll_find(&bus->known, seen);
	if (old) {
		*seen = *old;
		roll_drop(&bus->known, old);
	}
	pthread_mutex_unlock(&bus->mutex);
	if (old)
		bus->notify(bus->user, USB_LEFT, seen);
}

static void take_hints(struct usb_bus *bus)
{
	struct usb_hint *hint;

	while ((hint = bus->hints)) {
		struct usb_seen seen;

		bus->hints = hint->next;
		if (!bus->hints)
			bus->hints_end = &bus->hints;
		if (usb_look(hint->device, &bus->filter, &seen)) {
			pthread_mutex_lock(&bus->changing);
			if (hint->change == USB_ARRIVED)
				take_arrival(bus, &seen);
			else
				take_departure(bus, &seen);
			pthread_mutex_unlock(&bus->changing);
		}
		libusb_unref_device(hint->device);
		free(hint);
	}
}

static int LIBUSB_CALL on_hotplug(libusb_context *context, libusb_device *device,
				  libusb_hotplug_event event, void *user)
{
	struct usb_bus *bus = user;
	struct usb_hint *hint = malloc(sizeof(*hint));

	(void)context;
	if (!hint)
		return 0; /* only a hint: the next scan will see it */
	hint->next = NULL;
	hint->change = event == LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED ? USB_ARRIVED : USB_LEFT;
	hint->device = libusb_ref_device(device);
	*bus->hints_end = hint;
	bus->hints_end = &hint->next;
	return 0;
}

static void *event_thread(void *user)
{
	struct usb_bus *bus = user;

	while (!atomic_load(&bus->stop)) {
		struct timeval limit = {.tv_sec = EVENTS_S};
		int error = libusb_handle_events_timeout_completed(bus->context, &limit, NULL);

		if (error != 0 && error != LIBUSB_ERROR_INTERRUPTED)
			clock_sleep_until(clock_after_ms(EVENTS_PAUSE_MS));
		take_hints(bus);
	}
	return NULL;
}

/* --- scanning --- */

/* A context of its own sees what is there now; the long-lived one only what udev told it. */
static bool scan(const struct usb_filter *filter, struct usb_roll *found)
{
	libusb_context *context;
	libusb_device **list;
	ssize_t count;
	bool ok;

	if (libusb_init(&context) != 0)
		return false;
	count = libusb_get_device_list(context, &list);
	ok = count >= 0;
	for (ssize_t i = 0; ok && i < count; i++) {
		struct usb_seen seen;

		if (usb_look(list[i], filter, &seen))
			ok = roll_add(found, &seen);
	}
	if (count >= 0)
		libusb_free_device_list(list, 1);
	libusb_exit(context);
	return ok;
}

/* Puts `found` in the place of what was known. False if a hint came while it was gathered, which
 * may be newer than it. */
static bool take_scan(struct usb_bus *bus, struct usb_roll *found, unsigned changes)
{
	struct usb_roll before;
	bool current;

	pthread_mutex_lock(&bus->changing);
	for (unsigned i = 0; i < found->count; i++) {
		/* All writers hold `changing`: reading needs no more. */
		const struct usb_seen *old = roll_find(&bus->known, &found->seen[i]);

		if (old)
			found->seen[i] = *old;
		else
			complete(&found->seen[i]);
	}
	pthread_mutex_lock(&bus->mutex);
	current = bus->changes == changes;
	before = bus->known;
	if (current)
		bus->known = *found;
	pthread_mutex_unlock(&bus->mutex);
	if (current) {
		for (unsigned i = 0; i < before.count; i++)
			if (!roll_find(&bus->known, &before.seen[i]))
				bus->notify(bus->user, USB_LEFT, &before.seen[i]);
		for (unsigned i = 0; i < bus->known.count; i++)
			if (!roll_find(&before, &bus->known.seen[i]))
				bus->notify(bus->user, USB_ARRIVED, &bus->known.seen[i]);
		*found = before;
	}
	pthread_mutex_unlock(&bus->changing);
	return current;
}

void usb_bus_rescan(struct usb_bus *bus)
{
	for (unsigned tries = 0; tries < SCAN_TRIES; tries++) {
		struct usb_roll found = {0};
		unsigned changes;
		bool taken;

		pthread_mutex_lock(&bus->mutex);
		changes = bus->changes;
		pthread_mutex_unlock(&bus->mutex);
		taken = !scan(&bus->filter, &found) || take_scan(bus, &found, changes);
		free(found.seen);
		if (taken)
			return;
	}
}

/* --- opening and closing --- */

static bool listen_for_hotplug(struct usb_bus *bus)
{
	if (!libusb_has_capability(LIBUSB_CAP_HAS_HOTPLUG))
		return false; /* scanning alone must do */
	return libusb_hotplug_register_callback(
		       bus->context,
		       LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT,
		       LIBUSB_HOTPLUG_NO_FLAGS, bus->filter.vid, bus->filter.pid,
		       LIBUSB_HOTPLUG_MATCH_ANY, on_hotplug, bus, &bus->hotplug) == 0;
}

struct usb_bus *usb_bus_open(const struct usb_filter *filter, usb_notify *notify, void *user,
			     char *why, size_t why_size)
{
	struct usb_bus *bus = calloc(1, sizeof(*bus));
	int error;

	if (!bus) {
		snprintf(why, why_size, "out of memory");
		return NULL;
	}
	bus->filter = *filter;
	bus->notify = notify;
	bus->user = user;
	bus->hints_end = &bus->hints;
	error = pthread_mutex_init(&bus->changing, NULL);
	if (error)
		goto err_free;
	error = pthread_mutex_init(&bus->mutex, NULL);
	if (error)
		goto err_changing;
	error = libusb_init(&bus->context);
	if (error) {
		snprintf(why, why_size, "libusb cannot start: %s", usb_error_name(error));
		goto err_mutex;
	}
	bus->listening = listen_for_hotplug(bus);
	error = pthread_create(&bus->events, NULL, event_thread, bus);
	if (error) {
		snprintf(why, why_size, "no thread for USB events: %s", strerror(error));
		goto err_context;
	}
	usb_bus_rescan(bus);
	return bus;

err_context:
	libusb_exit(bus->context);
err_mutex:
	pthread_mutex_destroy(&bus->mutex);
	error = 0;
err_changing:
	pthread_mutex_destroy(&bus->changing);
err_free:
	if (error)
		snprintf(why, why_size, "no lock for the USB bus: %s", strerror(error));
	free(bus);
	return NULL;
}

void usb_bus_close(struct usb_bus *bus)
{
	if (!bus)
		return;
	if (bus->listening)
		libusb_hotplug_deregister_callback(bus->context, bus->hotplug);
	atomic_store(&bus->stop, true);
	libusb_interrupt_event_handler(bus->context);
	pthread_join(bus->events, NULL);
	/* With a transfer left behind, libusb would free what the kernel may yet write to. */
	if (!atomic_load(&bus->leaked))
		libusb_exit(bus->context);
	free(bus->known.seen);
	pthread_mutex_destroy(&bus->mutex);
	pthread_mutex_destroy(&bus->changing);
	free(bus);
}
