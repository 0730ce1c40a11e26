/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A fleet: its targets, their ports and their behaviour. From --targets N or a YAML file. */
#ifndef SIM_FLEET_H
#define SIM_FLEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/rom/rom.h"
#include "sim/rom/rom_config.h"

struct fleet;

/* `count` healthy blank H743 V9.2 boards at 1-1.1.., all with the same USB serial. */
struct fleet *fleet_default(unsigned count, char *why, size_t why_size);
/* From a file: errors as FILE:LINE:COLUMN. `count` 0: as in the file; else repeats its targets. */
struct fleet *fleet_load(const char *path, unsigned count, char *why, size_t why_size);
/* Boards like the one in `twin`, a file of h7gang characterize. With `path`, its targets change
 * that; else there are `count` boards, 0 counts as 1. */
struct fleet *fleet_load_twin(const char *path, const char *twin, unsigned count, char *why,
			      size_t why_size);
/* Tells each key that a twin's file lacks. False: it cannot be read. */
bool fleet_twin_missing(const char *file, void (*tell)(const char *key));
void fleet_free(struct fleet *fleet);

unsigned fleet_targets(const struct fleet *fleet);
const struct rom_config *fleet_target(const struct fleet *fleet, unsigned index);
const char *fleet_path(const struct fleet *fleet, unsigned index); /* first port path */
const char *fleet_name(const struct fleet *fleet, unsigned index); /* for --save and tests */

/* A target's resulting configuration as a line of JSON. */
void fleet_show(FILE *to, const struct fleet *fleet, unsigned index);
/* The keys of a target by index. NULL: there is no such index. */
const char *fleet_key(unsigned index);

#endif
