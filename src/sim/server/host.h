/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The virtual computer's memory for transfers, shared by the programs under test. */
#ifndef SIM_HOST_H
#define SIM_HOST_H

#include <stdint.h>

struct fleet;
struct host;

/* Writes the fleet file's figures into `folder`. `base`: CLOCK_MONOTONIC of the programs at the
 * fleet's start, ns. NULL with errno. */
struct host *host_new(const struct fleet *fleet, const char *folder, uint64_t base);
void host_free(struct host *host);

/* Sets the memory that other programs have taken from now on. */
void host_take(struct host *host, unsigned kib);

#endif
