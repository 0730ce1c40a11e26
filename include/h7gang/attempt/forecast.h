/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long a tray takes when its boards share wires, from the datasheet's typical times and the
 * packets that DFU needs. */
#ifndef H7GANG_ATTEMPT_FORECAST_H
#define H7GANG_ATTEMPT_FORECAST_H

#include <stdbool.h>

#include "h7gang/profile/profile.h"
#include "h7gang/stm32/rom.h"

/* One step of an attempt, in ms: its time without other boards, and its use of the wire. */
struct forecast_step {
	double alone, wire;
};

/* The attempt of one board. */
struct forecast {
	struct forecast_step blank, program, read;
	double mass_ms;    /* a mass erase; negative: none is possible */
	double sectors_ms; /* sector by sector */
};

/* Programming `bytes`. */
struct forecast_step forecast_program(const struct stm32_part *part, double bytes);

/* The steps that the profile asks for. `dirty`: the flash is not as delivered. */
void forecast_board(struct forecast *forecast, const struct profile *profile,
		    const struct stm32_rom *rom, bool dirty);

/* When the last of `boards` that share `wires` is done, in ms. `mass` of them are erased by a mass
 * erase, the others sector by sector. */
double forecast_ms(const struct forecast *forecast, unsigned boards, double wires, unsigned mass);

/* How many of them are best erased by a mass erase: a wire that would otherwise wait is better used
 * by boards that program one sector after the other. */
unsigned forecast_mass(const struct forecast *forecast, unsigned boards, double wires);

#endif
