/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vhci_port.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include "sim/server/tray.h"

#define SEND_S                                                                                     \
	2 /* the kernel's reader has nothing to wait for; longer than this means it is gone */

/* A request between the kernel's SUBMIT and our answer. Its address is its tag in the tray. */
struct vhci_urb {
	struct vhci_urb *next;
	uint32_t seqnum;
	uint32_t unlink_seqnum; /* of the UNLINK that asked for it back, if `unlinked` */
	uint32_t length;        /* of the host's buffer */
	bool in;
	bool unlinked;
};

void vhci_port_init(struct vhci_port *port, struct tray *tray, const struct vhci_slot *slot)
{
	memset(port, 0, sizeof(*port));
	port->tray = tray;
	port->slot = *slot;
	port->fd = -1;
}

int vhci_port_attach(struct vhci_port *port)
{
	const struct timeval limit = {.tv_sec = SEND_S};
	int pair[2];
	int result;

	if (!vhci_hcd_is_free(&port->slot))
		return -EBUSY;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return -errno;
	if (setsockopt(pair[0], SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) != 0)
		result = -errno;
	else
		result = vhci_hcd_attach(port->slot.port, pair[1], port->devid);
	close(pair[1]); /* the kernel holds its own reference */
	if (result != 0) {
		close(pair[0]);
		return result;
	}
	port->fd = pair[0];
	port->have = 0;
	return 0;
}

void vhci_port_close(struct vhci_port *port)
{
	if (port->fd < 0)
		return;
	tray_cancel_user(port->tray, port);
	while (port->urbs) {
		struct vhci_urb *urb = port->urbs;

		port->urbs = urb->next;
		free(urb);
	}
	/* The end of the stream is an unplug to vhci_hcd, and unlike a write to `detach` it happens
	 * even if this program is killed. */
	close(port->fd);
	port->fd = -1;
}

