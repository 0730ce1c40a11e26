/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The descriptors of a target, reassembled from the kept parts. */
#ifndef TRACE_DESCRIBE_H
#define TRACE_DESCRIBE_H

#include "ring.h"

enum { DESCRIBE_DEVICE, DESCRIBE_CONFIGURATION, DESCRIBE_COUNT };

#define DESCRIBE_BYTES (9 + DFU_ALTS_MAX * 9 + 9)

struct describe {
	struct dfu_setup setup[DESCRIBE_COUNT];        /* the request for it */
	uint8_t bytes[DESCRIBE_COUNT][DESCRIBE_BYTES]; /* setup.length of them */
};

void describe(const struct trace *trace, struct describe *described);

#endif
