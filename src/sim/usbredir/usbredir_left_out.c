/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Replaces the usbredir front end if libusbredirparser is missing at build time. */
#include <stdio.h>

#include "usbredir.h"

bool usbredir_is_built(void)
{
	return false;
}

struct usbredir *usbredir_open(const struct fleet *fleet, struct tray *tray, struct server *server,
			       const char *folder, char *why, size_t why_size)
{
	(void)fleet;
	(void)tray;
	(void)server;
	snprintf(why, why_size,
		 "%s: h7gang-sim was built without usbredir. Install libusbredirparser-dev and "
		 "build it again.",
		 folder);
	return NULL;
}

void usbredir_close(struct usbredir *front)
{
	(void)front;
}
