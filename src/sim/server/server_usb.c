/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of a host's kernel that programs call: opens, claims, control requests. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fleet/fleet.h"
#include "sim/fleet/fleet_hubs.h"
#include "sim/rom/rom.h"
#include "hub.h"
#include "server_private.h"
#include "sysfs.h"
#include "tray.h"

enum {
	REQUEST_SET_INTERFACE = 11, /* USB 2.0 table 9-4 */
	DESCRIPTOR_INTERFACE = 4,
	RECIPIENT_MASK = 0x1f,
	RECIPIENT_INTERFACE = 1,
	TYPE_MASK = 0x60,
	TYPE_VENDOR = 0x40
};

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

/* usbfs gives an interface to one open file at a time, and claims it by itself for a program that
 * uses it. */
static enum proto_status claim(struct server *server, struct server_handle *handle,
			       unsigned interface)
{
	const struct rom_config *config;
	uint32_t bit;

	if (interface >= SERVER_INTERFACES)
		return PROTO_NOT_FOUND;
	if (server_is_hub(server, handle->target))
		return PROTO_BUSY_CLAIMED; /* the kernel's hub driver has it */
	bit = UINT32_C(1) << interface;
	if (handle->claimed & bit)
		return PROTO_OK;
	config = fleet_target(server->fleet, handle->target);
	if (!server->devices[handle->target].wire.configured)
		return PROTO_NOT_FOUND;
	if (tray_now(server->tray) - server->devices[handle->target].since < config->claimed_ns)
		return PROTO_BUSY_CLAIMED;
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

/* Releasing an interface sets its alternate setting to 0 (Linux, usb_unbind_interface). */
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

	for (unsigned i = 0; i < server_devices(server); i++) {
		const struct server_device *device = &server->devices[i];

		if (!device->present || device->generation != head->device)
			continue;
		if (!server_is_hub(server, i) && !tray_open(server->tray, i))
			break;
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

/* Returns how many requests it cancelled. */
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

static void ask_hub(struct server_handle *handle, const struct proto_head *head,
		    const uint8_t *setup)
{
	struct server *server = handle->client->server;
	struct proto_head answer = {.type = PROTO_DONE, .status = PROTO_STALL, .tag = head->tag};
	uint8_t data[HUB_DATA_MAX];
	unsigned hub = handle->target - tray_targets(server->tray);
	uint32_t were_on = hub_ports_on(server->hubs, hub), on;
	int length = hub_control(server->hubs, hub, setup, data);

	if (length >= 0) {
		answer.status = PROTO_OK;
		answer.actual = (uint32_t)length;
	}
	on = hub_ports_on(server->hubs, hub);
	if (on != were_on)
		sysfs_ports_show(server->sysfs, fleet_hub(server->fleet, hub)->path,
				 fleet_hub(server->fleet, hub)->ports, on);
	server_send(handle->client, &answer, data,
		    length > 0 && setup[0] & 0x80 ? (size_t)length : 0);
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
	} else if (server_is_hub(server, handle->target)) {
		ask_hub(handle, head, body);
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

	if (server_is_hub(server, handle->target)) {
		status = PROTO_ERROR;
	} else if (still_there(server, handle)) {
		tray_bus_reset(server->tray, handle->target);
		if (server_enumerate(server, handle->target))
			status = PROTO_OK;
		else
			server_lose(server, device);
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
		/* Hubs first, as a host finds them. */
		for (unsigned i = tray_targets(server->tray); i < server_devices(server); i++) {
			if (server->devices[i].present)
				server_send_arrival(client, &server->devices[i]);
		}
		for (unsigned i = 0; i < tray_targets(server->tray); i++) {
			if (server->devices[i].present)
				server_send_arrival(client, &server->devices[i]);
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
