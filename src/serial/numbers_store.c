/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers that are shared with other stations. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "check_in.h"

#define LOOK_AGAIN_MS 30000 /* for numbers ahead, after there were none */
#define WAIT_MS 60000 /* for another thread's lease: longer than any answer of the store takes */

/* --- joining --- */

/* Every cell counts: stations with different keys for one number have different lists. */
static bool hash_list(const struct profile_list *list, char hex[SHA256_HEX_SIZE])
{
	struct sha256 *hash = sha256_new();
	bool good = hash && sha256_begin(hash) == 0;

	for (size_t i = 0; good && i < (list->rows + 1) * list->columns; i++)
		good = sha256_update(hash, list->cell[i], strlen(list->cell[i]) + 1) == 0;
	good = good && sha256_end(hash, hex) == 0;
	sha256_free(hash);
	return good;
}

static uint64_t last_leased(const struct numbers *numbers)
{
	uint64_t last = 0;

	for (size_t i = 0; i < numbers->leases.count; i++) {
		if (numbers->leases.lease[i].last > last)
			last = numbers->leases.lease[i].last;
	}
	return last;
}

/* The last number that this station gave out by itself, or is known from its log, or was leased to
 * it: the store may be new, or have been put back from a backup. */
static uint64_t last_used(const struct numbers *numbers)
{
	const struct profile_list *list = &numbers->serial->list;
	uint64_t last = 0, leased;

	if (!numbers->serial->from_list && numbers->next > numbers->serial->start)
		last = numbers->next - 1;
	for (size_t row = numbers->serial->from_list ? list->rows : 0; row > 0 && last == 0;
	     row--) {
		if (index_get(&numbers->by_number, list->cell[row * list->columns + list->key]))
			last = row;
	}
	leased = last_leased(numbers);
	return leased > last ? leased : last;
}

static const char *pool_name(const struct numbers *numbers)
{
	return numbers->serial->pool ? numbers->serial->pool : numbers->profile->name;
}

static bool describe_pool(struct numbers *numbers)
{
	const struct profile_serial *serial = numbers->serial;

	numbers->pool = (struct pool){
		.name = pool_name(numbers),
		.profile = numbers->profile->name,
		.list = serial->from_list,
		.first = serial->from_list ? 1 : serial->start,
		.last = serial->from_list ? serial->list.rows : serial->end,
		.format = serial->from_list ? numbers->list_sha256 : serial->format,
		.used = last_used(numbers),
	};
	return !serial->from_list || hash_list(&serial->list, numbers->list_sha256);
}

static enum db_error join_pool(struct db *db, void *user)
{
	return pool_join(db, user);
}

static bool lock_all(void *user, char *why, size_t why_size)
{
	return numbers_lock_all(user, why, why_size);
}

static void unlock_all(void *user)
{
	numbers_unlock_all(user);
}

static struct leases_errand errand_of(struct numbers *numbers)
{
	return (struct leases_errand){
		.leases = &numbers->leases,
		.state = &numbers->state,
		.station = numbers->station,
		.pool = numbers->pool,
		.size = numbers->store->lease_size,
		.lock = lock_all,
		.unlock = unlock_all,
		.user = numbers,
	};
}

/* Also numbers that were leased before the profile's end was lowered. */
static bool taken(void *user, uint64_t at)
{
	const struct numbers *numbers = user;
	struct profile_unit unit = {.uid = ""};

	return at > numbers->pool.last || !numbers_at(numbers, at, &unit) ||
	       index_get(&numbers->by_number, unit.serial);
}

/* Without the lock. Numbers that another station returned by mistake may be in boards. */
static enum leases_answer lease(struct numbers *numbers, const struct leases_errand *errand,
				char *why, size_t why_size)
{
	enum leases_answer answer = leases_get(errand, why, why_size);
	char unknown[256];

	if (answer == LEASES_GOT)
		numbers_learn(numbers, unknown, sizeof(unknown)); /* else as each is used */
	return answer;
}

