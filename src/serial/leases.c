/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "leases.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLACE_SIZE sizeof(((struct leases *)NULL)->place)

/* --- lines of the file --- */

static struct lease *find(const struct leases *leases, const char *id)
{
	for (size_t i = leases->count; i > 0; i--) {
		if (strcmp(leases->lease[i - 1].id, id) == 0)
			return &leases->lease[i - 1];
	}
	return NULL;
}

static bool add(struct leases *leases, const struct state_line *line)
{
	struct lease *lease;

	if (strcmp(leases->ask, line->number) == 0)
		leases->ask[0] = '\0';
	if (find(leases, line->number))
		return true;
	leases->turns++;
	if (leases->count == leases->room) {
		size_t room = leases->room ? 2 * leases->room : 16;

		lease = reallocarray(leases->lease, room, sizeof(*lease));
		if (!lease)
			return false;
		leases->lease = lease;
		leases->room = room;
	}
	lease = &leases->lease[leases->count++];
	*lease = (struct lease){.first = line->counter,
				.last = strtoull(line->unit, NULL, 10),
				.next = line->counter};
	snprintf(lease->id, sizeof(lease->id), "%s", line->number);
	return true;
}

/* Another pool: leases of the former pool are not drawn. */
static void bind(struct leases *leases, const struct state_line *line)
{
	snprintf(leases->file, sizeof(leases->file), "%s", line->number);
	snprintf(leases->place, sizeof(leases->place), "%s", line->uid);
	snprintf(leases->pool, sizeof(leases->pool), "%s", line->unit);
	leases->ask[0] = '\0';
	leases->turns = 0;
	leases->count = 0;
	leases->runs = 0;
}

static bool add_run(struct leases *leases, const char *name)
{
	if (leases->runs == leases->run_room) {
		size_t room = leases->run_room ? 2 * leases->run_room : 16;
		char(*run)[STATION_ID_SIZE] = reallocarray(leases->run, room, sizeof(*run));

		if (!run)
			return false;
		leases->run = run;
		leases->run_room = room;
	}
	snprintf(leases->run[leases->runs++], STATION_ID_SIZE, "%s", name);
	return true;
}

bool leases_line(struct leases *leases, const struct state_line *line)
{
	struct lease *lease = find(leases, line->number);

	switch (line->kind) {
	case STATE_POOL:
		bind(leases, line);
		break;
	case STATE_ASK:
		snprintf(leases->ask, sizeof(leases->ask), "%s", line->number);
		leases->ask_size = line->counter;
		break;
	case STATE_LEASE:
		return add(leases, line);
	case STATE_BACK:
		if (lease) {
			lease->next = line->counter;
			lease->back = true;
			lease->reuse = strcmp(line->unit, "reuse") == 0;
		}
		break;
	case STATE_GONE:
		if (lease)
			lease->gone = true;
		break;
	case STATE_RUN:
		return add_run(leases, line->number);
	case STATE_TAKE:
	case STATE_PASS:
	case STATE_HAD:
	case STATE_FILE:
	case STATE_HOME:
		break;
	}
	return true;
}

void leases_free(struct leases *leases)
{
	free(leases->lease);
	free(leases->run);
	*leases = (struct leases){.lease = NULL};
}

/* Appends a line, and then applies it as if it had been read. */
static bool write_line(struct leases *leases, struct state *state, const struct state_line *line,
		       char *why, size_t why_size)
{
	if (!state_append(state, line, why, why_size))
		return false;
	if (leases_line(leases, line))
		return true;
	snprintf(why, why_size, "out of memory");
	return false;
}

static bool write_pool(struct leases *leases, struct state *state, const char *place,
		       const char *pool, char *why, size_t why_size)
{
	char id[STATION_ID_SIZE], name[sizeof(leases->pool)];
	const struct state_line line = {
		.kind = STATE_POOL, .number = id, .uid = place, .unit = name};

	snprintf(name, sizeof(name), "%s", pool);
	if (station_new_id(id))
		return write_line(leases, state, &line, why, why_size);
	snprintf(why, why_size, "no random numbers");
	return false;
}

