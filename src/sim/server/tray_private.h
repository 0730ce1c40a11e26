/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tray's ports and their requests share. */
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
	uint64_t since; /* it has been its turn; TRAY_NEVER: others come before it */
	size_t out_length;
	uint8_t setup[8];
	uint8_t out[];
};

enum port_state {
	PORT_QUIET,   /* nothing under way */
	PORT_WIRE,    /* a request is on the wire, which others may share */
	PORT_SERVING, /* an answer is due */
	PORT_SILENT,  /* serving, but no answer will come: only a cancel ends it */
	PORT_AWAY,    /* off the bus, coming back by itself */
	PORT_RENEWED  /* off the bus, another board is on its way */
};

struct port {
	struct rom *rom;
	enum port_state state;
	bool plugged;
	bool left;             /* into its application, for good */
	bool out;              /* taken out by hands */
	enum tray_power power; /* of its port */
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
	unsigned belt; /* boards yet to be replaced by hands */
	uint64_t belt_ns;
};

static inline uint64_t tray_later(uint64_t now, uint64_t ns)
{
	return ns >= TRAY_NEVER - now ? TRAY_NEVER : now + ns;
}

/* tray_request.c */

/* Takes the next waiting request into service. */
void tray_serve(struct tray *tray, struct port *port);
/* The packets are through; the board may still work on its answer. */
void tray_carried(struct tray *tray, unsigned target);
/* Nothing is under way at the port any more. */
void tray_quieten(struct tray *tray, unsigned target);
/* Tells the client, and frees it. */
void tray_finish(struct tray *tray, struct request *request, enum tray_status status,
		 const uint8_t *data, size_t length);
/* Everything asked of a target that is no longer there ends as gone. */
void tray_fail_all(struct tray *tray, struct port *port);
/* Tells of what was cancelled. */
void tray_finish_dropped(struct tray *tray);
/* Without a word. Returns how many there were. */
unsigned tray_free_requests(struct request *request);

#endif