bool numbers_join(struct numbers *numbers, struct station *station,
		  const struct profile_store *store, const char *log, bool takes, char *why,
		  size_t why_size)
{
	struct leases_errand errand;
	enum db_error error;
	uint64_t left;
	bool bound, described;

	numbers->pool.name = pool_name(numbers);
	numbers->store = store;
	numbers->claims.station = station;
	numbers->claims.log = log;
	numbers->claims.lot = "";
	numbers->lease_again = clock_now();
	if (!takes || numbers->serial->given) { /* nothing is leased */
		numbers->station = station;
		/* Units of a killed run no longer hold their numbers. */
		if (takes)
			claims_recover(&numbers->claims, why, why_size);
		return true;
	}
	if (!lock_all(numbers, why, why_size))
		return false;
	bound = numbers_follow(numbers, why, why_size) &&
		leases_bind(&numbers->leases, &numbers->state, numbers->pool.name, why, why_size);
	described = describe_pool(numbers);
	leases_draw(&numbers->leases, taken, numbers, &left);
	if (numbers->place.fd >= 0)
		state_unlock(&numbers->place);
	unlock_all(numbers);
	if (bound && !described)
		snprintf(why, why_size, "out of memory");
	if (!bound || !described)
		return false;
	numbers->station = station;
	errand = errand_of(numbers);
	error = station_do(station, join_pool, &numbers->pool, why, why_size);
	if (error == DB_OK)
		error = numbers_check_in(numbers, why, why_size);
	if (error != DB_OK)
		return station_may_come_back(error);
	error = claims_recover(&numbers->claims, why, why_size);
	if (error != DB_OK)
		return station_may_come_back(error);
	if (leases_give_back(&errand, false, false, taken, why, why_size) >= LEASES_REFUSED)
		return false;
	return left > store->lease_size / 2 ||
	       lease(numbers, &errand, why, why_size) < LEASES_REFUSED;
}

bool numbers_old(const struct numbers *numbers)
{
	return numbers->old;
}

bool numbers_offline_start(struct numbers *numbers)
{
	bool offline;

	pthread_mutex_lock(&numbers->lock);
	offline = numbers->station &&
		  !(numbers->serial->given ? numbers->claims.recovered : numbers->checked_in);
	pthread_mutex_unlock(&numbers->lock);
	return offline;
}

enum numbers_result numbers_ready(struct numbers *numbers, char *why, size_t why_size)
{
	enum db_error error = DB_OK;

	if (!station_intact(numbers->station, why, why_size))
		return NUMBERS_AWAY;
	if (!numbers->checked_in) {
		pthread_mutex_unlock(&numbers->lock);
		error = station_do(numbers->station, join_pool, &numbers->pool, why, why_size);
		if (error == DB_OK)
			error = numbers_check_in(numbers, why, why_size);
		pthread_mutex_lock(&numbers->lock);
	}
	if (error == DB_OK || (station_may_come_back(error) && numbers->store->offline_start))
		return NUMBERS_OK;
	return NUMBERS_AWAY;
}

/* --- the store's number for a board --- */

static enum numbers_result note_known(struct numbers *numbers, const char *number, const char *uid,
				      bool passed, char *why, size_t why_size)
{
	struct profile_unit unit = {.uid = ""};

	if (!number[0] || strlen(number) >= PROFILE_SERIAL_SIZE)
		return NUMBERS_OK;
	if (!profile_serial_find(numbers->serial, number, &unit))
		unit.counter = 0;
	if (numbers_note(numbers, number, unit.counter, uid, passed))
		return NUMBERS_OK;
	snprintf(why, why_size, "out of memory");
	return NUMBERS_BROKEN;
}

void numbers_look_up(struct numbers *numbers, const char *uid)
{
	struct pool_find find = {.pool = numbers->pool.name, .uid = uid, .failed = true};
	char why[256];
	enum db_error error;

	pthread_mutex_unlock(&numbers->lock);
	error = station_do(numbers->station, pool_find, &find, why, sizeof(why));
	pthread_mutex_lock(&numbers->lock);
	if (error == DB_OK)
		note_known(numbers, find.number, uid, find.passed, why, sizeof(why));
}

/* Asks, without the lock. */
static enum db_error claim(struct numbers *numbers, struct claim_number *wanted, char *why,
			   size_t why_size)
{
	wanted->station = numbers->station;
	wanted->pool = numbers->pool.name;
	return claims_ask(&numbers->claims, &numbers->lock, clock_after_ms(STATION_TURN_MS),
			  claim_number, wanted, &wanted->ended, why, why_size);
}

void numbers_claim_ended(struct numbers *numbers, const char *unit_id, const char *uid)
{
	struct claim_number none = {.keep = false};
	char why[256];

	claim_units_add(&numbers->claims.ended, unit_id, uid);
	claim(numbers, &none, why, sizeof(why)); /* else later */
}

void numbers_given_over(struct numbers *numbers, const char *number, const char *uid, bool passed)
{
	const size_t *at = index_get(&numbers->by_number, number);
	struct holding *holding = at ? &numbers->holding[*at - 1] : NULL;
	char *unit_id = holding ? holding->claimed : NULL;

	if (!unit_id)
		return;
	holding->claimed = NULL;
	if (!passed) /* else it ends with the row */
		numbers_claim_ended(numbers, unit_id, uid);
	free(unit_id);
}

