/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of a host's kernel that programs see: enumeration, opens, claims, control requests. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fleet.h"
#include "sim/rom.h"
#include "sim/server_private.h"
#include "sim/tray.h"

enum {
	REQUEST_GET_DESCRIPTOR = 6, /* USB 2.0 table 9-4 */
	REQUEST_SET_CONFIGURATION = 9,
	REQUEST_SET_INTERFACE = 11,
	DESCRIPTOR_DEVICE = 1,
	DESCRIPTOR_CONFIG = 2,
	DESCRIPTOR_INTERFACE = 4,
	RECIPIENT_MASK = 0x1f,
	RECIPIENT_INTERFACE = 1,
	TYPE_MASK = 0x60,
	TYPE_VENDOR = 0x40,
	ADDRESS_MAX = 127,
	ENUMERATION_TRIES = 3
};

/* One request of the enumeration, which has the bus to itself. Returns the length or -1. */
static int ask(struct server *server, unsigned target, const uint8_t setup[8], uint8_t *data)
{
	size_t wanted = setup[6] | (size_t)setup[7] << 8;
	struct rom_result *result = calloc(1, sizeof(*result));
	int length = -1;

	if (!result)
		return -1;
	rom_control(tray_rom(server->tray, target), tray_now(server->tray), setup, NULL, 0, result);
	if (result->answer == ROM_ACK) {
		length = (int)(result->length < wanted ? result->length : wanted);
		if (data)
			memcpy(data, result->data, (size_t)length);
	}
	free(result);
	return length;
}

static int get_descriptor(struct server *server, unsigned target, uint8_t type, uint16_t length,
			  uint8_t *data)
{
	const uint8_t setup[8] = {0x80,
				  REQUEST_GET_DESCRIPTOR,
				  0,
				  type,
				  0,
				  0,
				  (uint8_t)length,
				  (uint8_t)(length >> 8)};

	for (int i = 0; i < ENUMERATION_TRIES; i++) {
		int got = ask(server, target, setup, data);

		if (got >= 0)
			return got;
	}
	return -1;
}

static bool configure(struct server *server, unsigned target)
{
	const uint8_t *config = server->devices[target].config;
	const uint8_t setup[8] = {0x00, REQUEST_SET_CONFIGURATION, config[5], 0, 0, 0, 0, 0};

	return ask(server, target, setup, NULL) >= 0;
}

static bool enumerate(struct server *server, unsigned target)
{
	struct server_device *device = &server->devices[target];
	int length;

	if (get_descriptor(server, target, DESCRIPTOR_DEVICE, 18, device->wire.descriptor) != 18)
		return false;
	if (get_descriptor(server, target, DESCRIPTOR_CONFIG, 9, device->config) != 9)
		return false;
	length = device->config[2] | device->config[3] << 8;
	if (length > PROTO_CONFIG_MAX)
		length = PROTO_CONFIG_MAX;
	/* As the kernel has it: what came is the configuration, whatever length it told. */
	length = get_descriptor(server, target, DESCRIPTOR_CONFIG, (uint16_t)length, device->config);
	if (length < 9)
		return false;
	device->wire.config_length = (uint16_t)length;
	memset(device->alts, 0, sizeof(device->alts));
	return configure(server, target);
}

/* "3-1.4.2": bus 3, ports 1, 4, 2. */
static void locate(struct proto_device *wire, const char *path)
{
	char *at;

	wire->bus = (uint8_t)strtoul(path, &at, 10);
	wire->port_count = 0;
	while (*at && wire->port_count < sizeof(wire->ports))
		wire->ports[wire->port_count++] = (uint8_t)strtoul(at + 1, &at, 10);
}

static bool address_taken(const struct server *server, uint8_t bus, uint8_t address)
{
	for (unsigned i = 0; i < tray_targets(server->tray); i++) {
		const struct server_device *device = &server->devices[i];

		if (device->present && device->wire.bus == bus && device->wire.address == address)
			return true;
	}
	return false;
}

/* The kernel goes round: a number is not used again soon. 1 is the root hub's. 0: the bus is full.
 */
