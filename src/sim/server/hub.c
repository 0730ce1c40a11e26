/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hub.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fleet/fleet.h"
#include "sim/fleet/fleet_hubs.h"
#include "tray.h"

enum { /* USB 2.0 tables 9-4, 9-5, 11-15, 11-16, 11-17, 11-21 */
       REQUEST_GET_STATUS = 0,
       REQUEST_CLEAR_FEATURE = 1,
       REQUEST_SET_FEATURE = 3,
       REQUEST_GET_DESCRIPTOR = 6,
       REQUEST_GET_CONFIGURATION = 8,
       REQUEST_SET_CONFIGURATION = 9,
       DESCRIPTOR_DEVICE = 1,
       DESCRIPTOR_CONFIG = 2,
       DESCRIPTOR_STRING = 3,
       DESCRIPTOR_HUB = 0x29,
       DESCRIPTOR_HUB_3 = 0x2a, /* USB 3.2 table 10-3 */
       FEATURE_PORT_POWER = 8,
       FEATURE_C_PORT_CONNECTION = 16,
       PORT_CONNECTION = 1 << 0,
       PORT_ENABLE = 1 << 1,
       PORT_POWER = 1 << 8,
       PORT_POWER_3 = 1 << 9, /* USB 3.2 table 10-13 */
       PORT_HIGH_SPEED = 1 << 10,
       CLASS_HUB = 9,
       PROTOCOL_SINGLE_TT = 1,
       PROTOCOL_MULTI_TT = 2,
       PROTOCOL_USB3 = 3,
       STRING_MAKER = 1,
       STRING_PRODUCT = 2
};

struct hub {
	const struct fleet_hub *config;
	bool present, plugged; /* plugged: the cable is in; present: plugged and powered */
	bool leaving;          /* it lost its power; listeners are told of its boards first */
	uint32_t on;           /* one bit per port: switched on by the host */
};

struct hubs {
	const struct fleet *fleet;
	struct tray *tray;
	hub_change *change;
	void *user;
	struct hub *hub;
	unsigned count;
};

struct hubs *hubs_new(const struct fleet *fleet, struct tray *tray, hub_change *change, void *user)
{
	struct hubs *hubs = calloc(1, sizeof(*hubs));

	if (!hubs)
		return NULL;
	*hubs = (struct hubs){.fleet = fleet,
			      .tray = tray,
			      .change = change,
			      .user = user,
			      .count = fleet_hubs(fleet),
			      .hub = calloc(fleet_hubs(fleet) + 1, sizeof(*hubs->hub))};
	if (!hubs->hub) {
		hubs_free(hubs);
		return NULL;
	}
	for (unsigned i = 0; i < hubs->count; i++)
		hubs->hub[i] = (struct hub){.config = fleet_hub(fleet, i),
					    .present = true,
					    .plugged = true,
					    .on = UINT32_MAX};
	return hubs;
}

void hubs_free(struct hubs *hubs)
{
	if (!hubs)
		return;
	free(hubs->hub);
	free(hubs);
}

unsigned hubs_count(const struct hubs *hubs)
{
	return hubs->count;
}

bool hub_present(const struct hubs *hubs, unsigned hub)
{
	return hubs->hub[hub].present;
}

static struct hub *hub_at(const struct hubs *hubs, const char *path)
{
	for (unsigned i = 0; i < hubs->count; i++)
		if (strcmp(hubs->hub[i].config->path, path) == 0)
			return &hubs->hub[i];
	return NULL;
}

/* VBUS is on while either half of a USB 3 hub wants it, but the port of a half that is off is off
 * the bus. */
static enum tray_power port_power(const struct hubs *hubs, const struct hub *hub, unsigned port)
{
	uint32_t all = (UINT32_C(2) << hub->config->ports) - 2; /* of 31, too */
	const struct hub *peer = hub->config->peer[0] ? hub_at(hubs, hub->config->peer) : NULL;
	enum tray_power off = peer && peer->on & UINT32_C(1) << port ? TRAY_MUTE : TRAY_DARK;
	bool on = hub->on & UINT32_C(1) << port;

