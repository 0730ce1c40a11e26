/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading a target's flash into memory. Writes nothing to it. */
#ifndef H7GANG_ATTEMPT_READOUT_H
#define H7GANG_ATTEMPT_READOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "h7gang/base/errors.h"
#include "h7gang/stm32/part.h"
#include "h7gang/usb/bus.h"

struct readout {
	const char *path; /* port, as the kernel names it */
	struct usb_filter filter;
	unsigned bank;                    /* 1 or 2; 0: all */
	const struct stm32_part *claimed; /* where the size is not told; NULL: its end is found */
	void (*progress)(void *user, unsigned percent); /* may be NULL */
	void *user;
	/* given back */
	const struct stm32_part *part; /* NULL: series, layout and flash size do not tell it */
	bool end_sought;               /* its size is not told: its last sector was looked for */
	bool no_bank;                  /* the part has no such bank */
	uint8_t *bytes;                /* bank 1 then bank 2; to be freed */
	size_t length;
	char why[200];
};

/* On failure `why` gets the reason and `bytes` is NULL. H7_NO_DEVICE: the port is empty. */
enum h7_error readout_run(struct readout *read);

#endif
