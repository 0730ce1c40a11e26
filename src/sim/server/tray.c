/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fleet/fleet.h"
#include "tray_private.h"

struct tray *tray_new(const struct fleet *fleet, uint64_t now)
{
	struct tray *tray = calloc(1, sizeof(*tray));

	if (!tray)
		return NULL;
	tray->fleet = fleet;
	tray->now = now;
	tray->dropped_tail = &tray->dropped;
	tray->count = fleet_targets(fleet);
	tray->ports = calloc(tray->count ? tray->count : 1, sizeof(*tray->ports));
	tray->due = calloc(tray->count ? tray->count : 1, sizeof(*tray->due));
	tray->wire = wire_new(fleet, tray->count);
	if (!tray->ports || !tray->due || !tray->wire)
		goto fail;
	for (unsigned i = 0; i < tray->count; i++) {
		struct port *port = &tray->ports[i];

		port->tail = &port->head;
		port->power = TRAY_LIVE;
		tray->due[i] = TRAY_NEVER;
		port->rom = rom_new(fleet_target(fleet, i));
		if (!port->rom)
			goto fail;
		snprintf(port->path, sizeof(port->path), "%s", fleet_path(fleet, i));
	}
	for (unsigned i = 0; i < tray->count; i++)
		tray_plug(tray, i, NULL);
	return tray;
fail:
	tray_free(tray);
	return NULL;
}

void tray_free(struct tray *tray)
{
	if (!tray)
		return;
	for (unsigned i = 0; tray->ports && i < tray->count; i++) {
		tray_free_requests(tray->ports[i].head);
		free(tray->ports[i].current);
		rom_free(tray->ports[i].rom);
	}
	tray_free_requests(tray->dropped);
	free(tray->listeners);
	free(tray->ports);
	wire_free(tray->wire);
	free(tray->due);
	free(tray);
}

bool tray_listen(struct tray *tray, tray_change *change, void *user)
{
	struct listener *grown =
		realloc(tray->listeners, (tray->listener_count + 1) * sizeof(*grown));

	if (!grown)
		return false;
	tray->listeners = grown;
	tray->listeners[tray->listener_count++] = (struct listener){change, user};
	return true;
}

void tray_unlisten(struct tray *tray, void *user)
{
	size_t kept = 0;

	for (size_t i = 0; i < tray->listener_count; i++) {
		if (tray->listeners[i].user != user)
			tray->listeners[kept++] = tray->listeners[i];
	}
	tray->listener_count = kept;
}

static void tell(struct tray *tray, unsigned target, bool plugged)
{
	for (size_t i = 0; i < tray->listener_count; i++)
		tray->listeners[i].change(tray->listeners[i].user, target, tray->generation,
					  plugged);
}

unsigned tray_targets(const struct tray *tray)
{
	return tray->count;
}

bool tray_plugged(const struct tray *tray, unsigned target)
{
	return tray->ports[target].plugged;
}

const char *tray_path(const struct tray *tray, unsigned target)
{
	return tray->ports[target].path;
}

struct rom *tray_rom(struct tray *tray, unsigned target)
{
	return tray->ports[target].rom;
}

uint64_t tray_longest(const struct tray *tray, unsigned target)
{
	return tray->ports[target].longest;
}

static void leave_bus(struct tray *tray, unsigned target)
{
	struct port *port = &tray->ports[target];

	tray_quieten(tray, target);
	if (!port->plugged)
		return;
	port->plugged = false;
	tray_fail_all(tray, port);
	tell(tray, target, false);
}

/* Schedules a new board for a port whose board left. */
static void belt_serves(struct tray *tray, unsigned target)
{
	if (!tray->belt)
		return;
	tray->belt--;
	tray->ports[target].left = false;
	tray->ports[target].state = PORT_RENEWED;
	tray->due[target] = tray_later(tray->now, tray->belt_ns);
}

/* After the answer, or without one: carries out the leave that the ROM decided on. */
static void leave_for(struct tray *tray, unsigned target, const struct rom_result *result)
{
	struct port *port = &tray->ports[target];

	leave_bus(tray, target);
	if (result->away_ns != TRAY_NEVER) {
		snprintf(port->returns_at, sizeof(port->returns_at), "%.*s",
			 (int)sizeof(port->returns_at) - 1, result->returns_at);
		port->state = PORT_AWAY;
		tray->due[target] = tray_later(tray->now, result->away_ns);
	} else if (result->leaves) {
		port->left = true;
		belt_serves(tray, target);
	}
}

static void served(struct tray *tray, unsigned target)
{
	struct port *port = &tray->ports[target];
	const struct rom_result *result = &port->result;
	struct request *request = port->current;

	port->current = NULL;
	tray_quieten(tray, target);
	if (request) {
		switch (result->answer) {
		case ROM_ACK:
			tray_finish(tray, request, result->babble ? TRAY_OVERFLOW : TRAY_DONE,
				    result->data, result->length);
			break;
		case ROM_STALL:
			tray_finish(tray, request, TRAY_STALL, NULL, 0);
			break;
		case ROM_SILENT:
		case ROM_GONE:
			tray_finish(tray, request, TRAY_GONE, NULL, 0);
			break;
		}
	}
	if (result->leaves || result->answer == ROM_GONE)
		leave_for(tray, target, result);
	else
		tray_serve(tray, port);
}

/* Whether a fault cuts its power during a call of the host. */
static bool call_strikes(struct tray *tray, unsigned target, uint32_t on)
{
	struct port *port = &tray->ports[target];
	struct rom_result result;

	if (!rom_fault_call(port->rom, on, tray->now, &result))
		return false;
	if (result.away_ns > 0) {
		leave_for(tray, target, &result);
		return true;
	}
	rom_power_on(port->rom, tray->now);
	return false;
}

