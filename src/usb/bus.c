/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening and closing the bus, and waiting for the watcher. */
#include "h7gang/usb/bus.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus_private.h"
#include "h7gang/base/clock.h"

#define OPEN_WAIT_MS 5000  /* for the first look; then the run goes on without it */
#define LOOK_WAIT_MS 10000 /* for a look requested by a command */
#define CLOSE_WAIT_MS 2000 /* a watcher that hangs in the kernel longer is left behind */

void usb_bus_follow(struct usb_bus *bus, const struct usb_filter *filter, unsigned count)
{
	pthread_mutex_lock(&bus->mutex);
	bus->also_count = count < USB_ALSO_MAX ? count : USB_ALSO_MAX;
	for (unsigned i = 0; i < bus->also_count; i++)
		bus->also[i] = filter[i];
	pthread_mutex_unlock(&bus->mutex);
	usb_bus_look(bus);
}

bool usb_bus_looked(struct usb_bus *bus, int64_t since)
{
	bool looked;

	pthread_mutex_lock(&bus->mutex);
	looked = bus->looked && bus->looked >= since;
	pthread_mutex_unlock(&bus->mutex);
	return looked;
}

bool usb_bus_stuck(struct usb_bus *bus, int64_t ms)
{
	bool stuck;

	pthread_mutex_lock(&bus->mutex);
	stuck = (bus->state == USB_BUS_OPENING || bus->looking) &&
		clock_elapsed_ms(bus->looking) >= ms;
	pthread_mutex_unlock(&bus->mutex);
	return stuck;
}

bool usb_bus_rescan(struct usb_bus *bus)
{
	int64_t now = clock_now(), deadline = clock_after_ms(LOOK_WAIT_MS);
	bool looked;

	usb_bus_look(bus);
	pthread_mutex_lock(&bus->mutex);
	while (!(looked = bus->looked && bus->looked >= now) &&
	       clock_wait_until(&bus->told, &bus->mutex, deadline))
		;
	pthread_mutex_unlock(&bus->mutex);
	return looked;
}

/* --- opening and closing --- */

static int locks_init(struct usb_bus *bus)
{
	int error = pthread_mutex_init(&bus->changing, NULL);

	if (error)
		return error;
	error = pthread_mutex_init(&bus->mutex, NULL);
	if (error)
		goto err_changing;
	error = clock_cond_init(&bus->asked);
	if (error)
		goto err_mutex;
	error = clock_cond_init(&bus->told);
	if (error)
		goto err_asked;
	bus->wires = usb_wires_new();
	if (bus->wires)
		return 0;
	error = ENOMEM;
	pthread_cond_destroy(&bus->told);
err_asked:
	pthread_cond_destroy(&bus->asked);
err_mutex:
	pthread_mutex_destroy(&bus->mutex);
err_changing:
	pthread_mutex_destroy(&bus->changing);
	return error;
}

static void bus_free(struct usb_bus *bus)
{
	free(bus->known.seen);
	free(bus->others.seen);
	usb_wires_free(bus->wires);
	pthread_cond_destroy(&bus->told);
	pthread_cond_destroy(&bus->asked);
	pthread_mutex_destroy(&bus->mutex);
	pthread_mutex_destroy(&bus->changing);
	free(bus);
}

/* Returns the state once the first look is over, or it has failed, or took too long. */
static enum usb_bus_state await_first_look(struct usb_bus *bus)
{
	int64_t deadline = clock_after_ms(OPEN_WAIT_MS);
	enum usb_bus_state state;

	pthread_mutex_lock(&bus->mutex);
	while (bus->state != USB_BUS_FAILED && !bus->looked &&
	       clock_wait_until(&bus->told, &bus->mutex, deadline))
		;
	state = bus->state;
	pthread_mutex_unlock(&bus->mutex);
	return state;
}

struct usb_bus *usb_bus_open(const struct usb_filter *filter, usb_notify *notify_user, void *user,
			     char *why, size_t why_size)
{
	struct usb_bus *bus = calloc(1, sizeof(*bus));
	int error = ENOMEM;

	if (!bus || (error = locks_init(bus)) != 0) {
		snprintf(why, why_size, "no memory for the USB bus: %s", strerror(error));
		free(bus);
		return NULL;
	}
	bus->filter = *filter;
	bus->notify = notify_user;
	bus->user = user;
	bus->looking = clock_now();
	error = pthread_create(&bus->watcher, NULL, usb_watcher_main, bus);
	if (error) {
		snprintf(why, why_size, "no thread for the USB bus: %s", strerror(error));
		bus_free(bus);
		return NULL;
	}
	if (await_first_look(bus) != USB_BUS_FAILED)
		return bus;
	snprintf(why, why_size, "%s", bus->why);
	pthread_join(bus->watcher, NULL);
	bus_free(bus);
	return NULL;
}

bool usb_bus_failed(struct usb_bus *bus, char *why, size_t why_size)
{
	bool failed;

	pthread_mutex_lock(&bus->mutex);
	failed = bus->state == USB_BUS_FAILED;
	snprintf(why, why_size, "%s", failed ? bus->why : "");
	pthread_mutex_unlock(&bus->mutex);
	return failed;
}

void usb_bus_hush(struct usb_bus *bus)
{
	pthread_mutex_lock(&bus->changing);
	atomic_store(&bus->stop, true);
	pthread_mutex_unlock(&bus->changing);
	usb_bus_look(bus);
}

static bool await_watcher(struct usb_bus *bus)
{
	int64_t deadline = clock_after_ms(CLOSE_WAIT_MS);
	bool done;

	pthread_mutex_lock(&bus->mutex);
	while (!(done = bus->watcher_done) && clock_wait_until(&bus->told, &bus->mutex, deadline))
		;
	pthread_mutex_unlock(&bus->mutex);
	return done;
}

void usb_bus_close(struct usb_bus *bus)
{
	if (!bus)
		return;
	usb_bus_hush(bus);
	/* The watcher hangs in the kernel and may still use all of this, and locks of libusb. */
	if (!await_watcher(bus))
		return;
	pthread_join(bus->watcher, NULL);
	if (bus->state == USB_BUS_OPEN) {
		usb_hints_end(bus);
		/* libusb would free the buffer of a leaked transfer, but the kernel may still write
		 * to it. */
		if (!atomic_load(&bus->leaked))
			libusb_exit(bus->context);
	}
	bus_free(bus);
}
