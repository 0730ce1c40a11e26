/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One client of the station socket: its output, its input, and the user and process behind it. */
#ifndef STATION_PEER_H
#define STATION_PEER_H

#include <stdint.h>
#include <sys/types.h>

#include "h7gang/gang/control.h"
#include "h7gang/station/outbox.h"

#define PEER_LINE_MAX 4096         /* bytes of a line from a client, with its LF */
#define PEER_BEHIND_MAX (1u << 20) /* bytes that may wait for one client */
#define PEER_BURST 20              /* commands at once */
#define PEER_REFILL_MS 100         /* until it may give one more */
#define PEER_LEAVE_MS 2000         /* for a dropped client to read the reason */

struct peer {
	struct outbox outbox;
	char said[PEER_LINE_MAX];
	size_t length;
	char who[160]; /* "user ann (uid 1000), process 4242" */
	uid_t uid;
	unsigned number; /* tells clients apart */
	unsigned tokens; /* commands that it may give at once */
	int64_t refilled;
	int64_t leaves; /* dropped, and may read the reason until then; CLOCK_NEVER: not dropped */
};

/* Finds out who connected. */
void peer_open(struct peer *peer, int fd, unsigned number);

/* Queues a line for it. False: it reads too slowly and is being dropped. */
bool peer_tell(struct peer *peer, const char *line);

/* Its last line, with the reason. */
void peer_dismiss(struct peer *peer, const char *reason);

/* Reads its input, and discards that of a client being dropped. False: it is gone. */
bool peer_hear(struct peer *peer);

/* The next whole line of the input, without LF, in place; NULL: none. */
char *peer_line(struct peer *peer, size_t *taken);
void peer_line_done(struct peer *peer, size_t taken);

/* Whether it may give one more command now. */
bool peer_may_ask(struct peer *peer, int64_t now);

#endif
