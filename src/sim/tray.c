/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/tray.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fleet.h"
#include "sim/rom.h"

struct request {
	struct request *next;
	tray_done *done;
	void *user;
	uint64_t tag;
	unsigned target;
	uint64_t since; /* it has been its turn; TRAY_NEVER: others come before it */
	size_t out_length;
	uint8_t setup[8];
	uint8_t out[];
};

enum port_state {
	PORT_QUIET,   /* nothing under way */
	PORT_SERVING, /* an answer is due */
	PORT_SILENT,  /* serving, but no answer will come: only a cancel ends it */
	PORT_AWAY,    /* off the bus, coming back by itself */
	PORT_RENEWED  /* off the bus, another board is on its way */
};

struct port {
	struct rom *rom;
	enum port_state state;
	bool plugged;
	bool left; /* into its application, for good */
	char path[32];
	char returns_at[32];
	struct request *head, **tail; /* waiting for service */
	struct request *current;      /* being served; NULL while serving: cancelled meanwhile */
	uint64_t busy_until;
	uint64_t longest; /* it was a request's turn, ns */
	struct rom_result result;
};

struct listener {
	tray_change *change;
	void *user;
};

struct tray {
	uint64_t now;
	uint64_t generation;
	unsigned count;
	struct port *ports;
	uint64_t *due; /* per port, apart from it so that looking for the next one stays in cache */
	struct request *dropped, **dropped_tail; /* cancelled, done call owed */
	struct listener *listeners;
	size_t listener_count;
	unsigned belt; /* boards yet to be replaced by hands */
	uint64_t belt_ns;
};

static uint64_t later(uint64_t now, uint64_t ns)
{
	return ns >= TRAY_NEVER - now ? TRAY_NEVER : now + ns;
}

struct tray *tray_new(const struct fleet *fleet, uint64_t now)
{
	struct tray *tray = calloc(1, sizeof(*tray));

