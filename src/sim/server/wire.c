/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fleet/fleet.h"
#include "sim/fleet/fleet_hubs.h"

enum {
	FRAME_NS = 1000000,
	PACKET = 64, /* bMaxPacketSize0 */
	/* Byte times on a full-speed wire, USB 2.0 tables 5-2 and 5-9. */
	OVERHEAD_PACKET = 13,
	OVERHEAD_SETUP = 21,
	OVERHEAD_STATUS = 13,
	/* A poll that ends with NAK is two packets without data: two SYNC, two PID, address and
	 * CRC, and two of the three bytes between packets (inferred from table 5-9). */
	NAK = 8,
	UNLIMITED = 1000 /* transactions at a time where no translator is in between */
};

struct domain {
	char path[FLEET_HUB_PATH];
	unsigned bus;     /* index */
	unsigned buffers; /* transactions at a time */
	bool upstream;    /* behind a translator: its packets go over the high-speed bus */
	unsigned active, polled;
	/* Sum of the share of the wire that each active transfer uses, and each board that is
	 * polled. */
	double usage;
	double rate; /* at which its transfers progress, if all do at the same */
};

struct bus {
	unsigned number;
	uint64_t now; /* its transfers have progressed until then */
};

struct transfer {
	bool active;
	bool polled; /* no data move: the board answers with NAK */
	uint64_t order;
	unsigned domain;
	double rate;  /* at which it progresses */
	double left;  /* ns, alone on the wire */
	double share; /* of the wire that it uses at full rate */
	uint64_t due;
};

struct wire {
	const struct fleet *fleet;
	struct fleet_wire limits;
	struct domain *domain;
	unsigned domains;
	struct bus *bus;
	unsigned buses;
	struct transfer *transfer;
	unsigned slots;
	uint64_t begun; /* transfers so far */
};

/* A domain is a hub or one port of a hub, a bus is a root hub. Boards may move to ports that the
 * fleet file does not name: when the tables are full, such boards share the last entry. */
static unsigned last_bus(const struct wire *wire)
{
	return wire->slots + fleet_hubs(wire->fleet);
}

static unsigned last_domain(const struct wire *wire)
{
	return 2 * last_bus(wire);
}

struct wire *wire_new(const struct fleet *fleet, unsigned slots)
{
	struct wire *wire = calloc(1, sizeof(*wire));

	if (!wire)
		return NULL;
	wire->fleet = fleet;
	wire->limits = *fleet_wire(fleet);
	wire->slots = slots;
	wire->transfer = calloc(slots ? slots : 1, sizeof(*wire->transfer));
	wire->domain = calloc(last_domain(wire) + 1, sizeof(*wire->domain));
	wire->bus = calloc(last_bus(wire) + 1, sizeof(*wire->bus));
	if (!wire->transfer || !wire->domain || !wire->bus) {
		wire_free(wire);
		return NULL;
	}
	wire->domain[last_domain(wire)].buffers = UNLIMITED;
	wire->domain[last_domain(wire)].bus = last_bus(wire);
	return wire;
}

void wire_free(struct wire *wire)
{
	if (!wire)
		return;
	free(wire->transfer);
	free(wire->domain);
	free(wire->bus);
	free(wire);
}

static const struct fleet_hub *hub_at(const struct wire *wire, const char *path)
{
	for (unsigned i = 0; i < fleet_hubs(wire->fleet); i++)
		if (strcmp(fleet_hub(wire->fleet, i)->path, path) == 0)
			return fleet_hub(wire->fleet, i);
	return NULL;
}

/* The name of the domain that the device at `path` belongs to. Returns whether a translator serves
 * it, and whether that translator serves other ports too. */