static void port_send(struct vhci_port *port, const uint8_t header[VHCI_HEADER],
		      const uint8_t *data, size_t length)
{
	struct iovec parts[2] = {{(void *)(uintptr_t)header, VHCI_HEADER},
				 {(void *)(uintptr_t)data, length}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
	size_t left = VHCI_HEADER + length;

	while (left > 0) {
		ssize_t sent = sendmsg(port->fd, &message, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0) {
			/* The read side sees the end and closes the port. */
			shutdown(port->fd, SHUT_RDWR);
			return;
		}
		left -= (size_t)sent;
		for (int i = 0; i < 2; i++) {
			size_t step =
				(size_t)sent < parts[i].iov_len ? (size_t)sent : parts[i].iov_len;

			parts[i].iov_base = (uint8_t *)parts[i].iov_base + step;
			parts[i].iov_len -= step;
			sent -= (ssize_t)step;
		}
	}
}

static void urb_remove(struct vhci_port *port, struct vhci_urb *urb)
{
	struct vhci_urb **at = &port->urbs;

	while (*at && *at != urb)
		at = &(*at)->next;
	if (*at)
		*at = urb->next;
	free(urb);
}

static void urb_done(void *user, uint64_t tag, enum tray_status status, const uint8_t *data,
		     size_t length)
{
	struct vhci_port *port = user;
	struct vhci_urb *urb = (struct vhci_urb *)(uintptr_t)tag;
	uint8_t header[VHCI_HEADER];
	size_t moved = length < urb->length ? length : urb->length;

	switch (status) {
	case TRAY_DONE:
		vhci_wire_ret_submit(header, urb->seqnum, 0, (uint32_t)moved);
		port_send(port, header, data, urb->in ? moved : 0);
		break;
	case TRAY_OVERFLOW:
		vhci_wire_ret_submit(header, urb->seqnum, -EOVERFLOW, (uint32_t)moved);
		port_send(port, header, data, urb->in ? moved : 0);
		break;
	case TRAY_STALL:
		vhci_wire_ret_submit(header, urb->seqnum, -EPIPE, 0);
		port_send(port, header, NULL, 0);
		break;
	case TRAY_CANCELLED:
		if (!urb->unlinked)
			break;
		vhci_wire_ret_unlink(header, urb->unlink_seqnum, -ECONNRESET);
		port_send(port, header, NULL, 0);
		break;
	case TRAY_GONE:
		/* A request cut off by a reset fails on the wire. A request to a device that has
		 * left gets no answer: the unplug ends it. */
		if (!port->resetting)
			break;
		vhci_wire_ret_submit(header, urb->seqnum, -EPROTO, 0);
		port_send(port, header, NULL, 0);
		break;
	}
	urb_remove(port, urb);
}

/* The kernel reads the device descriptor with a buffer of 64 bytes after a reset of the port, which
 * is all that vhci_hcd lets through of it; no other reader asks with that length. */
static bool follows_reset(const struct vhci_request *request)
{
	static const uint8_t get_device_descriptor[8] = {0x80, 6, 0, 1, 0, 0, 64, 0};

	return memcmp(request->setup, get_device_descriptor, sizeof(get_device_descriptor)) == 0;
}

static void submit(struct vhci_port *port, const struct vhci_request *request, const uint8_t *out)
{
	struct vhci_urb *urb;
	uint8_t header[VHCI_HEADER];

	urb = request->endpoint == 0 ? calloc(1, sizeof(*urb)) : NULL;
	if (!urb) {
		vhci_wire_ret_submit(header, request->seqnum, -EPIPE, 0);
		port_send(port, header, NULL, 0);
		return;
	}
	urb->seqnum = request->seqnum;
	urb->in = request->in;
	urb->length = request->length;
	if (follows_reset(request)) {
		port->resetting = true;
		tray_bus_reset(port->tray, port->target);
		port->resetting = false;
	}
	urb->next = port->urbs;
	port->urbs = urb;
	tray_submit(port->tray, port->target, request->setup, out,
		    request->in ? 0 : request->length, urb_done, port, (uintptr_t)urb);
}

/* Answered when the tray has let go of the request, so that a part that is slow to do so is slow
 * here too; at once, with status 0, if its own answer is already on the way. */
static void unlink_urb(struct vhci_port *port, const struct vhci_request *request)
{
	uint8_t header[VHCI_HEADER];
	struct vhci_urb *urb = port->urbs;

	while (urb && urb->seqnum != request->unlink_seqnum)
		urb = urb->next;
	if (urb) {
		urb->unlinked = true;
		urb->unlink_seqnum = request->seqnum;
		if (tray_cancel(port->tray, port, (uintptr_t)urb))
			return;
	}
	vhci_wire_ret_unlink(header, request->seqnum, 0);
	port_send(port, header, NULL, 0);
}

/* One whole request from the front of the buffer. 0: not all of it is here; SIZE_MAX: not USB/IP.
 */
static size_t take_one(struct vhci_port *port)
{
	struct vhci_request request;
	size_t size = VHCI_HEADER;

	if (port->have < size)
		return 0;
	if (!vhci_wire_parse(port->in, &request))
		return SIZE_MAX;
	if (request.command == VHCI_CMD_SUBMIT && !request.in) {
		if (request.length > ROM_DATA_MAX)
			return SIZE_MAX;
		size += request.length;
	}
	if (port->have < size)
		return 0;
	if (request.command == VHCI_CMD_SUBMIT)
		submit(port, &request, port->in + VHCI_HEADER);
	else
		unlink_urb(port, &request);
	return size;
}

void vhci_port_read(struct vhci_port *port)
{
	while (port->fd >= 0) {
		ssize_t got = recv(port->fd, port->in + port->have, sizeof(port->in) - port->have,
				   MSG_DONTWAIT);
		size_t used;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		if (got <= 0) {
			vhci_port_close(port);
			return;
		}
		port->have += (size_t)got;
		while (port->fd >= 0 && (used = take_one(port)) != 0) {
			if (used == SIZE_MAX) {
				fprintf(stderr, "h7gang-sim: %s: not USB/IP\n", port->slot.name);
				vhci_port_close(port);
				return;
			}
			port->have -= used;
			memmove(port->in, port->in + used, port->have);
		}
	}
}
