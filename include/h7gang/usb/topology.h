/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hubs and speeds, for people: which boards share one transaction translator and thus 12 Mbit/s. */
#ifndef H7GANG_USB_TOPOLOGY_H
#define H7GANG_USB_TOPOLOGY_H

#include <stddef.h>

#include "h7gang/usb/bus.h"

struct usb_hub {
	char path[USB_PATH_SIZE]; /* "usb1" for a root hub, "1-1" */
	char product[64];         /* printable text or "" */
	unsigned speed_mbps;      /* 12, 480, 5000; 0 unknown */
	bool multi_tt;
};

/* The hubs from the root down to `path`'s parent. Returns how many, at most `max`. Reads sysfs;
 * where it does not tell, products are "" and speeds 0. */
unsigned usb_hub_chain(const char *path, struct usb_hub *hubs, unsigned max);

/* The names of all hubs on the bus, root hubs among them, in no order. Returns how many, at most
 * `max`. */
unsigned usb_hubs(char (*path)[USB_PATH_SIZE], unsigned max);

/* The name of the full-speed domain whose 12 Mbit/s `path` shares: the path of the high-speed hub
 * whose single transaction translator serves it, the port itself behind a multi-TT hub, or the
 * root. "" if unknown. */
void usb_full_speed_domain(const char *path, char *domain, size_t size);

/* The same from the whole chain of `path`, read by usb_hub_chain. */
void usb_full_speed_domain_of(const char *path, const struct usb_hub *hubs, unsigned count,
			      char *domain, size_t size);

#endif
