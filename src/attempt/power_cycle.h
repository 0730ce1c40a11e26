/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The power of the board's port, cut in the middle of an attempt. */
#ifndef ATTEMPT_POWER_CYCLE_H
#define ATTEMPT_POWER_CYCLE_H

#include "h7gang/attempt/job.h"

/* The device at the port after the power came back. */
enum power_came {
	POWER_CAME_NOTHING,
	POWER_CAME_BOOTLOADER,
	POWER_CAME_OTHER /* another device: its application, as a rule */
};

/* Whether the profile cycles the port's power then (PROFILE_CYCLE_*), and may. */
bool power_cycles(const struct job *job, unsigned when);

/* Whether the attempt ended with a board that hangs and was power-cycled: it is in its bootloader
 * again, and the attempt can start over. Otherwise the outcome stays as it is, and its detail tells
 * of the power cycle. The link is closed. */
bool power_revives(struct job *job);

/* From cold into the bootloader; the link is open again and the board is the same. False: error and
 * detail say why. */
bool power_restart(struct job *job);

/* From cold into the application. False: error and detail say why. The link is closed; the board
 * may be in its bootloader. */
bool power_start(struct job *job, enum power_came *came);

/* Waits `ms` for a new device at the port; `patient`: for the bootloader alone, and ignores other
 * devices meanwhile. */
enum power_came power_wait(struct job *job, uint32_t ms, bool patient);

#endif
