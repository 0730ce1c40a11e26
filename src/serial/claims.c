/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "claims.h"

#include <stdlib.h>

#include "h7gang/base/clock.h"
#include "recover.h"

enum db_error claims_recover(struct claims *claims, char *why, size_t why_size)
{
	enum db_error error = recover_claims(claims->station, clock_after_ms(STATION_TURN_MS),
					     claims->log, claims->lot, why, why_size);

	claims->recovered = error == DB_OK;
	return error;
}

static void keep_ended(struct claims *claims, const struct claim_units *ended)
{
	for (size_t i = 0; i < ended->count; i++)
		claim_units_add(&claims->ended, ended->unit[i].unit_id, ended->unit[i].uid);
}

enum db_error claims_ask(struct claims *claims, pthread_mutex_t *lock, int64_t deadline,
			 enum db_error (*work)(struct db *db, void *user), void *user,
			 const struct claim_units **ended, char *why, size_t why_size)
{
	struct claim_units told = claims->ended;
	bool recovered = claims->recovered;
	enum db_error error = DB_OK;

	claims->ended = (struct claim_units){.unit = NULL};
	*ended = &told;
	pthread_mutex_unlock(lock);
	if (!recovered)
		error = recover_claims(claims->station, deadline, claims->log, claims->lot, why,
				       why_size);
	recovered = error == DB_OK;
	if (recovered)
		error = station_do_until(claims->station, deadline, work, user, why, why_size);
	pthread_mutex_lock(lock);
	claims->recovered = claims->recovered || recovered;
	if (error != DB_OK)
		keep_ended(claims, &told);
	free(told.unit);
	*ended = NULL;
	return error;
}

void claims_free(struct claims *claims)
{
	free(claims->ended.unit);
}
