/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "usbredir_port.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <usbredirparser.h>

#include "sim/rom/rom_config.h"
#include "sim/server/tray.h"

enum {
	REQUEST_SET_CONFIGURATION = 9, /* USB 2.0 table 9-4 */
	REQUEST_SET_INTERFACE = 11,
	CONTROL_BYTES = 64,
	ENDPOINTS = 32, /* of usbredir: 16 OUT, then 16 IN */
	CONTROL_IN = 16
};

enum kind { KIND_CONTROL, KIND_CONFIGURATION, KIND_ALT };

/* A request between QEMU's message and our answer. Its address is its tag in the tray. */
struct usbredir_request {
	struct usbredir_request *next;
	enum kind kind;
	uint64_t id;
	struct usb_redir_control_packet_header header;
	uint8_t alt;
};

static void drop(struct usbredir_port *port, struct usbredir_request *request)
{
	struct usbredir_request **at = &port->requests;

	while (*at && *at != request)
		at = &(*at)->next;
	if (*at)
		*at = request->next;
	free(request);
}

static uint8_t status_of(enum tray_status status)
{
	switch (status) {
	case TRAY_DONE:
		return usb_redir_success;
	case TRAY_STALL:
		return usb_redir_stall;
	case TRAY_CANCELLED:
		return usb_redir_cancelled;
	case TRAY_OVERFLOW:
		return usb_redir_babble;
	case TRAY_GONE:
		break;
	}
	return usb_redir_ioerror;
}

static void send_endpoints(struct usbredir_port *port)
{
	struct usb_redir_ep_info_header endpoints;

	memset(&endpoints, 0, sizeof(endpoints));
	memset(endpoints.type, usb_redir_type_invalid, sizeof(endpoints.type));
	endpoints.type[0] = endpoints.type[CONTROL_IN] = usb_redir_type_control;
	endpoints.max_packet_size[0] = endpoints.max_packet_size[CONTROL_IN] = CONTROL_BYTES;
	usbredirparser_send_ep_info(port->parser, &endpoints);
}

/* DFU 1.1: one interface of class FE, subclass 01, protocol 02. */
static void send_interfaces(struct usbredir_port *port)
{
	struct usb_redir_interface_info_header interfaces;

	memset(&interfaces, 0, sizeof(interfaces));
	interfaces.interface_count = 1;
	interfaces.interface_class[0] = 0xfe;
	interfaces.interface_subclass[0] = 1;
	interfaces.interface_protocol[0] = 2;
	usbredirparser_send_interface_info(port->parser, &interfaces);
}

static void done(void *user, uint64_t tag, enum tray_status status, const uint8_t *data,
		 size_t length)
{
	struct usbredir_port *port = user;
	struct usbredir_request *request = (struct usbredir_request *)(uintptr_t)tag;
	struct usb_redir_configuration_status_header configured = {.configuration = 1};
	struct usb_redir_alt_setting_status_header chosen = {0};
	bool in = request->header.requesttype & 0x80;

	switch (request->kind) {
	case KIND_CONTROL:
		request->header.status = status_of(status);
		if (length > request->header.length)
			length = request->header.length;
		if (status != TRAY_DONE)
			length = 0;
		request->header.length = (uint16_t)length;
		usbredirparser_send_control_packet(port->parser, request->id, &request->header,
						   in ? (uint8_t *)(uintptr_t)data : NULL,
						   in ? (int)length : 0);
		break;
	case KIND_CONFIGURATION:
		configured.status = status_of(status);
		send_interfaces(port);
		send_endpoints(port);
		usbredirparser_send_configuration_status(port->parser, request->id, &configured);
		break;
	case KIND_ALT:
		if (status == TRAY_DONE)
			port->alt = request->alt;
		chosen.status = status_of(status);
		chosen.alt = port->alt;
		send_interfaces(port);
		send_endpoints(port);
		usbredirparser_send_alt_setting_status(port->parser, request->id, &chosen);
		break;
	}
	drop(port, request);
	usbredir_port_flush(port);
}

static void submit(struct usbredir_port *port, enum kind kind, uint64_t id,
		   const struct usb_redir_control_packet_header *header, const uint8_t *out,
		   size_t out_length)
{
	struct usbredir_request *request = calloc(1, sizeof(*request));
	const uint8_t setup[8] = {header->requesttype,     header->request,
				  (uint8_t)header->value,  (uint8_t)(header->value >> 8),
				  (uint8_t)header->index,  (uint8_t)(header->index >> 8),
				  (uint8_t)header->length, (uint8_t)(header->length >> 8)};

	if (!request)
		return; /* QEMU's guest gives up on the request by itself */
	request->kind = kind;
	request->id = id;
	request->header = *header;
	request->alt = (uint8_t)header->value;
	request->next = port->requests;
	port->requests = request;
	tray_submit(port->tray, port->target, setup, out, out_length, done, port,
		    (uintptr_t)request);
}

static void on_control(void *user, uint64_t id, struct usb_redir_control_packet_header *header,
		       uint8_t *data, int length)
{
	struct usbredir_port *port = user;
	bool in = header->requesttype & 0x80;

	submit(port, KIND_CONTROL, id, header, in ? NULL : data,
	       in || length < 0 ? 0 : (size_t)length);
	usbredirparser_free_packet_data(port->parser, data);
}

static void on_cancel(void *user, uint64_t id)
{
	struct usbredir_port *port = user;

	for (struct usbredir_request *request = port->requests; request; request = request->next) {
		if (request->id == id) {
			tray_cancel(port->tray, port, (uintptr_t)request);
			return;
		}
	}
}