static uint8_t next_address(struct server *server, uint8_t bus)
{
	uint8_t *last = &server->last_address[bus];

	for (int i = 0; i < ADDRESS_MAX; i++) {
		*last = *last >= ADDRESS_MAX || *last < 1 ? 2 : (uint8_t)(*last + 1);
		if (!address_taken(server, bus, *last))
			return *last;
	}
	return 0;
}

static void send_arrival(struct server_client *client, const struct server_device *device)
{
	uint8_t body[sizeof(device->wire) + PROTO_CONFIG_MAX];
	struct proto_head head = {.type = PROTO_ARRIVED, .device = device->generation};

	memcpy(body, &device->wire, sizeof(device->wire));
	memcpy(body + sizeof(device->wire), device->config, device->wire.config_length);
	server_send(client, &head, body, sizeof(device->wire) + device->wire.config_length);
}

static void lose(struct server *server, struct server_device *device)
{
	struct proto_head head = {.type = PROTO_LEFT, .device = device->generation};

	if (!device->present)
		return;
	device->present = false;
	for (struct server_client *client = server->clients; client; client = client->next) {
		if (client->kind == CLIENT_USB)
			server_send(client, &head, NULL, 0);
	}
}

static void changed(void *user, unsigned target, uint64_t generation, bool plugged)
{
	struct server *server = user;
	struct server_device *device = &server->devices[target];

	lose(server, device);
	if (!plugged || !enumerate(server, target))
		return;
	locate(&device->wire, tray_path(server->tray, target));
	device->wire.address = next_address(server, device->wire.bus);
	if (!device->wire.address)
		return;
	device->generation = (uint32_t)generation;
	device->present = true;
	for (struct server_client *client = server->clients; client; client = client->next) {
		if (client->kind == CLIENT_USB)
			send_arrival(client, device);
	}
}

bool server_plug_in(struct server *server)
{
	if (!tray_listen(server->tray, changed, server))
		return false;
	for (unsigned i = 0; i < tray_targets(server->tray); i++) {
		if (tray_plugged(server->tray, i))
			changed(server, i, i + 1, true);
	}
	return true;
}

static void reply(struct server_client *client, uint64_t tag, enum proto_status status)
{
	struct proto_head head = {.type = PROTO_REPLY, .status = (uint8_t)status, .tag = tag};

	server_send(client, &head, NULL, 0);
}

static enum proto_status from_tray(enum tray_status status)
{
	switch (status) {
	case TRAY_DONE:
		return PROTO_OK;
	case TRAY_STALL:
		return PROTO_STALL;
	case TRAY_GONE:
		return PROTO_GONE;
	case TRAY_CANCELLED:
		return PROTO_CANCELLED;
	case TRAY_OVERFLOW:
		return PROTO_OVERFLOW;
	}
	return PROTO_ERROR;
}

static void submit_done(void *user, uint64_t tag, enum tray_status status, const uint8_t *data,
			size_t length)
{
	struct server_handle *handle = user;
	struct proto_head head = {.type = PROTO_DONE,
				  .status = (uint8_t)from_tray(status),
				  .tag = tag,
				  .actual = (uint32_t)length};

	if (!data)
		length = 0;
	server_send(handle->client, &head, data,
		    length > PROTO_CONTROL_MAX ? PROTO_CONTROL_MAX : length);
}

static void set_alt_done(void *user, uint64_t tag, enum tray_status status, const uint8_t *data,
			 size_t length)
{
	struct server_handle *handle = user;

	(void)data;
	(void)length;
	if (status == TRAY_DONE)
		handle->client->server->devices[handle->target].alts[handle->interface] =
			handle->alt;
	reply(handle->client, tag, from_tray(status));
}

static void nobody_waits(void *user, uint64_t tag, enum tray_status status, const uint8_t *data,
			 size_t length)
{
	(void)user;
	(void)tag;
	(void)status;
	(void)data;
	(void)length;
}

static struct server_handle *find_handle(const struct server_client *client, uint32_t number)
{
	struct server_handle *handle = client->handles;

	while (handle && handle->number != number)
		handle = handle->next;
	return handle;
}

