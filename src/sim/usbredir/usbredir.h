/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Serves the tray to QEMU: each board by the usbredir protocol on a unix socket DIR/NAME, where
 * QEMU's usb-redir device plugs it into a virtual hub. */
#ifndef SIM_USBREDIR_H
#define SIM_USBREDIR_H

#include <stdbool.h>
#include <stddef.h>

struct fleet;
struct server;
struct tray;
struct usbredir;

/* Whether this build has the front (libusbredirparser). */
bool usbredir_is_built(void);

/* Listens at `folder`/NAME for every board; the folder is made if it is missing. Fleet and tray are
 * borrowed. NULL with a reason. */
struct usbredir *usbredir_open(const struct fleet *fleet, struct tray *tray, struct server *server,
			       const char *folder, char *why, size_t why_size);
/* Ends all connections and removes the sockets. */
void usbredir_close(struct usbredir *front);

#endif
