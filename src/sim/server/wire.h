/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The shared 12 Mbit/s of full-speed boards. Each transaction translator and each root hub is one
 * domain; the transfers in a domain progress at the same time, each at the same share of its own
 * speed. A high-speed bus limits the sum of its translators. */
#ifndef SIM_WIRE_H
#define SIM_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fleet;
struct wire;

#define WIRE_NEVER UINT64_MAX

/* `slots`: the largest number of transfers at a time, one per board. NULL: no memory. */
struct wire *wire_new(const struct fleet *fleet, unsigned slots);
void wire_free(struct wire *wire);

/* A transfer of `bytes` in its data stage starts for the board at `path`; alone on the wire it
 * would take `alone_ns`. */
void wire_begin(struct wire *wire, unsigned slot, const char *path, size_t bytes, uint64_t alone_ns,
		uint64_t now);
/* The board is busy with its flash, and the host polls it for the answer until wire_end. */
void wire_poll(struct wire *wire, unsigned slot, const char *path, uint64_t now);
/* Ends the transfer, finished or not. */
void wire_end(struct wire *wire, unsigned slot, uint64_t now);
bool wire_busy(const struct wire *wire, unsigned slot);

/* When the next transfer finishes, and its slot; WIRE_NEVER: none is in progress. */
uint64_t wire_next(const struct wire *wire, unsigned *slot);

#endif
