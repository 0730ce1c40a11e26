/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands of h7gang store share these. */
#include <stdlib.h>

#include "h7gang/audit/text.h"
#include "store.h"

const char *cli_store_url(const struct cli_options *options, const char *of_profile)
{
	const char *environment;

	if (options->store)
		return options->store;
	if (of_profile)
		return of_profile;
	environment = getenv("H7GANG_STORE");
	return environment && environment[0] ? environment : NULL;
}

enum h7_exit cli_store_failed(enum db_error error, const char *why)
{
	cli_say("store: %s", why);
	switch (error) {
	case DB_SCHEMA:
	case DB_URL:
		return H7_EXIT_USAGE;
	case DB_MEMORY:
		return H7_EXIT_INTERNAL;
	default:
		return H7_EXIT_LOG;
	}
}

enum h7_exit cli_store_question(const struct cli_options *options, struct store_question *question)
{
	*question = (struct store_question){
		.uid = options->uid,
		.uids = options->uids,
		.slot = options->slot,
		.slots = options->slots,
		.serial = options->serial,
		.lot = options->lot,
		.firmware = options->firmware,
		.error = options->error,
		.result = options->result,
		.station = options->station,
	};
	if (options->uids > STORE_WORDS_MAX || options->slots > STORE_WORDS_MAX)
		return cli_usage("store", "at most %d of --uid or of --slot", STORE_WORDS_MAX);
	if (options->since) {
		question->since_ms = audit_since_ms(options->since);
		if (question->since_ms < 0)
			return cli_usage("store", "--since: a time in UTC as in the log, or its "
						  "beginning: 2026-11-22 or 2026-11-22T14:03");
	}
	return H7_EXIT_OK;
}
