/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of the tray: ports and their requests. */
#ifndef SIM_TRAY_PRIVATE_H
#define SIM_TRAY_PRIVATE_H

#include "sim/rom/rom.h"
#include "tray.h"
#include "wire.h"

struct request {
	struct request *next;
	tray_done *done;
	void *user;
	uint64_t tag;
	unsigned target;
	uint64_t since; /* start of its service; TRAY_NEVER: not started */
	size_t out_length;
	uint8_t setup[8];
	uint8_t out[];
};

enum port_state {
	PORT_QUIET,   /* nothing under way */
	PORT_WIRE,    /* a request is on the wire, which others may share */
	PORT_SERVING, /* an answer is due */
	PORT_SILENT,  /* serving, but no answer will come: only a cancel ends it */
	PORT_AWAY,    /* off the bus, returns by itself */
	PORT_RENEWED  /* off the bus, a new board will replace it */
};

struct port {
	struct rom *rom;
	enum port_state state;
	bool plugged;
	bool left;             /* started its application, for good */
	bool out;              /* taken out by the operator */
	enum tray_power power; /* of its port */
	char path[32];
	char returns_at[32];
	struct request *head, **tail; /* waiting for service */
	struct request *current;      /* being served; NULL while serving: cancelled meanwhile */
	uint64_t busy_until;
	uint64_t longest; /* longest service of a request, ns */
	struct rom_result result;
};

struct listener {
	tray_change *change;
	void *user;
};

struct tray {
	const struct fleet *fleet;
	uint64_t now;
	uint64_t generation;
	unsigned count;
	struct port *ports;
	struct wire *wire;
	uint64_t *due; /* per port, apart from it so that looking for the next one stays in cache */
	struct request *dropped, **dropped_tail; /* cancelled, done call owed */
	struct listener *listeners;
	size_t listener_count;
	unsigned belt; /* boards that the operator will still replace */
	uint64_t belt_ns;
};

static inline uint64_t tray_later(uint64_t now, uint64_t ns)
{
	return ns >= TRAY_NEVER - now ? TRAY_NEVER : now + ns;
}

/* tray_request.c */

/* Starts service of the next waiting request. */
void tray_serve(struct tray *tray, struct port *port);
/* The transfer on the wire is over; the board may still work on its answer. */
void tray_carried(struct tray *tray, unsigned target);
/* Marks the port as quiet. */
void tray_quieten(struct tray *tray, unsigned target);
/* Tells the client, and frees it. */
void tray_finish(struct tray *tray, struct request *request, enum tray_status status,
		 const uint8_t *data, size_t length);
/* Ends all requests to a target that is no longer there as TRAY_GONE. */
void tray_fail_all(struct tray *tray, struct port *port);
/* Calls done for the cancelled requests. */
void tray_finish_dropped(struct tray *tray);
/* Frees requests without done calls. Returns how many there were. */
unsigned tray_free_requests(struct request *request);

#endif
