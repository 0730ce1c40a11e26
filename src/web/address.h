/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The addresses that the program may listen at. */
#ifndef WEB_ADDRESS_H
#define WEB_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

/* The parts of HOST:PORT, [HOST]:PORT or unix:PATH. */
struct address {
	char host[80]; /* "" of a unix socket */
	char path[108];
	unsigned short port;
	bool local; /* only this computer can reach it */
};

/* False: `why`. */
bool address_read(const char *text, struct address *address, char *why, size_t why_size);

/* A descriptor that listens there; -1: `why`. */
int address_listen(const struct address *address, char *why, size_t why_size);

#endif
