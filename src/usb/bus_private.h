/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the usb room share of a bus. */
#ifndef H7GANG_USB_BUS_PRIVATE_H
#define H7GANG_USB_BUS_PRIVATE_H

#include <libusb.h>
#include <pthread.h>
#include <stdatomic.h>

#include "h7gang/usb/bus.h"

struct usb_roll { /* an array of what is there */
	struct usb_seen *seen;
	unsigned count, room;
};

struct usb_hint { /* a hotplug event, noted in libusb's callback and dealt with after it */
	struct usb_hint *next;
	enum usb_change change;
	libusb_device *device; /* a reference of ours */
};

struct usb_bus {
	libusb_context *context;
	struct usb_filter filter;
	usb_notify *notify;
	void *user;

	pthread_t events;
	atomic_bool stop;
	atomic_bool leaked; /* a device had to be left open: the context outlives the bus */
	bool listening;
	libusb_hotplug_callback_handle hotplug;
	struct usb_hint *hints, **hints_end; /* event thread only, until it is joined */

	pthread_mutex_t changing; /* one change at a time, notifications included */
	pthread_mutex_t mutex;	  /* guards what follows; never held across a call to others */
	struct usb_roll known;
	unsigned changes; /* counts hints, to tell a scan that it is out of date */
};

/* Fills in all but id_path. False for root hubs and what the filter does not want. */
bool usb_look(libusb_device *device, const struct usb_filter *filter, struct usb_seen *seen);

bool usb_same(const struct usb_seen *a, const struct usb_seen *b);

#endif
