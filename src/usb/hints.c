/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The event thread: transfers that end, and hotplug events, which are hints only. */
#include <stdlib.h>
#include <string.h>

#include "bus_private.h"
#include "h7gang/base/clock.h"
#include "scan.h"

#define EVENTS_S 60        /* a bound for one wait; the thread is ended by an interrupt */
#define EVENTS_PAUSE_MS 20 /* after an error of libusb's, so that it cannot spin */

/* Whether the device has IDs that the bus also lists. */
static bool is_followed(struct usb_bus *bus, libusb_device *device)
{
	struct usb_filter also[USB_ALSO_MAX];
	unsigned count;
	struct usb_seen seen;
	bool followed = false;

	pthread_mutex_lock(&bus->mutex);
	count = bus->also_count;
	memcpy(also, bus->also, sizeof(also));
	pthread_mutex_unlock(&bus->mutex);
	for (unsigned i = 0; i < count && !followed; i++)
		followed = usb_look(device, &also[i], &seen);
	return followed;
}

static void take_hints(struct usb_bus *bus)
{
	struct usb_hint *hint;

	while ((hint = bus->hints)) {
		struct usb_seen seen;

		bus->hints = hint->next;
		if (!bus->hints)
			bus->hints_end = &bus->hints;
		if (usb_look(hint->device, &bus->filter, &seen))
			usb_bus_hint(bus, hint->change, &seen);
		else if (is_followed(bus, hint->device))
			usb_bus_look(bus);
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

static void listen_for_hotplug(struct usb_bus *bus)
{
	if (!libusb_has_capability(LIBUSB_CAP_HAS_HOTPLUG))
		return; /* scanning alone must do */
	/* For every device: the filters beside the targets are set later and can change. */
	bus->listening =
		libusb_hotplug_register_callback(
			bus->context,
			LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT,
			LIBUSB_HOTPLUG_NO_FLAGS, LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY,
			LIBUSB_HOTPLUG_MATCH_ANY, on_hotplug, bus, &bus->hotplug) == 0;
}

int usb_hints_start(struct usb_bus *bus)
{
	bus->hints_end = &bus->hints;
	listen_for_hotplug(bus);
	return pthread_create(&bus->events, NULL, event_thread, bus);
}

void usb_hints_end(struct usb_bus *bus)
{
	if (bus->listening)
		libusb_hotplug_deregister_callback(bus->context, bus->hotplug);
	libusb_interrupt_event_handler(bus->context);
	pthread_join(bus->events, NULL);
}
