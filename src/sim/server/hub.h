/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hubs of the boards as seen by a host: descriptors, the requests of USB 2.0 chapter 11, and
 * port power. */
#ifndef SIM_HUB_H
#define SIM_HUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fleet;
struct hubs;
struct tray;

enum { HUB_DEVICE_DESCRIPTOR = 18, HUB_DATA_MAX = 256 };

/* A hub joins or leaves the bus. */
typedef void hub_change(void *user, unsigned hub, bool present);

/* All hubs are present and all ports are on. Fleet and tray are borrowed. NULL: no memory. */
struct hubs *hubs_new(const struct fleet *fleet, struct tray *tray, hub_change *change, void *user);
void hubs_free(struct hubs *hubs);

unsigned hubs_count(const struct hubs *hubs);
bool hub_present(const struct hubs *hubs, unsigned hub);

/* One control request to the hub. Returns the length of the data stage; -1: the hub stalls. */
int hub_control(struct hubs *hubs, unsigned hub, const uint8_t setup[8],
		uint8_t data[HUB_DATA_MAX]);

/* The ports that the host has switched on, one bit each. */
uint32_t hub_ports_on(const struct hubs *hubs, unsigned hub);
/* Switches one port. */
void hub_switch(struct hubs *hubs, unsigned hub, unsigned port, bool on);

/* Unplugs the hub with everything connected to it, or plugs it in again. False: no such hub. */
bool hub_unplug(struct hubs *hubs, const char *path);
bool hub_plug(struct hubs *hubs, const char *path);

#endif