	switch (hub->config->power) {
	case FLEET_POWER_PORT:
		return on ? TRAY_LIVE : off;
	case FLEET_POWER_GANGED:
		return hub->on & all ? TRAY_LIVE : off;
	case FLEET_POWER_LOGICAL:
		return on ? TRAY_LIVE : TRAY_MUTE;
	case FLEET_POWER_NONE:
	case FLEET_POWER_CLAIMED:
		break;
	}
	return TRAY_LIVE;
}

/* The power of the device at `path`: the least of all ports above it. */
static enum tray_power power_at(const struct hubs *hubs, const char *path)
{
	char above[FLEET_HUB_PATH], below[FLEET_HUB_PATH];
	enum tray_power power = TRAY_LIVE;

	snprintf(below, sizeof(below), "%s", path);
	for (;;) {
		const struct hub *hub;

		fleet_hub_above(below, above);
		hub = hub_at(hubs, above);
		if (!hub)
			return power;
		if (!hub->plugged)
			return TRAY_DARK;
		if (port_power(hubs, hub, fleet_hub_port(below)) < power)
			power = port_power(hubs, hub, fleet_hub_port(below));
		snprintf(below, sizeof(below), "%s", above);
	}
}

/* Hubs arrive before their boards and leave after them. */
static void settle(struct hubs *hubs)
{
	for (unsigned i = 0; i < hubs->count; i++) {
		struct hub *hub = &hubs->hub[i];
		bool present = hub->plugged && power_at(hubs, hub->config->path) == TRAY_LIVE;

		hub->leaving = hub->present && !present;
		if (present && !hub->present) {
			hub->on = UINT32_MAX; /* the kernel's hub driver switches all ports on */
			hubs->change(hubs->user, i, true);
		}
		hub->present = present;
	}
	for (unsigned i = 0; i < tray_targets(hubs->tray); i++)
		tray_power(hubs->tray, i, power_at(hubs, tray_path(hubs->tray, i)));
	for (unsigned i = hubs->count; i-- > 0;) {
		if (hubs->hub[i].leaving)
			hubs->change(hubs->user, i, false);
	}
}

static void port_name(const struct hub *hub, unsigned port, char path[FLEET_HUB_PATH])
{
	if (strncmp(hub->config->path, "usb", 3) == 0)
		snprintf(path, FLEET_HUB_PATH, "%.8s-%u", hub->config->path + 3, port);
	else
		snprintf(path, FLEET_HUB_PATH, "%.24s.%u", hub->config->path, port);
}

static unsigned port_status(const struct hubs *hubs, const struct hub *hub, unsigned port)
{
	const bool usb3 = hub->config->speed == FLEET_HUB_SUPER;
	unsigned status = !(hub->on & UINT32_C(1) << port) ? 0 : usb3 ? PORT_POWER_3 : PORT_POWER;
	char path[FLEET_HUB_PATH];
	const struct hub *below;

	if (port_power(hubs, hub, port) != TRAY_LIVE || !status)
		return status;
	port_name(hub, port, path);
	below = hub_at(hubs, path);
	if (below && below->present)
		return status | PORT_CONNECTION | PORT_ENABLE |
		       (below->config->speed == FLEET_HUB_HIGH ? PORT_HIGH_SPEED : 0);
	for (unsigned i = 0; i < tray_targets(hubs->tray); i++)
		if (tray_plugged(hubs->tray, i) && strcmp(tray_path(hubs->tray, i), path) == 0)
			return status | PORT_CONNECTION | PORT_ENABLE;
	return status;
}

