/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lets a unit be made and makes it its own: its place in the lot, its number, and the image with its data.
 * All attempts of a unit share it. */
#ifndef GANG_TICKET_H
#define GANG_TICKET_H

#include "gang.h"
#include "h7gang/serial/unit_image.h"

struct job;

struct ticket {
	bool admitted;            /* counted in the lot */
	bool numbered;
	char uid[25];             /* of the board when it was admitted, "" unknown */
	char unit_id[48];         /* likewise */
	struct profile_unit unit; /* once numbered */
	struct unit_image image;  /* always valid once ticket_init was called */
};

void ticket_init(struct ticket *ticket, const struct gang *gang);

/* The board is known and right: admits it to the lot and gives it its number, unless an earlier attempt has
 * done so. False: job_fail was called. */
bool ticket_take(struct ticket *ticket, struct gang *gang, struct job *job, const char *unit_id);

/* The unit's verdict is on record, or it has none. */
void ticket_end(struct ticket *ticket, struct gang *gang, bool passed);

/* Opens what the profile asks for in the gang: limits and numbers. False: `why`. */
bool ticket_office_open(struct gang *gang, char *why, size_t why_size);
void ticket_office_close(struct gang *gang);

#endif
