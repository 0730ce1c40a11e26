/* SPDX-License-Identifier: GPL-2.0-or-later */
/* splitmix64: small, seeded, the same on every machine, so that runs can be repeated. */
#ifndef SIM_ROM_RANDOM_H
#define SIM_ROM_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

static inline uint64_t rom_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

/* True with a chance of `ppm` in a million. */
static inline bool rom_chance(uint64_t *state, uint32_t ppm)
{
	return rom_random(state) % 1000000 < ppm;
}

#endif
