/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "recover.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/serial/history.h"
#include "h7gang/store/claim.h"

struct search {
	struct claim_recovery recovery;
	const char *lot;
	struct claim_pass *pass;
	size_t room;
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
	return !search->lot[0] || strcmp(row->lot, search->lot) != 0 || keep_pass(search, row);
}

enum db_error recover_claims(struct station *station, const char *log, const char *lot,
			     const char *lot_text, char *why, size_t why_size)
{
	struct search search = {.recovery = {.station = station, .lot = lot_text}, .lot = lot};
	enum db_error error =
		station_do(station, claim_list_left, &search.recovery, why, why_size);

	if (error == DB_OK && (search.recovery.count > 0 || lot[0])) {
		if (!history_read(log, take_row, &search, why, why_size))
			error = DB_OTHER;
		else
			error = station_do(station, claim_recover, &search.recovery, why, why_size);
	}
	free(search.recovery.left);
	free(search.pass);
	return error;
}
