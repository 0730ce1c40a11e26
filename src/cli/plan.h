/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The effect of a profile on a board, for people and for scripts. */
#ifndef H7GANG_SRC_CLI_PLAN_H
#define H7GANG_SRC_CLI_PLAN_H

#include <jansson.h>
#include <stdbool.h>

#include "h7gang/profile/profile.h"
#include "h7gang/store/db.h"

#define PLAN_WHY_SIZE 640

/* The store that a run would use, as it answers now. */
struct plan_store {
	const char *url; /* borrowed; NULL: none; "": one that is not to be shown */
	enum db_error error;
	unsigned schema; /* 0: unknown */
	char why[PLAN_WHY_SIZE];
};

/* Looks at it, for some seconds at most; writes nothing. `url` NULL: there is none. */
void plan_store_look(const char *url, struct plan_store *store);

/* Standard output. False: no memory. */
bool plan_print(const struct profile *profile, const struct plan_store *store);
json_t *plan_json(const struct profile *profile, const struct plan_store *store);

/* Any text as a JSON string. */
json_t *plan_text(const char *text);

/* --- shared by both, in the same words --- */

const char *plan_erase(const struct profile *profile);
const char *plan_verify(const struct profile *profile);
const char *plan_leave(const struct profile *profile);
const char *plan_poll(const struct profile *profile);
unsigned plan_touched(const struct profile *profile, unsigned bank);
bool plan_allowed(const struct profile *profile, const struct stm32_rom *rom);
const char *plan_sector_erase(enum stm32_sector_erase erase);
const char *plan_mass_erase(enum stm32_mass_erase erase);

/* A warning about a ROM under this profile, "" if there is none. */
const char *plan_warning(const struct profile *profile, const struct stm32_rom *rom);

/* The memory map, the start and the overrides; and the remarks. */
void plan_print_map(const struct profile *profile);
void plan_print_remarks(const struct profile *profile);
json_t *plan_json_map(const struct profile *profile);

/* Data of each board's own, and limits. Nothing if the profile has none. */
void plan_print_serial(const struct profile *profile);
void plan_print_options(const struct profile *profile);
json_t *plan_json_serial(const struct profile *profile);
void plan_print_store(const struct profile *profile, const struct plan_store *store);
json_t *plan_json_store(const struct profile *profile, const struct plan_store *store);

/* The safeguards that the profile switches off, a set of enum audit_override. */
unsigned plan_overrides(const struct profile *profile);

#endif