static bool still_there(const struct server *server, const struct server_handle *handle)
{
	const struct server_device *device = &server->devices[handle->target];

	return device->present && device->generation == handle->device;
}

/* usbfs gives an interface to one open file at a time, and claims it unasked for who uses it. */
static enum proto_status claim(struct server *server, struct server_handle *handle,
			       unsigned interface)
{
	uint32_t bit;

	if (interface >= SERVER_INTERFACES)
		return PROTO_NOT_FOUND;
	bit = UINT32_C(1) << interface;
	if (handle->claimed & bit)
		return PROTO_OK;
	if (interface >= server->devices[handle->target].config[4])
		return PROTO_NOT_FOUND;
	for (struct server_client *client = server->clients; client; client = client->next) {
		for (struct server_handle *other = client->handles; other; other = other->next) {
			if (other->device == handle->device && other->claimed & bit)
				return PROTO_BUSY_CLAIMED;
		}
	}
	handle->claimed |= bit;
	return PROTO_OK;
}

/* Who lets go of an interface leaves it at alternate setting 0 (Linux, usb_unbind_interface). */
static void release(struct server *server, struct server_handle *handle, unsigned interface)
{
	struct server_device *device = &server->devices[handle->target];
	const uint8_t setup[8] = {0x01, REQUEST_SET_INTERFACE, 0, 0, (uint8_t)interface, 0, 0, 0};
	uint32_t bit = UINT32_C(1) << interface;

	if (!(handle->claimed & bit))
		return;
	handle->claimed &= ~bit;
	if (still_there(server, handle) && device->alts[interface]) {
		device->alts[interface] = 0;
		tray_submit(server->tray, handle->target, setup, NULL, 0, nobody_waits, server, 0);
	}
}

static bool has_alt(const struct server_device *device, uint8_t interface, uint8_t alt)
{
	const uint8_t *config = device->config;
	size_t length = device->wire.config_length;

	for (size_t at = 0; at + 2 <= length && config[at] >= 2; at += config[at]) {
		if (config[at + 1] == DESCRIPTOR_INTERFACE && at + 4 <= length &&
		    config[at + 2] == interface && config[at + 3] == alt)
			return true;
	}
	return false;
}

static void open_device(struct server_client *client, const struct proto_head *head)
{
	struct server *server = client->server;
	struct server_handle *handle;

	for (unsigned i = 0; i < tray_targets(server->tray); i++) {
		const struct server_device *device = &server->devices[i];

		if (!device->present || device->generation != head->device)
			continue;
		handle = calloc(1, sizeof(*handle));
		if (!handle)
			break;
		handle->client = client;
		handle->number = head->handle;
		handle->device = head->device;
		handle->target = i;
		handle->next = client->handles;
		client->handles = handle;
		reply(client, head->tag, PROTO_OK);
		return;
	}
	reply(client, head->tag, PROTO_GONE);
}

/* Returns how many requests it cut off. */
static unsigned close_handle(struct server_client *client, uint32_t number)
{
	struct server_handle **link = &client->handles;
	unsigned requests = 0;

	while (*link && (*link)->number != number)
		link = &(*link)->next;
	if (*link) {
		struct server_handle *handle = *link;

		*link = handle->next;
		requests = tray_cancel_user(client->server->tray, handle);
		for (unsigned i = 0; i < SERVER_INTERFACES; i++)
			release(client->server, handle, i);
		free(handle);
	}
	return requests;
}

void server_drop_handles(struct server_client *client)
{
	struct server_left *left = client->server->left;

	while (client->handles) {
		struct server_handle *handle = client->handles;

		left->handles++;
		left->claims += (unsigned)__builtin_popcount(handle->claimed);
		left->requests += close_handle(client, handle->number);
	}
}

