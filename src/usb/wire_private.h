/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Seats, for the files of the usb room that open devices. */
#ifndef H7GANG_USB_WIRE_PRIVATE_H
#define H7GANG_USB_WIRE_PRIVATE_H

#include "h7gang/usb/wire.h"

struct usb_wires;

struct usb_wires *usb_wires_new(void); /* NULL: no memory */
/* No seat may be taken. */
void usb_wires_free(struct usb_wires *wires);

/* A place on the wire `domain` (see usb_full_speed_domain) of bus `bus`. NULL: no memory. */
struct usb_seat *usb_seat_take(struct usb_wires *wires, const char *domain, unsigned bus);
void usb_seat_leave(struct usb_seat *seat);

/* How much later than its own deadline a transfer may end because other boards share the wire, ns:
 * each of them may have a window of blocks in front of it. */
int64_t usb_seat_patience(struct usb_seat *seat);

#endif
