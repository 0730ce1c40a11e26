/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One board's side of one usbredir connection. */
#ifndef SIM_USBREDIR_PORT_H
#define SIM_USBREDIR_PORT_H

#include <stdbool.h>
#include <stdint.h>

struct rom_config;
struct tray;
struct usbredirparser;
struct usbredir_request;

struct usbredir_port {
	struct tray *tray;
	const struct rom_config *config;
	unsigned target;
	int fd; /* -1: QEMU is not connected */
	struct usbredirparser *parser;
	bool greeted;   /* QEMU's hello came */
	bool connected; /* QEMU was told of the board */
	uint8_t alt;
	struct usbredir_request *requests;
};

/* Takes over the connection. False: no memory; the connection is closed. */
bool usbredir_port_open(struct usbredir_port *port, int fd);
void usbredir_port_close(struct usbredir_port *port);

/* Reads QEMU's messages. False: the connection has ended. */
bool usbredir_port_read(struct usbredir_port *port);
/* Sends the queue. True: it is empty. */
bool usbredir_port_flush(struct usbredir_port *port);

/* The board was plugged in or left. */
void usbredir_port_plugged(struct usbredir_port *port, bool plugged);

#endif