static int device_descriptor(const struct fleet_hub *hub, uint8_t *data)
{
	const uint8_t descriptor[HUB_DEVICE_DESCRIPTOR] = {HUB_DEVICE_DESCRIPTOR,
							   DESCRIPTOR_DEVICE,
							   0x00,
							   hub->speed == FLEET_HUB_SUPER ? 3 : 2,
							   CLASS_HUB,
							   0,
							   hub->speed == FLEET_HUB_SUPER
								   ? PROTOCOL_USB3
							   : hub->speed == FLEET_HUB_FULL ? 0
							   : hub->multi_tt ? PROTOCOL_MULTI_TT
									   : PROTOCOL_SINGLE_TT,
							   hub->speed == FLEET_HUB_SUPER ? 9 : 64,
							   (uint8_t)hub->vid,
							   (uint8_t)(hub->vid >> 8),
							   (uint8_t)hub->pid,
							   (uint8_t)(hub->pid >> 8),
							   0x00,
							   0x01,
							   STRING_MAKER,
							   STRING_PRODUCT,
							   0,
							   1};

	memcpy(data, descriptor, sizeof(descriptor));
	return sizeof(descriptor);
}

static int config_descriptor(const struct fleet_hub *hub, uint8_t *data)
{
	unsigned alts = hub->multi_tt && hub->speed == FLEET_HUB_HIGH ? 2 : 1;
	const uint8_t head[9] = {9, DESCRIPTOR_CONFIG, (uint8_t)(9 + 16 * alts), 0, 1, 1, 0, 0xe0,
				 50};
	uint8_t *at = data;

	memcpy(at, head, sizeof(head));
	at += sizeof(head);
	for (unsigned i = 0; i < alts; i++) {
		const uint8_t alt[16] = {9, 4, 0, (uint8_t)i, 1, CLASS_HUB, 0,
					 (uint8_t)(alts == 2 ? i + 1 : 0), 0,
					 /* the endpoint for status changes */
					 7, 5, 0x81, 3, 4, 0, 12};

		memcpy(at, alt, sizeof(alt));
		at += sizeof(alt);
	}
	return (int)(at - data);
}

static int string_descriptor(const struct fleet_hub *hub, unsigned index, uint8_t *data)
{
	const char *text = index == STRING_MAKER ? "h7gang-sim" : hub->product;
	size_t length = strlen(text);

	if (index == 0) {
		memcpy(data, (const uint8_t[]){4, DESCRIPTOR_STRING, 0x09, 0x04}, 4);
		return 4;
	}
	if (index > STRING_PRODUCT)
		return -1;
	data[0] = (uint8_t)(2 + 2 * length);
	data[1] = DESCRIPTOR_STRING;
	for (size_t i = 0; i < length; i++) {
		data[2 + 2 * i] = (uint8_t)text[i];
		data[3 + 2 * i] = 0;
	}
	return (int)(2 + 2 * length);
}

/* USB 2.0 11.23.2.1 */
static int hub_descriptor(const struct fleet_hub *hub, uint8_t *data)
{
	static const uint8_t switching[] = {[FLEET_POWER_GANGED] = 0,
					    [FLEET_POWER_PORT] = 1,
					    [FLEET_POWER_LOGICAL] = 1,
					    [FLEET_POWER_CLAIMED] = 1,
					    [FLEET_POWER_NONE] = 2};
	unsigned map = hub->ports / 8 + 1;

	memset(data, 0, 12 + map);
	if (hub->speed == FLEET_HUB_SUPER) {
		const uint8_t descriptor[12] = {
			12, DESCRIPTOR_HUB_3, (uint8_t)hub->ports, switching[hub->power], 0, 50,
			25};

		memcpy(data, descriptor, sizeof(descriptor));
		return sizeof(descriptor);
	}
	data[0] = (uint8_t)(7 + 2 * map);
	data[1] = DESCRIPTOR_HUB;
	data[2] = (uint8_t)hub->ports;
	data[3] = switching[hub->power];
	data[5] = 50; /* 100 ms until a port's power is good */
	data[6] = 100;
	memset(data + 7 + map, 0xff, map);
	return (int)(7 + 2 * map);
}

