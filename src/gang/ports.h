/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ports that a run may switch: they are on when it begins, also after a run that was killed,
 * and when it ends. */
#ifndef GANG_PORTS_H
#define GANG_PORTS_H

#include "gang.h"

enum ports_answer {
	PORTS_OK,
	PORTS_WRONG, /* `why`: a slot has power: true, and its hub cannot switch that port */
	PORTS_HANG   /* the kernel did not answer in time; a thread still uses gang and bus */
};

/* Looks at the port of every slot with power: true in a thread of its own, for it may hang in the
 * kernel, and switches on those that are off. Its actions are told. */
enum ports_answer ports_settle(struct gang *gang, char *why, size_t why_size);

#endif
