/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ticket.h"

#include <stdio.h>
#include <string.h>

#include "h7gang/serial/limits.h"
#include "h7gang/serial/numbers.h"
#include "job.h"

#define WHY_SIZE 256

void ticket_init(struct ticket *ticket, const struct gang *gang)
{
	memset(ticket, 0, sizeof(*ticket));
	unit_image_init(&ticket->image, &gang->options->profile->flash);
}

static bool admit(struct ticket *ticket, struct gang *gang, struct job *job, const char *unit_id)
{
	static const enum h7_error errors[] = {
		[LIMITS_ADMITTED] = H7_OK,          [LIMITS_REACHED] = H7_LIMIT_REACHED,
		[LIMITS_DUPLICATE] = H7_DUPLICATE,  [LIMITS_NO_UID] = H7_UID_UNKNOWN,
		[LIMITS_NO_MEMORY] = H7_USB_ERROR,  [LIMITS_AWAY] = H7_STORE_UNAVAILABLE,
	};
	char why[WHY_SIZE] = "";
	enum limits_answer answer;

	if (!gang->limits)
		return true;
	/* Admitted by its UID, but the row of this attempt would not say whose pass it is. */
	if (ticket->admitted)
		return !gang->options->profile->limits.once_per_lot || job->uid[0] ||
		       job_fail(job, H7_UID_UNKNOWN, "once_per_lot needs the UID, which cannot be read any more");
	snprintf(ticket->uid, sizeof(ticket->uid), "%s", job->uid);
	snprintf(ticket->unit_id, sizeof(ticket->unit_id), "%s", unit_id);
	answer = limits_admit(gang->limits, unit_id, ticket->uid, gang->options->rework, why,
	                      sizeof(why));
	ticket->admitted = answer == LIMITS_ADMITTED;
	return ticket->admitted || job_fail(job, errors[answer], "%s", why);
}

static bool give_number(struct ticket *ticket, struct gang *gang, struct job *job,
                        const char *unit_id)
{
	static const enum h7_error errors[] = {
		[NUMBERS_OK] = H7_OK,                 [NUMBERS_EXHAUSTED] = H7_SERIAL_EXHAUSTED,
		[NUMBERS_UNKNOWN] = H7_SERIAL_UNKNOWN, [NUMBERS_NO_UID] = H7_UID_UNKNOWN,
		[NUMBERS_BUSY] = H7_DUPLICATE,        [NUMBERS_BROKEN] = H7_SERIAL_UNKNOWN,
		[NUMBERS_AWAY] = H7_STORE_UNAVAILABLE,
	};
	const struct profile_serial *serial = gang->options->profile->serial;
	char why[WHY_SIZE] = "";
	enum numbers_result result;

	if (!gang->numbers || ticket->numbered)
		return true;
	snprintf(ticket->uid, sizeof(ticket->uid), "%s", job->uid);
	if (gang->options->command == GANG_VERIFY)
		result = numbers_find(gang->numbers, ticket->uid, &ticket->unit, why, sizeof(why));
	else
		result = numbers_take(gang->numbers, ticket->uid, unit_id, &ticket->unit, why,
		                      sizeof(why));
	if (result != NUMBERS_OK)
		return job_fail(job, errors[result], "%s", why);
	ticket->numbered = true;
	return unit_image_fill(&ticket->image, serial, &ticket->unit, why, sizeof(why)) ||
	       job_fail(job, H7_SERIAL_UNKNOWN, "number %s: %s", ticket->unit.serial, why);
}

bool ticket_take(struct ticket *ticket, struct gang *gang, struct job *job, const char *unit_id)
{
	return admit(ticket, gang, job, unit_id) && give_number(ticket, gang, job, unit_id);
}

void ticket_end(struct ticket *ticket, struct gang *gang, bool passed)
{
	if (ticket->numbered && gang->options->command == GANG_RUN)
		numbers_done(gang->numbers, &ticket->unit, passed);
	if (ticket->admitted)
		limits_done(gang->limits, ticket->unit_id, ticket->uid, passed);
	ticket->numbered = ticket->admitted = false;
	unit_image_free(&ticket->image);
}

/* The store, if there is one: it decides over all stations. */
static bool join_store(struct gang *gang, char *why, size_t why_size)
{
	const struct gang_options *options = gang->options;
	const struct profile_store *store = &options->profile->store;
	bool takes = options->command == GANG_RUN;

	if (!options->store_url)
		return !gang->numbers || !takes || numbers_alone(gang->numbers, why, why_size);
	gang->station = station_open(options->store_url, options->station, gang->run_id,
	                             options->log_path);
	if (!gang->station) {
		snprintf(why, why_size, "out of memory");
		return false;
	}
	if (gang->limits &&
	    !limits_join(gang->limits, gang->station, store, options->log_path, why, why_size))
		return false;
	return !gang->numbers || numbers_join(gang->numbers, gang->station, store,
	                                      options->log_path, takes, why, why_size);
}

static bool open_counters(struct gang *gang, char *why, size_t why_size)
{
	const struct gang_options *options = gang->options;
	const struct profile *profile = options->profile;
	bool limited = profile->limits.lot_quantity || profile->limits.once_per_lot;

	if (options->command == GANG_RUN && limited) {
		gang->limits =
			limits_open(profile, options->log_path, options->lot, why, why_size);
		if (!gang->limits)
			return false;
	}
	if (!profile->serial)
		return true;
	gang->numbers = numbers_open(profile, options->log_path, options->command == GANG_RUN, why,
	                             why_size);
	return gang->numbers != NULL;
}

bool ticket_office_open(struct gang *gang, char *why, size_t why_size)
{
	if (open_counters(gang, why, why_size) &&
	    ((!gang->limits && !gang->numbers) || join_store(gang, why, why_size)))
		return true;
	ticket_office_close(gang);
	return false;
}

void ticket_office_close(struct gang *gang)
{
	limits_close(gang->limits);
	numbers_close(gang->numbers);
	station_close(gang->station);
	gang->limits = NULL;
	gang->numbers = NULL;
	gang->station = NULL;
}
