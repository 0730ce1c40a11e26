/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A fleet: what is plugged in where, and how each target behaves. From --targets N or a YAML file.
 */
#ifndef SIM_FLEET_H
#define SIM_FLEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rom.h"
#include "rom_config.h"

struct fleet;

/* `count` healthy blank H743 V9.2 boards at 1-1.1.., all with the same USB serial. */
struct fleet *fleet_default(unsigned count, char *why, size_t why_size);
/* From a file: errors as FILE:LINE:COLUMN. `count` 0: as the file says; else its targets repeated.
 */
struct fleet *fleet_load(const char *path, unsigned count, char *why, size_t why_size);
void fleet_free(struct fleet *fleet);

unsigned fleet_targets(const struct fleet *fleet);
const struct rom_config *fleet_target(const struct fleet *fleet, unsigned index);
const char *fleet_path(const struct fleet *fleet, unsigned index); /* first port path */
const char *fleet_name(const struct fleet *fleet, unsigned index); /* for --save and tests */

#endif
