/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The 12 Mbit/s that boards share behind one transaction translator, and the high-speed bus above
 * the translators. Boards take turns for long data stages: enough of them at a time to keep the
 * wire busy, and first the board with the most flash work left. Thread-safe. */
#ifndef H7GANG_USB_WIRE_H
#define H7GANG_USB_WIRE_H

#include <stdbool.h>
#include <stdint.h>

struct usb_device;
struct usb_seat; /* one open device's place on its wire; lives as long as the device */

/* Nanoseconds of a full-speed wire that a control transfer needs with `bytes` in its data stage:
 * packets of 64 bytes with 13 byte times of overhead, 34 for SETUP and status stage, 19 full
 * packets in a frame of 1 ms (USB 2.0 tables 5-2 and 5-9). */
int64_t usb_wire_ns(uint32_t bytes);

/* Wires that one high-speed bus carries through its translators: 300 full-speed packets in 1 ms,
 * from the bytes of a split transaction (inferred), at 19 a wire. */
#define USB_WIRES_A_BUS 15.8

struct usb_seat *usb_device_seat(struct usb_device *device);

/* Open devices on the same wire, and on the same bus; both at least 1. */
struct usb_sharers {
	unsigned wire, bus;
};
struct usb_sharers usb_seat_sharers(struct usb_seat *seat);

/* The kinds of load that are measured per block. A turn reads or writes. USB_WRITING covers the
 * whole download group of a block; USB_SENDING covers its data transfer alone. */
enum usb_load { USB_READING, USB_WRITING, USB_SENDING, USB_LOADS };

struct usb_turn {
	enum usb_load load;
	uint32_t block; /* bytes of each data transfer */
	uint64_t rank;  /* the more flash work is left, the higher: the highest is served first */
	bool survey;    /* the board is read before its flash work begins; see usb_turn_take */
	/* Permille of the wire that the board needs until that work is done, its erases included.
	 */
	unsigned need;
};

/* Waits for a turn: until `deadline`, or until `stop` returns true (may be NULL). True: it is
 * granted. A seat that has a turn asks for its next one: it keeps it unless another board ranks
 * higher. A turn counts for USB_TURN_MS at most, so that a board that hangs does not hold up its
 * neighbours longer. A board that has waited for USB_AGED_MS is served before any rank.
 *
 * Of the boards that are surveyed, those that found room on the wire at once keep it until they are
 * done, so that flash work begins early. The others share the rest evenly, the lower rank first:
 * served one after the other, the last of them would begin its flash work too late. */
#define USB_TURN_MS 2000
#define USB_AGED_MS 10000
bool usb_turn_take(struct usb_seat *seat, const struct usb_turn *turn, int64_t deadline,
		   bool (*stop)(void *user), void *user);

/* Ends the turn, if there is one. */
void usb_turn_give(struct usb_seat *seat);

/* The shortest time, in ns, of a block of `block` bytes on this wire: `best` (0: none was
 * measured), or a neighbour's. */
int64_t usb_wire_best(struct usb_seat *seat, enum usb_load load, uint32_t block, int64_t best);

/* Asks to leave the wire idle for long, by a mass erase: granted to `wire` boards of this wire and
 * to `bus` of this bus. */
bool usb_wire_may_idle(struct usb_seat *seat, unsigned wire, unsigned bus);

#endif