static void on_reset(void *user)
{
	struct usbredir_port *port = user;

	port->alt = 0;
	tray_bus_reset(port->tray, port->target);
}

static void on_set_configuration(void *user, uint64_t id,
				 struct usb_redir_set_configuration_header *wanted)
{
	const struct usb_redir_control_packet_header header = {.request = REQUEST_SET_CONFIGURATION,
							       .value = wanted->configuration};

	submit(user, KIND_CONFIGURATION, id, &header, NULL, 0);
}

static void on_get_configuration(void *user, uint64_t id)
{
	struct usbredir_port *port = user;
	struct usb_redir_configuration_status_header status = {.configuration = 1};

	usbredirparser_send_configuration_status(port->parser, id, &status);
}

static void on_set_alt(void *user, uint64_t id, struct usb_redir_set_alt_setting_header *wanted)
{
	const struct usb_redir_control_packet_header header = {.requesttype = 1,
							       .request = REQUEST_SET_INTERFACE,
							       .value = wanted->alt,
							       .index = wanted->interface};

	submit(user, KIND_ALT, id, &header, NULL, 0);
}

static void on_get_alt(void *user, uint64_t id, struct usb_redir_get_alt_setting_header *wanted)
{
	struct usbredir_port *port = user;
	struct usb_redir_alt_setting_status_header status = {.interface = wanted->interface,
							     .alt = port->alt};

	usbredirparser_send_alt_setting_status(port->parser, id, &status);
}

static void on_disconnect_ack(void *user)
{
	(void)user;
}

static void on_hello(void *user, struct usb_redir_hello_header *hello)
{
	struct usbredir_port *port = user;

	(void)hello;
	port->greeted = true;
	usbredir_port_plugged(port, tray_plugged(port->tray, port->target));
}

static void on_log(void *user, int level, const char *text)
{
	(void)user;
	(void)level;
	(void)text;
}

static int on_read(void *user, uint8_t *data, int count)
{
	struct usbredir_port *port = user;
	ssize_t got = recv(port->fd, data, (size_t)count, MSG_DONTWAIT);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return got > 0 ? (int)got : -1;
}

static int on_write(void *user, uint8_t *data, int count)
{
	struct usbredir_port *port = user;
	ssize_t sent = send(port->fd, data, (size_t)count, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (sent < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return sent < 0 ? -1 : (int)sent;
}

bool usbredir_port_open(struct usbredir_port *port, int fd)
{
	static const int caps[] = {usb_redir_cap_connect_device_version,
				   usb_redir_cap_device_disconnect_ack,
				   usb_redir_cap_ep_info_max_packet_size, usb_redir_cap_64bits_ids};
	uint32_t set[USB_REDIR_CAPS_SIZE] = {0};
	struct usbredirparser *parser = usbredirparser_create();

	if (!parser) {
		close(fd);
		return false;
	}
	for (size_t i = 0; i < sizeof(caps) / sizeof(caps[0]); i++)
		usbredirparser_caps_set_cap(set, caps[i]);
	/* The messages of other endpoints have no callback: QEMU sends them only for endpoints that
	 * it was told of, and a DFU device has none. */
	parser->priv = port;
	parser->log_func = on_log;
	parser->read_func = on_read;
	parser->write_func = on_write;
	parser->hello_func = on_hello;
	parser->reset_func = on_reset;
	parser->set_configuration_func = on_set_configuration;
	parser->get_configuration_func = on_get_configuration;
	parser->set_alt_setting_func = on_set_alt;
	parser->get_alt_setting_func = on_get_alt;
	parser->control_packet_func = on_control;
	parser->cancel_data_packet_func = on_cancel;
	parser->device_disconnect_ack_func = on_disconnect_ack;
	port->fd = fd;
	port->parser = parser;
	port->greeted = port->connected = false;
	port->alt = 0;
	usbredirparser_init(parser, "h7gang-sim", set, USB_REDIR_CAPS_SIZE,
			    usbredirparser_fl_usb_host);
	usbredir_port_flush(port);
	return true;
}

void usbredir_port_close(struct usbredir_port *port)
{
	if (port->fd < 0)
		return;
	tray_cancel_user(port->tray, port);
	while (port->requests)
		drop(port, port->requests);
	usbredirparser_destroy(port->parser);
	close(port->fd);
	port->parser = NULL;
	port->fd = -1;
}

bool usbredir_port_read(struct usbredir_port *port)
{
	return usbredirparser_do_read(port->parser) != usbredirparser_read_io_error;
}

bool usbredir_port_flush(struct usbredir_port *port)
{
	return usbredirparser_has_data_to_write(port->parser) == 0 ||
	       (usbredirparser_do_write(port->parser) == 0 &&
		usbredirparser_has_data_to_write(port->parser) == 0);
}

void usbredir_port_plugged(struct usbredir_port *port, bool plugged)
{
	struct usb_redir_device_connect_header device = {
		.speed = usb_redir_speed_full,
		.vendor_id = port->config->vid,
		.product_id = port->config->pid,
		.device_version_bcd = port->config->bcd_device,
	};

	if (port->fd < 0 || !port->greeted || plugged == port->connected)
		return;
	port->connected = plugged;
	port->alt = 0;
	if (plugged) {
		send_interfaces(port);
		send_endpoints(port);
		usbredirparser_send_device_connect(port->parser, &device);
	} else {
		usbredirparser_send_device_disconnect(port->parser);
	}
	usbredir_port_flush(port);
}