static bool name_domain(const struct wire *wire, const char *path, char name[FLEET_HUB_PATH],
			bool *shared)
{
	char below[FLEET_HUB_PATH], above[FLEET_HUB_PATH];

	snprintf(below, sizeof(below), "%s", path);
	for (;;) {
		const struct fleet_hub *hub;

		fleet_hub_above(below, above);
		hub = hub_at(wire, above);
		if (strncmp(above, "usb", 3) == 0 || !above[0]) {
			snprintf(name, FLEET_HUB_PATH, "%s", above);
			*shared = false;
			return false;
		}
		if (!hub || hub->speed == FLEET_HUB_HIGH) {
			*shared = hub && !hub->multi_tt;
			snprintf(name, FLEET_HUB_PATH, "%s", *shared ? above : below);
			return true;
		}
		snprintf(below, sizeof(below), "%s", above);
	}
}

static unsigned find_bus(struct wire *wire, const char *path, uint64_t now)
{
	unsigned number =
		(unsigned)strtoul(strncmp(path, "usb", 3) == 0 ? path + 3 : path, NULL, 10);

	for (unsigned i = 0; i < wire->buses; i++)
		if (wire->bus[i].number == number)
			return i;
	if (wire->buses == last_bus(wire))
		return last_bus(wire);
	wire->bus[wire->buses] = (struct bus){.number = number, .now = now};
	return wire->buses++;
}

static unsigned find_domain(struct wire *wire, const char *path, uint64_t now)
{
	char name[FLEET_HUB_PATH];
	bool shared, translated = name_domain(wire, path, name, &shared);
	struct domain *domain;

	for (unsigned i = 0; i < wire->domains; i++)
		if (strcmp(wire->domain[i].path, name) == 0)
			return i;
	if (wire->domains == last_domain(wire))
		return last_domain(wire);
	domain = &wire->domain[wire->domains];
	*domain = (struct domain){
		.bus = find_bus(wire, path, now),
		.buffers = shared ? wire->limits.buffers : UNLIMITED,
		.upstream = translated,
	};
	snprintf(domain->path, sizeof(domain->path), "%s", name);
	return wire->domains++;
}

static double least(double a, double b)
{
	return a < b ? a : b;
}

/* Advances the transfers on the bus to `now`. */
static void progress(struct wire *wire, unsigned bus, uint64_t now)
{
	double passed = (double)(now - wire->bus[bus].now);

	if (now <= wire->bus[bus].now)
		return;
	wire->bus[bus].now = now;
	for (unsigned i = 0; i < wire->slots; i++) {
		struct transfer *transfer = &wire->transfer[i];

		if (transfer->active && wire->domain[transfer->domain].bus == bus)
			transfer->left -= passed * transfer->rate;
	}
}

/* Each gets the same share of its own speed. Returns the used part of the wire. */
static double share_evenly(struct domain *domain)
{
	domain->rate = least(1, (double)domain->buffers / domain->active);
	if (domain->usage > 0)
		domain->rate = least(domain->rate, 1 / domain->usage);
	return domain->rate * domain->usage;
}

/* Each gets the capacity that the earlier ones leave. Returns the same. */
static double serve_in_order(struct wire *wire, unsigned number)
{
	const struct domain *domain = &wire->domain[number];
	double room = 1;

	for (unsigned n = 0; n < domain->active; n++) {
		struct transfer *first = NULL;
		double rate;

		for (unsigned i = 0; i < wire->slots; i++) {
			struct transfer *transfer = &wire->transfer[i];

			if (transfer->active && transfer->domain == number && transfer->rate < 0 &&
			    (!first || transfer->order < first->order))
				first = transfer;
		}
		if (!first)
			break;
		rate = n < domain->buffers ? 1 : 0;
		if (first->share > 0)
			rate = least(rate, room / first->share);
		first->rate = rate;
		room -= rate * first->share;
	}
	return 1 - room;
}