static int get_descriptor(const struct fleet_hub *hub, const uint8_t setup[8], uint8_t *data)
{
	if ((setup[0] & 0x60) == 0x20)
		return setup[3] == (hub->speed == FLEET_HUB_SUPER ? DESCRIPTOR_HUB_3
								  : DESCRIPTOR_HUB) ||
				       setup[3] == 0
			       ? hub_descriptor(hub, data)
			       : -1;
	switch (setup[3]) {
	case DESCRIPTOR_DEVICE:
		return device_descriptor(hub, data);
	case DESCRIPTOR_CONFIG:
		return config_descriptor(hub, data);
	case DESCRIPTOR_STRING:
		return string_descriptor(hub, setup[2], data);
	default:
		return -1;
	}
}

static int port_feature(struct hubs *hubs, struct hub *hub, const uint8_t setup[8])
{
	unsigned feature = setup[2], port = setup[4];

	if (port < 1 || port > hub->config->ports)
		return -1;
	if (feature == FEATURE_PORT_POWER)
		hub_switch(hubs, (unsigned)(hub - hubs->hub), port,
			   setup[1] == REQUEST_SET_FEATURE);
	return 0;
}

void hub_switch(struct hubs *hubs, unsigned index, unsigned port, bool on)
{
	struct hub *hub = &hubs->hub[index];
	uint32_t bit = UINT32_C(1) << port;

	if (on == !!(hub->on & bit))
		return;
	hub->on ^= bit;
	settle(hubs);
}

uint32_t hub_ports_on(const struct hubs *hubs, unsigned hub)
{
	return hubs->hub[hub].on;
}

static int get_status(const struct hubs *hubs, const struct hub *hub, const uint8_t setup[8],
		      uint8_t *data)
{
	unsigned status = 0;

	if (setup[0] == 0xa3) {
		if (setup[4] < 1 || setup[4] > hub->config->ports)
			return -1;
		status = port_status(hubs, hub, setup[4]);
	} else if (setup[0] == 0x80) {
		data[0] = 1; /* self-powered */
		data[1] = 0;
		return 2;
	}
	data[0] = (uint8_t)status;
	data[1] = (uint8_t)(status >> 8);
	data[2] = data[3] = 0;
	return 4;
}

int hub_control(struct hubs *hubs, unsigned index, const uint8_t setup[8],
		uint8_t data[HUB_DATA_MAX])
{
	struct hub *hub = &hubs->hub[index];
	int wanted = setup[6] | setup[7] << 8, length = -1;

	switch (setup[1]) {
	case REQUEST_GET_STATUS:
		length = get_status(hubs, hub, setup, data);
		break;
	case REQUEST_GET_DESCRIPTOR:
		length = get_descriptor(hub->config, setup, data);
		break;
	case REQUEST_GET_CONFIGURATION:
		data[0] = 1;
		length = 1;
		break;
	case REQUEST_SET_CONFIGURATION:
		length = 0;
		break;
	case REQUEST_CLEAR_FEATURE:
	case REQUEST_SET_FEATURE:
		length = setup[0] == 0x23 ? port_feature(hubs, hub, setup) : 0;
		break;
	default:
		break;
	}
	return length > wanted ? wanted : length;
}

static bool set_plugged(struct hubs *hubs, const char *path, bool plugged)
{
	struct hub *hub = hub_at(hubs, path);

	if (!hub)
		return false;
	hub->plugged = plugged;
	if (hub->config->peer[0] && hub_at(hubs, hub->config->peer))
		hub_at(hubs, hub->config->peer)->plugged = plugged;
	settle(hubs);
	return true;
}

bool hub_unplug(struct hubs *hubs, const char *path)
{
	return set_plugged(hubs, path, false);
}

bool hub_plug(struct hubs *hubs, const char *path)
{
	return set_plugged(hubs, path, true);
}
