/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The virtual computer's memory for transfers, which the programs under test share. */
#ifndef SIM_HOST_H
#define SIM_HOST_H

#include <stdint.h>

struct fleet;
struct host;

/* Keeps what the fleet file says in `folder`. `base`: CLOCK_MONOTONIC of the programs at the
 * fleet's start, ns. NULL with errno. */
struct host *host_new(const struct fleet *fleet, const char *folder, uint64_t base);
void host_free(struct host *host);

/* From now on other programs have taken this much. */
void host_take(struct host *host, unsigned kib);

#endif