/* Shares the bus anew among its transfers. */
static void share(struct wire *wire, unsigned bus)
{
	double sum = 0, most = (double)wire->limits.upstream / wire->limits.packets;

	for (unsigned i = 0; i < wire->slots; i++)
		if (wire->domain[wire->transfer[i].domain].bus == bus)
			wire->transfer[i].rate = -1; /* not known */
	for (unsigned i = 0; i <= last_domain(wire); i++) {
		struct domain *domain = &wire->domain[i];
		double used;

		if (domain->bus != bus || !domain->active)
			continue;
		used = wire->limits.first_come ? serve_in_order(wire, i) : share_evenly(domain);
		sum += domain->upstream ? used : 0;
	}
	for (unsigned i = 0; i < wire->slots; i++) {
		struct transfer *transfer = &wire->transfer[i];
		const struct domain *domain = &wire->domain[transfer->domain];

		if (!transfer->active || domain->bus != bus)
			continue;
		if (transfer->rate < 0)
			transfer->rate = domain->rate;
		if (sum > most && domain->upstream)
			transfer->rate *= most / sum;
		transfer->due = wire->bus[bus].now;
		if (transfer->left > 0)
			transfer->due = transfer->rate > 0
						? transfer->due + (uint64_t)ceil(transfer->left /
										 transfer->rate)
						: WIRE_NEVER;
	}
}

/* The share of the wire that a transfer uses while it progresses at its own speed. */
static double share_of(const struct wire *wire, size_t bytes, uint64_t alone_ns)
{
	size_t packets = (bytes + PACKET - 1) / PACKET;
	double times =
		OVERHEAD_SETUP + OVERHEAD_STATUS + (double)(bytes + packets * OVERHEAD_PACKET);
	double ns = times * (double)FRAME_NS /
		    ((PACKET + OVERHEAD_PACKET) * (double)wire->limits.packets);

	return alone_ns ? least(1, ns / (double)alone_ns) : 0;
}

static void join(struct wire *wire, unsigned slot, const char *path, struct transfer transfer,
		 uint64_t now)
{
	unsigned number = find_domain(wire, path, now);
	struct domain *domain = &wire->domain[number];

	progress(wire, domain->bus, now);
	transfer.domain = number;
	transfer.order = wire->begun++;
	wire->transfer[slot] = transfer;
	domain->active += transfer.active;
	domain->polled += transfer.polled;
	domain->usage += transfer.share;
	share(wire, domain->bus);
}

void wire_begin(struct wire *wire, unsigned slot, const char *path, size_t bytes, uint64_t alone_ns,
		uint64_t now)
{
	join(wire, slot, path,
	     (struct transfer){.active = true,
			       .left = (double)alone_ns,
			       .share = share_of(wire, bytes, alone_ns)},
	     now);
}

void wire_poll(struct wire *wire, unsigned slot, const char *path, uint64_t now)
{
	double naks = wire->limits.naks;

	if (naks > 0)
		join(wire, slot, path,
		     (struct transfer){.polled = true,
				       .share = least(1, naks * (double)NAK /
								 ((PACKET + OVERHEAD_PACKET) *
								  (double)wire->limits.packets))},
		     now);
}

void wire_end(struct wire *wire, unsigned slot, uint64_t now)
{
	struct transfer *transfer = &wire->transfer[slot];
	struct domain *domain = &wire->domain[transfer->domain];

	if (!transfer->active && !transfer->polled)
		return;
	progress(wire, domain->bus, now);
	domain->active -= transfer->active;
	domain->polled -= transfer->polled;
	transfer->active = transfer->polled = false;
	domain->usage = domain->active + domain->polled ? domain->usage - transfer->share : 0;
	share(wire, domain->bus);
}

bool wire_busy(const struct wire *wire, unsigned slot)
{
	return wire->transfer[slot].active;
}

uint64_t wire_next(const struct wire *wire, unsigned *slot)
{
	uint64_t next = WIRE_NEVER;

	for (unsigned i = 0; i < wire->slots; i++) {
		if (wire->transfer[i].active && wire->transfer[i].due < next) {
			next = wire->transfer[i].due;
			*slot = i;
		}
	}
	return next;
}