void tray_bus_reset(struct tray *tray, unsigned target)
{
	struct port *port = &tray->ports[target];

	if (!port->plugged)
		return;
	if (call_strikes(tray, target, ROM_ON_RESET))
		return;
	rom_bus_reset(port->rom, tray->now);
	tray_quieten(tray, target);
	tray_fail_all(tray, port);
}

bool tray_open(struct tray *tray, unsigned target)
{
	return tray->ports[target].plugged && !call_strikes(tray, target, ROM_ON_OPEN);
}

void tray_plug(struct tray *tray, unsigned target, const char *path)
{
	struct port *port = &tray->ports[target];

	if (port->plugged)
		return;
	if (path && *path)
		snprintf(port->path, sizeof(port->path), "%s", path);
	port->out = false;
	if (port->power != TRAY_LIVE) {
		tray_quieten(tray, target);
		return;
	}
	rom_power_on(port->rom, tray->now);
	tray_quieten(tray, target);
	port->left = !rom_shows(port->rom);
	if (port->left)
		return;
	port->plugged = true;
	tray->generation++;
	tell(tray, target, true);
}

void tray_unplug(struct tray *tray, unsigned target)
{
	struct port *port = &tray->ports[target];

	port->out = true;
	rom_power_off(port->rom, tray->now);
	leave_bus(tray, target);
}

void tray_power(struct tray *tray, unsigned target, enum tray_power power)
{
	struct port *port = &tray->ports[target];
	const struct rom_config *config = fleet_target(tray->fleet, target);

	if (port->power == power)
		return;
	port->power = power;
	if (power == TRAY_DARK && !config->own_supply)
		rom_power_off(port->rom, tray->now);
	if (power != TRAY_LIVE) {
		leave_bus(tray, target);
	} else if (!port->out && (!port->left || config->powers_up != ROM_POWERS_UP_UNSAID)) {
		rom_bus_reset(port->rom, tray->now); /* of one that kept its power */
		port->returns_at[0] = '\0';
		port->state = PORT_AWAY;
		tray->due[target] = tray_later(tray->now, config->start_ns);
	}
}

void tray_bounce(struct tray *tray, unsigned target, uint64_t ns)
{
	tray_unplug(tray, target);
	tray->ports[target].returns_at[0] = '\0';
	tray->ports[target].state = PORT_AWAY;
	tray->due[target] = tray_later(tray->now, ns);
}

void tray_dark(struct tray *tray, unsigned target, uint64_t ns, bool other)
{
	struct port *port = &tray->ports[target];
	const struct rom_config *config = fleet_target(tray->fleet, target);

	if (port->out || (!other && port->left && config->powers_up == ROM_POWERS_UP_UNSAID))
		return;
	if (other || !config->own_supply)
		rom_power_off(port->rom, tray->now);
	leave_bus(tray, target);
	port->left = false;
	port->returns_at[0] = '\0';
	port->state = other ? PORT_RENEWED : PORT_AWAY;
	tray->due[target] = tray_later(tray->now, ns);
}

bool tray_enter(struct tray *tray, unsigned target)
{
	struct port *port = &tray->ports[target];

	if (!port->plugged || !rom_enter(port->rom))
		return false;
	leave_bus(tray, target);
	port->returns_at[0] = '\0';
	port->state = PORT_AWAY;
	tray->due[target] = tray_later(tray->now, fleet_target(tray->fleet, target)->return_ns);
	return true;
}

void tray_boot0(struct tray *tray, unsigned target, bool high)
{
	rom_set_boot0(tray->ports[target].rom, high);
}

void tray_renew(struct tray *tray, unsigned target)
{
	struct port *port = &tray->ports[target];

	if (port->plugged)
		return;
	rom_power_off(port->rom, tray->now);
	rom_swap(port->rom);
	tray_plug(tray, target, NULL);
}

void tray_belt(struct tray *tray, unsigned boards, uint64_t ns)
{
	tray->belt = boards;
	tray->belt_ns = ns;
	for (unsigned i = 0; i < tray->count; i++)
		if (tray->ports[i].left)
			belt_serves(tray, i);
}

uint64_t tray_now(const struct tray *tray)
{
	return tray->now;
}

/* The board with the next event, and the time of that event. */
static uint64_t first_due(const struct tray *tray, unsigned *target)
{
	uint64_t first = wire_next(tray->wire, target);

	for (unsigned i = 0; i < tray->count; i++) {
		if (tray->due[i] < first) {
			first = tray->due[i];
			*target = i;
		}
	}
	return first;
}

uint64_t tray_next(const struct tray *tray)
{
	unsigned target;

	return tray->dropped ? tray->now : first_due(tray, &target);
}

static void happen(struct tray *tray, unsigned target)
{
	switch (tray->ports[target].state) {
	case PORT_AWAY:
		tray_plug(tray, target, tray->ports[target].returns_at);
		break;
	case PORT_RENEWED:
		tray_renew(tray, target);
		break;
	case PORT_WIRE:
		tray_carried(tray, target);
		break;
	case PORT_QUIET:
	case PORT_SILENT:
	case PORT_SERVING:
		served(tray, target);
		break;
	}
}

void tray_run(struct tray *tray, uint64_t now)
{
	for (;;) {
		unsigned target = 0;
		uint64_t due;

		tray_finish_dropped(tray);
		due = first_due(tray, &target);
		if (due == TRAY_NEVER || due > now)
			break;
		if (due > tray->now)
			tray->now = due;
		happen(tray, target);
	}
	if (now > tray->now)
		tray->now = now;
}
