/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kinds of h7gang store, a file each. */
#ifndef CLI_STORE_H
#define CLI_STORE_H

#include "cli.h"
#include "h7gang/store/store.h"

struct cli_store_kind {
	const char *name;
	cli_accepts accepts;
	bool files; /* takes the names of logs */
	enum h7_exit (*run)(const struct cli_options *options, const char *url, char *const *files,
			    size_t count);
};

extern const struct cli_store_kind cli_store_init, cli_store_migrate, cli_store_status,
	cli_store_push;

/* --store, else what the profile says (may be NULL), else H7GANG_STORE. NULL: none is named. */
const char *cli_store_url(const struct cli_options *options, const char *of_profile);

/* Says that the store failed, and what that is for the shell. */
enum h7_exit cli_store_failed(enum db_error error, const char *why);

#endif
