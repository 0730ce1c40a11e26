/* SPDX-License-Identifier: GPL-2.0-or-later */
/* USB/IP on the wire, as vhci_hcd speaks it once a port is attached: 48 bytes of header, all fields
 * big-endian (kernel Documentation/usb/usbip_protocol.rst). */
#ifndef SIM_VHCI_WIRE_H
#define SIM_VHCI_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VHCI_HEADER 48

enum vhci_command {
	VHCI_CMD_SUBMIT = 1,
	VHCI_CMD_UNLINK = 2,
	VHCI_RET_SUBMIT = 3,
	VHCI_RET_UNLINK = 4
};

/* A request of the host. */
struct vhci_request {
	uint32_t command;
	uint32_t seqnum;
	uint32_t endpoint;
	bool in;
	uint32_t length;  /* SUBMIT: size of the host's buffer; for OUT that many bytes follow */
	uint8_t setup[8]; /* SUBMIT */
	uint32_t unlink_seqnum; /* UNLINK: the request to take back */
};

/* False: not a request of this protocol. */
bool vhci_wire_parse(const uint8_t bytes[VHCI_HEADER], struct vhci_request *request);

/* `status`: 0 or a negative errno. `length`: bytes moved; for IN they follow the header. */
void vhci_wire_ret_submit(uint8_t bytes[VHCI_HEADER], uint32_t seqnum, int status, uint32_t length);
void vhci_wire_ret_unlink(uint8_t bytes[VHCI_HEADER], uint32_t seqnum, int status);

#endif