	if (!tray)
		return NULL;
	tray->now = now;
	tray->dropped_tail = &tray->dropped;
	tray->count = fleet_targets(fleet);
	tray->ports = calloc(tray->count ? tray->count : 1, sizeof(*tray->ports));
	tray->due = calloc(tray->count ? tray->count : 1, sizeof(*tray->due));
	if (!tray->ports || !tray->due)
		goto fail;
	for (unsigned i = 0; i < tray->count; i++) {
		struct port *port = &tray->ports[i];

		port->tail = &port->head;
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

static unsigned free_requests(struct request *request)
{
	unsigned count = 0;

	for (; request; count++) {
		struct request *next = request->next;

		free(request);
		request = next;
	}
	return count;
}

void tray_free(struct tray *tray)
{
	if (!tray)
		return;
	for (unsigned i = 0; tray->ports && i < tray->count; i++) {
		free_requests(tray->ports[i].head);
		free(tray->ports[i].current);
		rom_free(tray->ports[i].rom);
	}
	free_requests(tray->dropped);
	free(tray->listeners);
	free(tray->ports);
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

/* A window of requests is patient with each in its turn. */
static void next_in_turn(const struct tray *tray, struct port *port)
{
	if (!port->current && port->head && port->head->since == TRAY_NEVER)
		port->head->since = tray->now;
}

static void finish(struct tray *tray, struct request *request, enum tray_status status,
		   const uint8_t *data, size_t length)
{
	struct port *port = &tray->ports[request->target];

	if (request->since != TRAY_NEVER && tray->now - request->since > port->longest)
		port->longest = tray->now - request->since;
	next_in_turn(tray, port);
	request->done(request->user, request->tag, status, data, length);
	free(request);
}

/* Takes the next waiting request into service. */
static void serve(struct tray *tray, struct port *port)
{
	struct request *request = port->head;

	if (port->state != PORT_QUIET || !port->plugged || !request)
		return;
	next_in_turn(tray, port);
	port->head = request->next;
	if (!port->head)
		port->tail = &port->head;
	request->next = NULL;
	port->current = request;
	memset(&port->result, 0, offsetof(struct rom_result, data));
	rom_control(port->rom, tray->now, request->setup, request->out, request->out_length,
		    &port->result);
	port->busy_until = later(tray->now, port->result.ns);
	port->state = port->result.answer == ROM_SILENT ? PORT_SILENT : PORT_SERVING;
	tray->due[port - tray->ports] = port->state == PORT_SERVING ? port->busy_until : TRAY_NEVER;
}

/* Everything asked of a target that is no longer there ends as gone. */
static void fail_all(struct tray *tray, struct port *port)
{
	struct request *gone = port->head, *current = port->current;

	port->head = NULL;
	port->tail = &port->head;
	port->current = NULL;
	if (current)
		finish(tray, current, TRAY_GONE, NULL, 0);
	while (gone) {
		struct request *next = gone->next;

		finish(tray, gone, TRAY_GONE, NULL, 0);
		gone = next;
	}
}

static void leave_bus(struct tray *tray, unsigned target)
{
	struct port *port = &tray->ports[target];

	port->state = PORT_QUIET;
	tray->due[target] = TRAY_NEVER;
	if (!port->plugged)
		return;
	port->plugged = false;
	fail_all(tray, port);
	tell(tray, target, false);
}

/* Sends a new board on its way to a port whose board left. */
static void belt_serves(struct tray *tray, unsigned target)
{
	if (!tray->belt)
		return;
	tray->belt--;
	tray->ports[target].left = false;
	tray->ports[target].state = PORT_RENEWED;
	tray->due[target] = later(tray->now, tray->belt_ns);
}

/* It answered (or goes without): what the ROM decided at the start of service takes effect. */
static void served(struct tray *tray, unsigned target)
{
	struct port *port = &tray->ports[target];
	const struct rom_result *result = &port->result;
	struct request *request = port->current;

	port->current = NULL;
	port->state = PORT_QUIET;
	tray->due[target] = TRAY_NEVER;
	if (request) {
		switch (result->answer) {
		case ROM_ACK:
			finish(tray, request, result->babble ? TRAY_OVERFLOW : TRAY_DONE, result->data,
			       result->length);
			break;
		case ROM_STALL:
			finish(tray, request, TRAY_STALL, NULL, 0);
			break;
		case ROM_SILENT:
		case ROM_GONE:
			finish(tray, request, TRAY_GONE, NULL, 0);
			break;
		}
	}
	if (result->leaves || result->answer == ROM_GONE) {
		leave_bus(tray, target);
		if (result->away_ns != TRAY_NEVER) {
			snprintf(port->returns_at, sizeof(port->returns_at), "%.*s",
				 (int)sizeof(port->returns_at) - 1, result->returns_at);
			port->state = PORT_AWAY;
			tray->due[target] = later(tray->now, result->away_ns);
		} else if (result->leaves) {
			port->left = true;
			belt_serves(tray, target);
		}
		return;
	}
	serve(tray, port);
}

void tray_submit(struct tray *tray, unsigned target, const uint8_t setup[8], const uint8_t *out,
		 size_t out_length, tray_done *done, void *user, uint64_t tag)
{
	struct port *port = &tray->ports[target];
	struct request *request = malloc(sizeof(*request) + out_length);

	if (!request || !port->plugged) {
		free(request);
		done(user, tag, TRAY_GONE, NULL, 0);
		return;
	}
	*request = (struct request){
		.done = done, .user = user, .tag = tag, .target = target, .since = TRAY_NEVER,
		.out_length = out_length};
	memcpy(request->setup, setup, sizeof(request->setup));
	if (out_length)
		memcpy(request->out, out, out_length);
	*port->tail = request;
	port->tail = &request->next;
	next_in_turn(tray, port);
	serve(tray, port);
}

/* Lets go of the request in service. What it started goes on: the ROM is deaf until then. */
static struct request *let_go(struct tray *tray, struct port *port)
{
	struct request *request = port->current;

	port->current = NULL;
	if (port->state == PORT_SILENT) {
		port->state = PORT_SERVING;
		tray->due[port - tray->ports] =
			port->busy_until > tray->now ? port->busy_until : tray->now;
		port->result.answer = ROM_ACK;
	}
	return request;
}

/* Unlinks the waiting requests of `user` (only the one tagged `tag`, if given) into a list. */
static struct request *take_waiting(struct port *port, const void *user, const uint64_t *tag)
{
	struct request *taken = NULL, **taken_tail = &taken, **link = &port->head;

	while (*link) {
		struct request *request = *link;

		if (request->user == user && (!tag || request->tag == *tag)) {
			*link = request->next;
			request->next = NULL;
			*taken_tail = request;
			taken_tail = &request->next;
		} else {
			link = &request->next;
		}
	}
	port->tail = link;
	return taken;
}

bool tray_cancel(struct tray *tray, void *user, uint64_t tag)
{
	for (unsigned i = 0; i < tray->count; i++) {
		struct port *port = &tray->ports[i];
		struct request *request = port->current;

		if (request && request->user == user && request->tag == tag)
			request = let_go(tray, port);
		else
			request = take_waiting(port, user, &tag);
		if (request) {
			*tray->dropped_tail = request;
			tray->dropped_tail = &request->next;
			return true;
		}
	}
	return false;
}

unsigned tray_cancel_user(struct tray *tray, void *user)
{
	struct request **link = &tray->dropped;
	unsigned cancelled = 0;

	for (unsigned i = 0; i < tray->count; i++) {
		struct port *port = &tray->ports[i];

		cancelled += free_requests(take_waiting(port, user, NULL));
		if (port->current && port->current->user == user) {
			free(let_go(tray, port));
			cancelled++;
		}
	}
	while (*link) {
		struct request *request = *link;

		if (request->user == user) {
			*link = request->next;
			free(request);
			cancelled++;
		} else {
			link = &request->next;
		}
	}
	tray->dropped_tail = link;
	return cancelled;
}

void tray_bus_reset(struct tray *tray, unsigned target)
{
	struct port *port = &tray->ports[target];

	if (!port->plugged)
		return;
	rom_bus_reset(port->rom, tray->now);
	port->state = PORT_QUIET;
	tray->due[target] = TRAY_NEVER;
	fail_all(tray, port);
}

void tray_plug(struct tray *tray, unsigned target, const char *path)
{
	struct port *port = &tray->ports[target];

	if (port->plugged)
		return;
	if (path && *path)
		snprintf(port->path, sizeof(port->path), "%s", path);
	rom_power_on(port->rom, tray->now);
	port->plugged = true;
	port->left = false;
	port->state = PORT_QUIET;
	tray->due[target] = TRAY_NEVER;
	tray->generation++;
	tell(tray, target, true);
}

void tray_unplug(struct tray *tray, unsigned target)
{
	struct port *port = &tray->ports[target];

	rom_power_off(port->rom, tray->now);
	leave_bus(tray, target);
}

void tray_bounce(struct tray *tray, unsigned target, uint64_t ns)
{
	tray_unplug(tray, target);
	tray->ports[target].returns_at[0] = '\0';
	tray->ports[target].state = PORT_AWAY;
	tray->due[target] = later(tray->now, ns);
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

uint64_t tray_next(const struct tray *tray)
{
	uint64_t next = TRAY_NEVER;

	if (tray->dropped)
		return tray->now;
	for (unsigned i = 0; i < tray->count; i++) {
		if (tray->due[i] < next)
			next = tray->due[i];
	}
	return next;
}

uint64_t tray_now(const struct tray *tray)
{
	return tray->now;
}

static void finish_dropped(struct tray *tray)
{
	while (tray->dropped) {
		struct request *request = tray->dropped;

		tray->dropped = request->next;
		if (!tray->dropped)
			tray->dropped_tail = &tray->dropped;
		finish(tray, request, TRAY_CANCELLED, NULL, 0);
	}
}

void tray_run(struct tray *tray, uint64_t now)
{
	for (;;) {
		unsigned target = 0;

		finish_dropped(tray);
		for (unsigned i = 1; i < tray->count; i++) {
			if (tray->due[i] < tray->due[target])
				target = i;
		}
		if (!tray->count || tray->due[target] == TRAY_NEVER || tray->due[target] > now)
			break;
		if (tray->due[target] > tray->now)
			tray->now = tray->due[target];
		if (tray->ports[target].state == PORT_AWAY)
			tray_plug(tray, target, tray->ports[target].returns_at);
		else if (tray->ports[target].state == PORT_RENEWED)
			tray_renew(tray, target);
		else
			served(tray, target);
	}
	if (now > tray->now)
		tray->now = now;
}