bool leases_bind(struct leases *leases, struct state *state, const char *pool, char *why,
		 size_t why_size)
{
	char place[STATION_ID_SIZE];

	if (!station_place_id(state->path, place)) {
		snprintf(why, why_size, "%s: its place cannot be determined", state->path);
		return false;
	}
	place[PLACE_SIZE - 1] = '\0';
	if (leases->file[0] && strcmp(leases->place, place) != 0) {
		snprintf(why, why_size,
			 "%s was made on another machine or in another place, for the pool \"%s\": "
			 "a copy of it would give its numbers twice; without the file, this "
			 "station takes numbers of its own",
			 state->path, leases->pool);
		return false;
	}
	if (strcmp(leases->pool, pool) == 0)
		return true;
	return write_pool(leases, state, place, pool, why, why_size);
}

bool leases_bind_anew(struct leases *leases, struct state *state, char *why, size_t why_size)
{
	char place[PLACE_SIZE];

	snprintf(place, sizeof(place), "%s", leases->place);
	return write_pool(leases, state, place, leases->pool, why, why_size);
}

bool leases_name_run(struct leases *leases, struct state *state, char name[STATION_ID_SIZE],
		     char *why, size_t why_size)
{
	const struct state_line line = {
		.kind = STATE_RUN, .number = name, .uid = "", .unit = leases->pool};

	if (station_new_id(name))
		return write_line(leases, state, &line, why, why_size);
	snprintf(why, why_size, "no random numbers");
	return false;
}

bool leases_strike(struct leases *leases, struct state *state, const char *id, uint64_t first,
		   char *why, size_t why_size)
{
	struct lease *lease = find(leases, id);
	struct state_line line = {
		.kind = STATE_BACK, .counter = first, .number = id, .uid = "", .unit = "burn"};

	if (!lease || lease->gone)
		return true;
	if (!lease->back && !write_line(leases, state, &line, why, why_size))
		return false;
	line.kind = STATE_GONE;
	return write_line(leases, state, &line, why, why_size);
}

struct lease *leases_draw(struct leases *leases, leases_taken *taken, void *user, uint64_t *left)
{
	struct lease *first = NULL;

	*left = 0;
	for (size_t i = 0; i < leases->count; i++) {
		struct lease *lease = &leases->lease[i];

		if (lease->back)
			continue;
		while (lease->next <= lease->last && taken(user, lease->next))
			lease->next++;
		if (lease->next > lease->last)
			continue;
		*left += lease->last - lease->next + 1;
		if (!first)
			first = lease;
	}
	return first;
}

/* --- getting --- */

static enum leases_answer answer_of(enum db_error error)
{
	return station_may_come_back(error) ? LEASES_AWAY : LEASES_REFUSED;
}

/* Step 1, unless an earlier run was killed after it. */
static bool ask(const struct leases_errand *errand, struct pool_lease *wanted,
		char id[STATION_ID_SIZE], char *why, size_t why_size)
{
	struct leases *leases = errand->leases;
	struct state_line line = {.kind = STATE_ASK,
				  .counter = errand->size,
				  .number = id,
				  .uid = "",
				  .unit = errand->pool.name};
	bool good = true;

	if (!errand->lock(errand->user, why, why_size))
		return false;
	if (leases->ask[0]) {
		snprintf(id, STATION_ID_SIZE, "%s", leases->ask);
	} else if (!station_new_id(id)) {
		snprintf(why, why_size, "no random numbers");
		good = false;
	} else {
		good = write_line(leases, errand->state, &line, why, why_size);
	}
	wanted->size = leases->ask_size;
	wanted->turn = leases->turns + 1;
	errand->unlock(errand->user);
	return good;
}

