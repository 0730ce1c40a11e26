/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From an attempt to its row in the log. */
#ifndef GANG_RECORD_H
#define GANG_RECORD_H

#include "gang.h"
#include "job.h"

/* The texts a row borrows while it is written. */
struct record {
	struct audit_row row;
	char bootloader[8];
	char erase_method[64];
	char option_bytes[256];
};

struct record_unit {
	const char *unit_id, *slot, *path;
	unsigned attempt;
	const char *started_at; /* CLOCK_TEXT_SIZE */
	int64_t started;        /* clock_now then */
};

/* Fills `record` from the job as it stands: for the begin mark while it runs (`finished` false), for the row
 * when it is over. Borrows from job, unit and gang. */
void record_fill(struct record *record, const struct gang *gang, const struct record_unit *unit,
                 const struct job *job, bool finished);

enum audit_result record_result(enum h7_error error);

#endif
