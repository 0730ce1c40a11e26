/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The expected time of a tray on the hubs that the station has. */
#ifndef H7GANG_SRC_CLI_TRAY_TIME_H
#define H7GANG_SRC_CLI_TRAY_TIME_H

#include <jansson.h>
#include <stdbool.h>

#include "h7gang/profile/profile.h"
#include "h7gang/usb/bus.h"

struct tray_port {
	char wire[USB_PATH_SIZE]; /* see usb_full_speed_domain */
	unsigned bus;
};

/* The wire of the device that is, or will be, plugged in at `path`. */
void tray_port(const char *path, struct tray_port *port);

/* The same where its domain is known; "": there is none. */
void tray_port_on(const char *path, const char *domain, struct tray_port *port);

/* In s, until the last of the boards at these ports is done. `dirty`: their flash is not blank. */
double tray_time(const struct profile *profile, const struct tray_port *ports, unsigned count,
		 bool dirty);

/* The same if each board had a wire of its own; and if each had a bus of its own, too. */
double tray_time_own_wires(const struct profile *profile, const struct tray_port *ports,
			   unsigned count, bool dirty);
double tray_time_own_buses(const struct profile *profile, bool dirty);

/* {"hub", "boards", "blank_s", "dirty_s"}, the times to a tenth of a second. */
json_t *tray_time_json(const char *hub, unsigned boards, double blank_s, double dirty_s);

#endif