enum numbers_result numbers_ask(struct numbers *numbers, const char *uid, const char *unit_id,
				char *why, size_t why_size)
{
	struct claim_number wanted = {.keep = numbers->serial->keep};
	enum db_error error;

	snprintf(wanted.unit.unit_id, sizeof(wanted.unit.unit_id), "%s", unit_id);
	snprintf(wanted.unit.uid, sizeof(wanted.unit.uid), "%s", uid);
	error = claim(numbers, &wanted, why, why_size);
	if (error == DB_OK && wanted.busy) {
		snprintf(why, why_size,
			 "a board with this UID is being given a number at station %s, or its row "
			 "is on the way",
			 wanted.where);
		return NUMBERS_BUSY;
	}
	/* Even without an answer, the store may have recorded the claim. */
	claim_units_add(&numbers->open, unit_id, uid);
	if (error == DB_OK)
		return note_known(numbers, wanted.number, uid, wanted.passed, why, why_size);
	if (numbers_without_store(numbers, error) == NUMBERS_OK)
		return NUMBERS_OK;
	numbers_claim_over(numbers, uid, false);
	return NUMBERS_AWAY;
}

enum numbers_result numbers_without_store(const struct numbers *numbers, enum db_error error)
{
	return station_may_come_back(error) &&
			       (!numbers->serial->by_uid || numbers->store->offline_lease)
		       ? NUMBERS_OK
		       : NUMBERS_AWAY;
}

void numbers_claim_over(struct numbers *numbers, const char *uid, bool passed)
{
	for (size_t i = 0; i < numbers->open.count; i++) {
		struct claim_unit unit = numbers->open.unit[i];

		if (strcmp(unit.uid, uid) != 0)
			continue;
		claim_units_drop(&numbers->open, unit.unit_id);
		if (!passed) /* else it ends with the row */
			numbers_claim_ended(numbers, unit.unit_id, unit.uid);
		return;
	}
}

/* --- leases --- */

bool numbers_draw(struct numbers *numbers, struct profile_unit *unit, uint64_t *left)
{
	struct lease *lease;

	*left = 0;
	/* Another profile may have put the file under another pool. */
	if (strcmp(numbers->leases.pool, numbers->pool.name) != 0)
		return false;
	lease = leases_draw(&numbers->leases, taken, numbers, left);
	if (!lease || !numbers_at(numbers, lease->next, unit))
		return false;
	--*left;
	return true;
}

static enum leases_answer get(struct numbers *numbers, char *why, size_t why_size)
{
	struct leases_errand errand = errand_of(numbers);
	enum leases_answer answer;

	if (numbers->checked_in)
		errand.pool.leased = last_leased(numbers);
	numbers->leasing = true;
	pthread_mutex_unlock(&numbers->lock);
	answer = lease(numbers, &errand, why, why_size);
	pthread_mutex_lock(&numbers->lock);
	numbers->leasing = false;
	pthread_cond_broadcast(&numbers->leased);
	return answer;
}

enum numbers_result numbers_lease(struct numbers *numbers, char *why, size_t why_size)
{
	int64_t deadline = clock_after_ms(WAIT_MS);
	bool in_time = true;

	if (strcmp(numbers->leases.pool, numbers->pool.name) != 0) {
		snprintf(why, why_size, "%s: another profile has put it under the pool \"%s\"",
			 numbers->state.path, numbers->leases.pool);
		return NUMBERS_BROKEN;
	}
	if (numbers->leasing) {
		while (numbers->leasing && in_time)
			in_time = clock_wait_until(&numbers->leased, &numbers->lock, deadline);
		snprintf(why, why_size, "the store gives no answer");
		return in_time ? NUMBERS_OK : NUMBERS_AWAY;
	}
	switch (get(numbers, why, why_size)) {
	case LEASES_GOT:
		return NUMBERS_OK;
	case LEASES_NONE_LEFT:
		return NUMBERS_EXHAUSTED;
	case LEASES_BROKEN:
		return NUMBERS_BROKEN;
	case LEASES_AWAY:
	case LEASES_REFUSED:
		break;
	}
	return NUMBERS_AWAY;
}

void numbers_look_ahead(struct numbers *numbers, uint64_t left)
{
	char why[256];

	if (left > numbers->store->lease_size / 2 || numbers->leasing ||
	    clock_now() < numbers->lease_again)
		return;
	if (get(numbers, why, sizeof(why)) != LEASES_GOT)
		numbers->lease_again = clock_after_ms(LOOK_AGAIN_MS);
}

void numbers_leave(struct numbers *numbers)
{
	struct leases_errand errand = errand_of(numbers);
	struct claim_number none = {.keep = false};
	char why[256];

	pthread_mutex_lock(&numbers->lock);
	if (numbers->claims.ended.count > 0)
		claim(numbers, &none, why, sizeof(why)); /* else the next start sees to it */
	pthread_mutex_unlock(&numbers->lock);
	if (numbers->state.use == STATE_MAKE && numbers->store->unused != PROFILE_UNUSED_KEEP)
		leases_give_back(&errand, true, numbers->store->unused == PROFILE_UNUSED_REUSE,
				 taken, why, sizeof(why));
}