/* Step 3; another process of this station may have been faster. */
static bool keep(const struct leases_errand *errand, const struct pool_lease *got, char *why,
		 size_t why_size)
{
	char last[24];
	const struct state_line line = {.kind = STATE_LEASE,
					.counter = got->first,
					.number = got->id,
					.uid = "",
					.unit = last};
	bool good = true;

	snprintf(last, sizeof(last), "%" PRIu64, got->last);
	if (!errand->lock(errand->user, why, why_size))
		return false;
	if (!find(errand->leases, got->id))
		good = write_line(errand->leases, errand->state, &line, why, why_size);
	errand->unlock(errand->user);
	return good;
}

static void say_none_left(const struct pool_lease *lease, char *why, size_t why_size)
{
	const struct pool *pool = lease->pool;

	if (lease->pool_last > pool->last)
		snprintf(why, why_size,
			 "no number up to this profile's end, %" PRIu64
			 ", is left in the pool \"%s\", which goes on to %" PRIu64
			 ": raise the end",
			 pool->last, pool->name, lease->pool_last);
	else
		snprintf(why, why_size, "no number is left in the pool \"%s\"", pool->name);
}

enum leases_answer leases_get(const struct leases_errand *errand, char *why, size_t why_size)
{
	char id[STATION_ID_SIZE];
	struct pool_lease lease = {.pool = &errand->pool,
				   .station = errand->station,
				   .id = id,
				   .owner = errand->leases->file};
	enum db_error error;

	if (!ask(errand, &lease, id, why, why_size))
		return LEASES_BROKEN;
	error = station_do(errand->station, pool_lease, &lease, why, why_size);
	if (error != DB_OK)
		return answer_of(error);
	if (!lease.got) {
		say_none_left(&lease, why, why_size);
		return LEASES_NONE_LEFT;
	}
	return keep(errand, &lease, why, why_size) ? LEASES_GOT : LEASES_BROKEN;
}

/* --- giving back --- */

/* Step 5 for all that are left. */
static bool mark_back(const struct leases_errand *errand, bool reuse, leases_taken *taken,
		      char *why, size_t why_size)
{
	struct lease *lease;
	uint64_t left;
	bool good = true;

	if (!errand->lock(errand->user, why, why_size))
		return false;
	while (good && (lease = leases_draw(errand->leases, taken, errand->user, &left)) != NULL) {
		const struct state_line line = {.kind = STATE_BACK,
						.counter = lease->next,
						.number = lease->id,
						.uid = "",
						.unit = reuse ? "reuse" : "burn"};

		good = write_line(errand->leases, errand->state, &line, why, why_size);
	}
	errand->unlock(errand->user);
	return good;
}

/* The next lease without step 6 or 7. */
static bool next_back(const struct leases_errand *errand, struct lease *next)
{
	char why[256];
	bool found = false;

	if (!errand->lock(errand->user, why, sizeof(why)))
		return false;
	for (size_t i = 0; i < errand->leases->count && !found; i++) {
		found = errand->leases->lease[i].back && !errand->leases->lease[i].gone;
		if (found)
			*next = errand->leases->lease[i];
	}
	errand->unlock(errand->user);
	return found;
}

enum leases_answer leases_give_back(const struct leases_errand *errand, bool all, bool reuse,
				    leases_taken *taken, char *why, size_t why_size)
{
	struct lease next;

	if (all && !mark_back(errand, reuse, taken, why, why_size))
		return LEASES_BROKEN;
	while (next_back(errand, &next)) {
		struct pool_return back = {.id = next.id, .first = next.next, .reuse = next.reuse};
		const struct state_line line = {.kind = STATE_GONE,
						.counter = next.next,
						.number = next.id,
						.uid = "",
						.unit = next.reuse ? "reuse" : "burn"};
		enum db_error error =
			station_do(errand->station, pool_return, &back, why, why_size);
		bool good;

		if (error != DB_OK)
			return answer_of(error);
		if (!errand->lock(errand->user, why, why_size))
			return LEASES_BROKEN;
		good = write_line(errand->leases, errand->state, &line, why, why_size);
		errand->unlock(errand->user);
		if (!good)
			return LEASES_BROKEN;
	}
	return LEASES_GOT;
}
