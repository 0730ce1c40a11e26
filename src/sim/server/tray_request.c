/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The queue of requests of each port, and the request in service. */
#include <stdlib.h>
#include <string.h>

#include "tray_private.h"

unsigned tray_free_requests(struct request *request)
{
	unsigned count = 0;

	for (; request; count++) {
		struct request *next = request->next;

		free(request);
		request = next;
	}
	return count;
}

/* The time of each request of a window starts with its service. */
static void next_in_turn(const struct tray *tray, struct port *port)
{
	if (!port->current && port->head && port->head->since == TRAY_NEVER)
		port->head->since = tray->now;
}

void tray_finish(struct tray *tray, struct request *request, enum tray_status status,
		 const uint8_t *data, size_t length)
{
	struct port *port = &tray->ports[request->target];

	if (request->since != TRAY_NEVER && tray->now - request->since > port->longest)
		port->longest = tray->now - request->since;
	next_in_turn(tray, port);
	request->done(request->user, request->tag, status, data, length);
	free(request);
}

void tray_serve(struct tray *tray, struct port *port)
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
	port->busy_until = tray_later(tray->now, port->result.ns);
	tray->due[port - tray->ports] = TRAY_NEVER;
	if (port->result.answer == ROM_SILENT) {
		port->state = PORT_SILENT;
	} else {
		port->state = PORT_WIRE;
		wire_begin(tray->wire, (unsigned)(port - tray->ports), port->path,
			   request->out_length ? request->out_length : port->result.length,
			   port->result.wire_ns, tray->now);
	}
}

void tray_carried(struct tray *tray, unsigned target)
{
	struct port *port = &tray->ports[target];

	wire_end(tray->wire, target, tray->now);
	port->state = PORT_SERVING;
	port->busy_until = tray_later(tray->now, port->result.ns - port->result.wire_ns);
	tray->due[target] = port->busy_until;
	if (port->busy_until > tray->now)
		wire_poll(tray->wire, target, port->path, tray->now);
}

void tray_quieten(struct tray *tray, unsigned target)
{
	wire_end(tray->wire, target, tray->now);
	tray->ports[target].state = PORT_QUIET;
	tray->due[target] = TRAY_NEVER;
}

void tray_fail_all(struct tray *tray, struct port *port)
{
	struct request *gone = port->head, *current = port->current;

	port->head = NULL;
	port->tail = &port->head;
	port->current = NULL;
	if (current)
		tray_finish(tray, current, TRAY_GONE, NULL, 0);
	while (gone) {
		struct request *next = gone->next;

		tray_finish(tray, gone, TRAY_GONE, NULL, 0);
		gone = next;
	}
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
	*request = (struct request){.done = done,
				    .user = user,
				    .tag = tag,
				    .target = target,
				    .since = TRAY_NEVER,
				    .out_length = out_length};
	memcpy(request->setup, setup, sizeof(request->setup));
	if (out_length)
		memcpy(request->out, out, out_length);
	*port->tail = request;
	port->tail = &request->next;
	next_in_turn(tray, port);
	tray_serve(tray, port);
}

/* Lets go of the request in service. The work that it started goes on, and the ROM takes no request
 * until that work is done. */
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

		cancelled += tray_free_requests(take_waiting(port, user, NULL));
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

void tray_finish_dropped(struct tray *tray)
{
	while (tray->dropped) {
		struct request *request = tray->dropped;

		tray->dropped = request->next;
		if (!tray->dropped)
			tray->dropped_tail = &tray->dropped;
		tray_finish(tray, request, TRAY_CANCELLED, NULL, 0);
	}
}
