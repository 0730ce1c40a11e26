/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The devices on the bus: enumerates them as the host's kernel does, and tells programs of them. */
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
	REQUEST_GET_DESCRIPTOR = 6, /* USB 2.0 table 9-4 */
	REQUEST_SET_CONFIGURATION = 9,
	DESCRIPTOR_DEVICE = 1,
	DESCRIPTOR_CONFIG = 2,
	ADDRESS_MAX = 127,
	ENUMERATION_TRIES = 3
};

#define HUB_GENERATIONS UINT32_C(0x80000000)

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

bool server_enumerate(struct server *server, unsigned target)
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
	/* Like the kernel, takes the bytes that came, even if wTotalLength differs. */
	length =
		get_descriptor(server, target, DESCRIPTOR_CONFIG, (uint16_t)length, device->config);
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

unsigned server_devices(const struct server *server)
{
	return tray_targets(server->tray) + hubs_count(server->hubs);
}

bool server_is_hub(const struct server *server, unsigned target)
{
	return target >= tray_targets(server->tray);
}

static bool address_taken(const struct server *server, uint8_t bus, uint8_t address)
{
	for (unsigned i = 0; i < server_devices(server); i++) {
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

void server_send_arrival(struct server_client *client, const struct server_device *device)
{
	uint8_t body[sizeof(device->wire) + PROTO_CONFIG_MAX];
	struct proto_head head = {.type = PROTO_ARRIVED, .device = device->generation};

	memcpy(body, &device->wire, sizeof(device->wire));
	memcpy(body + sizeof(device->wire), device->config, device->wire.config_length);
	server_send(client, &head, body, sizeof(device->wire) + device->wire.config_length);
}

void server_lose(struct server *server, struct server_device *device)
{
	struct proto_head head = {.type = PROTO_LEFT, .device = device->generation};

	if (!device->present)
		return;
	device->present = false;
	sysfs_remove(server->sysfs, device->path);
	for (struct server_client *client = server->clients; client; client = client->next) {
		if (client->kind == CLIENT_USB)
			server_send(client, &head, NULL, 0);
	}
}

/* `ports` is 0 for a board. */
static void arrive(struct server *server, struct server_device *device, uint32_t generation,
		   const char *path, const char *product, const char *serial, unsigned ports)
{
	unsigned target = (unsigned)(device - server->devices);
	const struct fleet_hub *hub =
		server_is_hub(server, target)
			? fleet_hub(server->fleet, target - tray_targets(server->tray))
			: NULL;
	const struct rom_config *board = hub ? NULL : fleet_target(server->fleet, target);

	device->wire.configured = !board || (!board->unauthorized && !board->unconfigured);
	snprintf(device->path, sizeof(device->path), "%s", path);
	sysfs_add(server->sysfs, &(struct sysfs_device){
					 .path = device->path,
					 .wire = &device->wire,
					 .config = device->config,
					 .product = product,
					 .serial = serial,
					 .ports = ports,
					 .over_current = hub ? hub->over_current : 0,
					 .switches = hub && hub->disable,
					 .peer = hub ? hub->peer : "",
					 .authorized = !board || !board->unauthorized,
				 });
	device->generation = generation;
	device->since = tray_now(server->tray);
	device->present = true;
	for (struct server_client *client = server->clients; client; client = client->next) {
		if (client->kind == CLIENT_USB)
			server_send_arrival(client, device);
	}
}

static void show_state(struct server *server, unsigned target, const char *state)
{
	const char *path = tray_path(server->tray, target);
	char hub[FLEET_HUB_PATH];

	fleet_hub_above(path, hub);
	sysfs_port_state(server->sysfs, hub, fleet_hub_port(path), state);
}

static void changed(void *user, unsigned target, uint64_t generation, bool plugged)
{
	struct server *server = user;
	struct server_device *device = &server->devices[target];
	char serial[ROM_STRING_MAX];

	bool good;

	server_lose(server, device);
	good = plugged && server_enumerate(server, target);
	show_state(server, target, good ? "configured" : plugged ? "default" : "not attached");
	if (!good)
		return;
	locate(&device->wire, tray_path(server->tray, target));
	device->wire.address = next_address(server, device->wire.bus);
	if (!device->wire.address)
		return;
	device->wire.speed = PROTO_FULL_SPEED;
	rom_serial(tray_rom(server->tray, target), serial, sizeof(serial));
	arrive(server, device, (uint32_t)generation, tray_path(server->tray, target),
	       rom_product(tray_rom(server->tray, target)), serial, 0);
}

/* "usb1": bus 1, no port. */
static void locate_hub(struct proto_device *wire, const char *path)
{
	if (strncmp(path, "usb", 3) == 0) {
		wire->bus = (uint8_t)strtoul(path + 3, NULL, 10);
		wire->port_count = 0;
	} else {
		locate(wire, path);
	}
}

void server_hub_changed(void *user, unsigned hub, bool present)
{
	static const uint8_t get_device[8] = {
		0x80, REQUEST_GET_DESCRIPTOR, 0, DESCRIPTOR_DEVICE, 0, 0, 18};
	static const uint8_t get_config[8] = {
		0x80, REQUEST_GET_DESCRIPTOR, 0, DESCRIPTOR_CONFIG, 0, 0, 255};
	struct server *server = user;
	struct server_device *device = &server->devices[tray_targets(server->tray) + hub];
	const struct fleet_hub *config = fleet_hub(server->fleet, hub);
	uint8_t data[HUB_DATA_MAX];
	int length;

	server_lose(server, device);
	if (!present)
		return;
	locate_hub(&device->wire, config->path);
	device->wire.address = device->wire.port_count ? next_address(server, device->wire.bus) : 1;
	if (!device->wire.address)
		return;
	device->wire.speed = config->speed == FLEET_HUB_SUPER  ? PROTO_SUPER_SPEED
			     : config->speed == FLEET_HUB_HIGH ? PROTO_HIGH_SPEED
							       : PROTO_FULL_SPEED;
	hub_control(server->hubs, hub, get_device, data);
	memcpy(device->wire.descriptor, data, sizeof(device->wire.descriptor));
	length = hub_control(server->hubs, hub, get_config, device->config);
	device->wire.config_length = (uint16_t)length;
	/* Numbers above those of all boards. */
	arrive(server, device, HUB_GENERATIONS + ++server->hub_generation, config->path,
	       config->product, "", config->ports);
}

void server_switch_ports(struct server *server)
{
	char path[32];
	unsigned port;
	bool on;

	while (sysfs_ports_next(server->sysfs, path, &port, &on)) {
		for (unsigned i = 0; i < hubs_count(server->hubs); i++)
			if (strcmp(fleet_hub(server->fleet, i)->path, path) == 0)
				hub_switch(server->hubs, i, port, on);
	}
}

bool server_plug_in(struct server *server)
{
	if (!tray_listen(server->tray, changed, server))
		return false;
	for (unsigned i = 0; i < hubs_count(server->hubs); i++)
		server_hub_changed(server, i, true);
	for (unsigned i = 0; i < tray_targets(server->tray); i++) {
		if (tray_plugged(server->tray, i))
			changed(server, i, i + 1, true);
	}
	return true;
}
