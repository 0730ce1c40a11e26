/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of audit_reader, for files of this room that look at a row as it is written. */
#ifndef AUDIT_READER_H
#define AUDIT_READER_H

#include <stdbool.h>

#include "csv.h"
#include "h7gang/audit/read.h"
#include "lines.h"

struct audit_reader {
	int fd;
	bool owns_fd;
	size_t columns;       /* of its header */
	bool current;         /* which is that of this version */
	struct csv_row names; /* likewise */
	bool failed;          /* the last ERROR came from the disk, not from the contents */
	struct lines lines;
	struct csv_row csv;
	struct audit_record record;
	char why[160];
};

/* As audit_reader_open, on a descriptor that the caller closes. */
enum audit_status reader_open_fd(int fd, struct audit_reader **reader, char *why, size_t why_size);

#endif
