/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A unit's admission and its own data: its place in the lot, its number, and the image with its
 * data. All attempts of a unit share it. */
#ifndef GANG_TICKET_H
#define GANG_TICKET_H

#include "before.h"
#include "gang.h"
#include "h7gang/serial/unit_image.h"

struct job;
struct record_unit;

struct ticket {
	bool admitted; /* counted in the lot */
	bool numbered;
	bool offline_start;   /* with a number that was leased before a start without the store */
	char uid[25];         /* of the board when it was admitted, "" unknown */
	char unit_id[48];     /* likewise */
	struct before before; /* the answer of hooks.before */
	char given[PROFILE_SERIAL_SIZE]; /* the number on the board's label; "" none */
	struct profile_unit unit;        /* once numbered */
	struct unit_image image;         /* always valid once ticket_init was called */
};

void ticket_init(struct ticket *ticket, const struct gang *gang);

/* The board is known and right: admits it to the lot, asks hooks.before and gives it its number,
 * unless an earlier attempt has done so. False: job_fail was called. */
bool ticket_take(struct ticket *ticket, struct gang *gang, struct job *job,
		 const struct record_unit *unit);

/* The attempt starts over, perhaps with another board: the unit is admitted again. It gives up its
 * number if any part of it was sent (`sent`), or if it belongs to a UID. */
void ticket_start_over(struct ticket *ticket, struct gang *gang, bool sent);

/* The unit's verdict is on record, or it has none. */
void ticket_end(struct ticket *ticket, struct gang *gang, bool passed);

/* Opens the limits and numbers that the profile asks for. Anything but H7_EXIT_OK ends the run
 * before a board is touched: `why`. */
enum h7_exit ticket_office_open(struct gang *gang, char *why, size_t why_size);

/* Tells the repairs of the number files. */
void ticket_office_tell(struct gang *gang);
void ticket_office_close(struct gang *gang);

#endif