static void submit(struct server_handle *handle, const struct proto_head *head, const uint8_t *body,
		   size_t length)
{
	struct server *server = handle->client->server;
	struct proto_head refusal = {.type = PROTO_DONE, .status = PROTO_ERROR, .tag = head->tag};
	bool in;
	size_t wanted;

	if (length < 8 || length > 8 + PROTO_CONTROL_MAX) {
		server_send(handle->client, &refusal, NULL, 0);
		return;
	}
	in = body[0] & 0x80;
	wanted = body[6] | (size_t)body[7] << 8;
	if (!still_there(server, handle)) {
		refusal.status = PROTO_GONE;
		server_send(handle->client, &refusal, NULL, 0);
	} else if (((body[0] & RECIPIENT_MASK) == RECIPIENT_INTERFACE &&
		    (body[0] & TYPE_MASK) != TYPE_VENDOR &&
		    claim(server, handle, body[4]) != PROTO_OK) ||
		   (!in && wanted != length - 8)) {
		server_send(handle->client, &refusal, NULL, 0);
	} else {
		tray_submit(server->tray, handle->target, body, body + 8, in ? 0 : wanted,
			    submit_done, handle, head->tag);
	}
}

static void set_alt(struct server_handle *handle, const struct proto_head *head,
		    const uint8_t *body, size_t length)
{
	struct server *server = handle->client->server;
	uint8_t setup[8] = {0x01, REQUEST_SET_INTERFACE};

	if (!still_there(server, handle)) {
		reply(handle->client, head->tag, PROTO_GONE);
	} else if (length < 2 || !has_alt(&server->devices[handle->target], body[0], body[1]) ||
		   claim(server, handle, body[0]) != PROTO_OK) {
		reply(handle->client, head->tag, PROTO_NOT_FOUND);
	} else {
		setup[2] = body[1];
		setup[4] = body[0];
		handle->interface = body[0];
		handle->alt = body[1];
		tray_submit(server->tray, handle->target, setup, NULL, 0, set_alt_done, handle,
			    head->tag);
	}
}

/* The kernel resets, looks whether it is still the same device, and configures it again. */
static void reset(struct server_handle *handle, const struct proto_head *head)
{
	struct server *server = handle->client->server;
	struct server_device *device = &server->devices[handle->target];
	enum proto_status status = PROTO_GONE;

	if (still_there(server, handle)) {
		tray_bus_reset(server->tray, handle->target);
		if (enumerate(server, handle->target))
			status = PROTO_OK;
		else
			lose(server, device);
	}
	reply(handle->client, head->tag, status);
}

static void on_handle(struct server_handle *handle, const struct proto_head *head,
		      const uint8_t *body, size_t length)
{
	struct server_client *client = handle->client;
	struct server *server = client->server;

	switch (head->type) {
	case PROTO_CLAIM:
		reply(client, head->tag,
		      still_there(server, handle) ? claim(server, handle, head->interface)
						  : PROTO_GONE);
		break;
	case PROTO_RELEASE:
		if (head->interface < SERVER_INTERFACES)
			release(server, handle, head->interface);
		reply(client, head->tag, still_there(server, handle) ? PROTO_OK : PROTO_GONE);
		break;
	case PROTO_SET_ALT:
		set_alt(handle, head, body, length);
		break;
	case PROTO_RESET:
		reset(handle, head);
		break;
	case PROTO_SUBMIT:
		submit(handle, head, body, length);
		break;
	case PROTO_CANCEL:
		tray_cancel(server->tray, handle, head->tag);
		break;
	default:
		client->dead = true;
		break;
	}
}

void server_message(struct server_client *client, const struct proto_head *head,
		    const uint8_t *body, size_t length)
{
	struct server *server = client->server;
	struct server_handle *handle;

	switch (head->type) {
	case PROTO_HELLO_USB:
		client->kind = CLIENT_USB;
		client->pid = (pid_t)head->tag;
		for (unsigned i = 0; i < tray_targets(server->tray); i++) {
			if (server->devices[i].present)
				send_arrival(client, &server->devices[i]);
		}
		break;
	case PROTO_SYNC:
		reply(client, head->tag, PROTO_OK);
		break;
	case PROTO_OPEN:
		open_device(client, head);
		break;
	case PROTO_CLOSE:
		client->server->left->requests += close_handle(client, head->handle);
		break;
	default:
		handle = find_handle(client, head->handle);
		if (handle)
			on_handle(handle, head, body, length);
		else
			client->dead = true;
		break;
	}
}
