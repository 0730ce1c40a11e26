/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of boards on the bus, and how scans and hotplug events change it. */
#include <string.h>

#include "bus_private.h"
#include "sysfs.h"

static void complete(struct usb_seen *seen)
{
	struct usb_ports ports;

	if (usb_ports_parse(seen->path, &ports))
		usb_id_path(&ports, seen->id_path);
}

bool usb_bus_find(struct usb_bus *bus, const char *path, struct usb_seen *seen)
{
	const struct usb_seen *found;

	pthread_mutex_lock(&bus->mutex);
	found = usb_roll_find_path(&bus->known, path);
	if (found)
		*seen = *found;
	pthread_mutex_unlock(&bus->mutex);
	return found != NULL;
}

void usb_bus_look(struct usb_bus *bus)
{
	pthread_mutex_lock(&bus->mutex);
	bus->wanted = true;
	pthread_cond_signal(&bus->asked);
	pthread_mutex_unlock(&bus->mutex);
}

static unsigned copy_roll(struct usb_bus *bus, const struct usb_roll *roll, struct usb_seen *seen,
			  unsigned max)
{
	unsigned count;

	pthread_mutex_lock(&bus->mutex);
	count = roll->count < max ? roll->count : max;
	if (count > 0)
		memcpy(seen, roll->seen, count * sizeof(*seen));
	pthread_mutex_unlock(&bus->mutex);
	return count;
}

unsigned usb_bus_list(struct usb_bus *bus, struct usb_seen *seen, unsigned max)
{
	return copy_roll(bus, &bus->known, seen, max);
}

unsigned usb_bus_list_also(struct usb_bus *bus, struct usb_seen *seen, unsigned max)
{
	return copy_roll(bus, &bus->others, seen, max);
}

bool usb_bus_present(struct usb_bus *bus, const struct usb_seen *seen)
{
	bool present;

	pthread_mutex_lock(&bus->mutex);
	present = usb_roll_find(&bus->known, seen) != NULL;
	pthread_mutex_unlock(&bus->mutex);
	return present;
}

/* With `changing` held. Once the bus is being closed its user may be gone. */
static void notify(struct usb_bus *bus, enum usb_change change, const struct usb_seen *seen)
{
	if (!atomic_load(&bus->stop))
		bus->notify(bus->user, change, seen);
}

static void take_arrival(struct usb_bus *bus, struct usb_seen *seen)
{
	struct usb_seen before;
	struct usb_seen *old;
	bool replug = false, added = false;

	complete(seen);
	pthread_mutex_lock(&bus->mutex);
	bus->changes++;
	if (!usb_roll_find(&bus->known, seen)) {
		old = usb_roll_find_path(&bus->known, seen->path);
		if (old) {
			replug = true;
			before = *old;
			usb_roll_drop(&bus->known, old);
		}
		/* Out of memory: the next scan tries again. */
		added = usb_roll_add(&bus->known, seen);
	}
	pthread_mutex_unlock(&bus->mutex);
	if (replug)
		notify(bus, USB_LEFT, &before);
	if (added)
		notify(bus, USB_ARRIVED, seen);
}

static void take_departure(struct usb_bus *bus, struct usb_seen *seen)
{
	struct usb_seen *old;

	pthread_mutex_lock(&bus->mutex);
	bus->changes++;
	old = usb_roll_find(&bus->known, seen);
	if (old) {
		*seen = *old;
		usb_roll_drop(&bus->known, old);
	}
	pthread_mutex_unlock(&bus->mutex);
	if (old)
		notify(bus, USB_LEFT, seen);
}

bool usb_bus_take(struct usb_bus *bus, struct usb_roll *found, unsigned changes)
{
	struct usb_roll before;
	bool current;

	pthread_mutex_lock(&bus->changing);
	for (unsigned i = 0; i < found->count; i++) {
		/* All writers hold `changing`, which is enough for reading. */
		const struct usb_seen *old = usb_roll_find(&bus->known, &found->seen[i]);

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
			if (!usb_roll_find(&bus->known, &before.seen[i]))
				notify(bus, USB_LEFT, &before.seen[i]);
		for (unsigned i = 0; i < bus->known.count; i++)
			if (!usb_roll_find(&before, &bus->known.seen[i]))
				notify(bus, USB_ARRIVED, &bus->known.seen[i]);
		*found = before;
	}
	pthread_mutex_unlock(&bus->changing);
	return current;
}

void usb_bus_hint(struct usb_bus *bus, enum usb_change change, struct usb_seen *seen)
{
	pthread_mutex_lock(&bus->changing);
	if (change == USB_ARRIVED)
		take_arrival(bus, seen);
	else
		take_departure(bus, seen);
	pthread_mutex_unlock(&bus->changing);
}
