/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A bus, shared by the files of the usb room. */
#ifndef H7GANG_USB_BUS_PRIVATE_H
#define H7GANG_USB_BUS_PRIVATE_H

#include <libusb.h>
#include <pthread.h>
#include <stdatomic.h>

#include "h7gang/usb/bus.h"
#include "roll.h"
#include "wire_private.h"

struct usb_hint { /* a hotplug event, noted in libusb's callback and handled after it */
	struct usb_hint *next;
	enum usb_change change;
	libusb_device *device; /* a reference of ours */
};

enum usb_bus_state { USB_BUS_OPENING, USB_BUS_OPEN, USB_BUS_FAILED };

struct usb_bus {
	libusb_context *context; /* of the watcher until the state is USB_BUS_OPEN */
	struct usb_filter filter;
	usb_notify *notify;
	void *user;

	pthread_t watcher; /* the only thread that looks; see watcher.c */
	pthread_t events;
	atomic_bool stop;
	atomic_bool leaked; /* a device had to be left open: the context outlives the bus */
	bool listening;
	libusb_hotplug_callback_handle hotplug;
	struct usb_hint *hints, **hints_end; /* event thread only, until it is joined */

	pthread_mutex_t changing; /* one change at a time, notifications included */
	pthread_mutex_t mutex;    /* guards all below; never held across a call to others */
	pthread_cond_t asked;     /* wakes the watcher */
	pthread_cond_t told;      /* the watcher has finished something */
	struct usb_wires *wires;  /* has its own lock */
	struct usb_roll known;
	struct usb_filter also[USB_ALSO_MAX]; /* IDs that are listed in `others` */
	unsigned also_count;
	struct usb_roll others;
	unsigned changes; /* counts hints, to detect an outdated scan */
	enum usb_bus_state state;
	bool wanted;       /* a look was asked for */
	bool watcher_done; /* it has ended its work */
	int64_t looking;   /* start of the look in progress; 0: none */
	int64_t looked;    /* start of the last finished look; 0: none */
	char why[160];     /* in the state FAILED */
};

/* hints.c: hotplug events, and the thread that takes them and all transfers from libusb. */
/* Starts both; hotplug events may be unavailable. Returns 0 or an errno value. */
int usb_hints_start(struct usb_bus *bus);
/* Joins the event thread. */
void usb_hints_end(struct usb_bus *bus);

/* changes.c: replaces the list by `found`, which gets the old one, and notifies the differences.
 * False: a hint came after `changes`, the count before `found` was gathered, and may be newer. */
bool usb_bus_take(struct usb_bus *bus, struct usb_roll *found, unsigned changes);
/* Notes a hint's arrival or departure in the list, and notifies it. */
void usb_bus_hint(struct usb_bus *bus, enum usb_change change, struct usb_seen *seen);

/* watcher.c */
void *usb_watcher_main(void *bus);

#endif
