/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From an attempt to its row in the log. */
#ifndef GANG_RECORD_H
#define GANG_RECORD_H

#include "gang.h"
#include "h7gang/attempt/job.h"
#include "h7gang/audit/overrides.h"
#include "ticket.h"

/* The texts a row borrows while it is written. */
struct record {
	struct audit_row row;
	char bootloader[8];
	char erase_method[64];
	char option_bytes[256];
	char overrides[AUDIT_OVERRIDES_SIZE];
};

struct record_unit {
	const char *unit_id, *slot, *path, *lot, *operator_name;
	const struct ticket *ticket; /* the unit's */
	const char *scan;            /* the scan for this unit; NULL: none */
	unsigned attempt;
	const char *started_at; /* CLOCK_TEXT_SIZE */
	int64_t started;        /* clock_now then */
};

/* Fills `record` from the job as it stands: for the begin mark while it runs (`finished` false),
 * for the row when it is over. Borrows from job, unit and gang. */
void record_fill(struct record *record, const struct gang *gang, const struct record_unit *unit,
		 const struct job *job, bool finished);

/* Puts the attempt's begin mark, or its row, on disk, and waits for it. False: the log takes no
 * more rows, and the supervisor was told. */
bool record_begin(struct gang *gang, const struct record *record);
bool record_append(struct gang *gang, const struct record *record);

enum audit_result record_result(enum h7_error error);

#endif
