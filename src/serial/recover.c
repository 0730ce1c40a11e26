/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "recover.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/base/text.h"
#include "h7gang/serial/history.h"
#include "h7gang/store/claim.h"

/* Rows of the log about one lot, and about the units of leftover claims. */
struct search {
	struct claim_recovery recovery;
	struct station *station;
	int64_t deadline;
	struct claim_pass *pass;
	size_t room;
	char *text; /* as long as the lot: a row's lot as the store writes it */
};

static bool keep_pass(struct search *search, const struct history_row *row)
{
	struct claim_recovery *recovery = &search->recovery;
	struct claim_pass *pass;

	if (recovery->passes == search->room) {
		size_t room = search->room ? 2 * search->room : 64;

		pass = reallocarray(search->pass, room, sizeof(*pass));
		if (!pass)
			return false;
		recovery->pass = search->pass = pass;
		search->room = room;
	}
	pass = &search->pass[recovery->passes++];
	snprintf(pass->run_id, sizeof(pass->run_id), "%s", row->run_id);
	snprintf(pass->unit.unit_id, sizeof(pass->unit.unit_id), "%s", row->unit_id);
	snprintf(pass->unit.uid, sizeof(pass->unit.uid), "%s", row->uid);
	return true;
}

static bool of_lot(const struct search *search, const char *lot)
{
	size_t length = strlen(search->recovery.lot);

	return length > 0 && text_csv(lot, strlen(lot), search->text, length) == length &&
	       memcmp(search->text, search->recovery.lot, length) == 0;
}

static bool take_row(void *user, const struct history_row *row)
{
	struct search *search = user;
	struct claim_recovery *recovery = &search->recovery;

	/* This run's own units have, or will get, claims as they come. */
	if (!row->written || !row->passed ||
	    strcmp(row->run_id, station_run(recovery->station)) == 0)
		return true;
	for (size_t i = 0; i < recovery->count; i++) {
		struct claim_left *left = &recovery->left[i];

		if (strcmp(left->run_id, row->run_id) == 0 &&
		    strcmp(left->unit.unit_id, row->unit_id) == 0)
			left->passed = true;
	}
	return !of_lot(search, row->lot) || keep_pass(search, row);
}

/* Notes which units passed, and makes claims for those of `lot`. */
static enum db_error claim_passes(struct search *search, const char *log, const char *lot,
				  char *why, size_t why_size)
{
	struct claim_recovery *recovery = &search->recovery;
	size_t left = recovery->count;
	enum db_error error = DB_OK;

	recovery->lot = lot;
	recovery->passes = 0;
	search->text = malloc(strlen(lot) + 1);
	if (!search->text) {
		snprintf(why, why_size, "out of memory");
		return DB_MEMORY;
	}
	if (!history_read(log, take_row, search, why, why_size))
		error = DB_OTHER;
	free(search->text);
	recovery->count = 0; /* nothing ends yet */
	if (error == DB_OK && recovery->passes > 0)
		error = station_do_until(search->station, search->deadline, claim_recover, recovery,
					 why, why_size);
	recovery->count = left;
	recovery->passes = 0;
	return error;
}

/* Whether a claim before that one, or the run's own lot, has led to this lot. */
static bool seen_before(const struct claim_recovery *recovery, size_t at, const char *lot)
{
	const struct claim_left *left = recovery->left;

	for (size_t i = 0; i < at; i++) {
		if (strcmp(left[i].kind, left[at].kind) == 0 &&
		    strcmp(left[i].scope, left[at].scope) == 0)
			return true;
	}
	return strcmp(left[at].scope, lot) == 0;
}

enum db_error recover_claims(struct station *station, int64_t deadline, const char *log,
			     const char *lot, char *why, size_t why_size)
{
	struct search search = {
		.recovery = {.station = station}, .station = station, .deadline = deadline};
	struct claim_recovery *recovery = &search.recovery;
	enum db_error error =
		station_do_until(station, deadline, claim_list_left, recovery, why, why_size);

	if (error == DB_OK && (lot[0] || recovery->count > 0))
		error = claim_passes(&search, log, lot, why, why_size);
	/* A run that was cut off may have been of another lot, and have passed boards in places it
	 * had taken ahead: they are claimed before the places go. */
	for (size_t i = 0; i < recovery->count && error == DB_OK; i++) {
		if (claim_left_is_place(&recovery->left[i]) && !seen_before(recovery, i, lot))
			error = claim_passes(&search, log, recovery->left[i].scope, why, why_size);
	}
	if (error == DB_OK && recovery->count > 0)
		error = station_do_until(station, deadline, claim_recover, recovery, why, why_size);
	claim_left_free(recovery);
	free(search.pass);
	return error;
}
