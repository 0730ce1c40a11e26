/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cycles.h"

#include <stdlib.h>
#include <string.h>

#include "grow.h"

#define KEY_MAX 1024

/* Joins several texts, each with its NUL; a longer result is cut, since it is used only to tell
 * texts apart. */
static size_t key_of(char key[KEY_MAX], const char *const *text, size_t count)
{
	size_t used = 0;

	for (size_t i = 0; i < count; i++) {
		size_t length = strnlen(text[i], KEY_MAX / 8);

		memcpy(key + used, text[i], length);
		used += length;
		key[used++] = '\0';
	}
	return used;
}

/* Dots in a port's name: "1-1.4" hangs behind one hub. */
char cycles_hubs(const char *port)
{
	unsigned dots = 0;

	for (; *port; port++)
		dots += *port == '.';
	return (char)('0' + (dots < 7 ? dots : 7));
}

bool cycles_kind(struct cycles *cycles, const struct report_row *row, uint32_t station,
		 struct attempt_kind *kind)
{
	const char hubs[] = {cycles_hubs(row->text[RC_usb_path]), '\0'};
	const char *const stratum[] = {row->text[RC_erase_method], row->text[RC_bootloader], hubs};
	const char *const all[] = {row->text[RC_station],
				   row->text[RC_profile],
				   row->text[RC_firmware_version],
				   row->text[RC_part],
				   row->text[RC_erase_method],
				   row->text[RC_bootloader],
				   hubs};
	char key[KEY_MAX];
	struct spread *phase;
	uint32_t *stations;

	kind->stratum = intern_number(&cycles->strata, key, key_of(key, stratum, 3));
	kind->kind = intern_number(&cycles->kinds, key, key_of(key, all, 7));
	if (kind->stratum == INTERN_NONE || kind->kind == INTERN_NONE)
		return false;
	phase = grow(cycles->phase, &cycles->phase_room,
		     ((size_t)kind->stratum + 1) * REPORT_PHASES, sizeof(*phase));
	if (!phase)
		return false;
	cycles->phase = phase;
	stations = grow(cycles->station, &cycles->station_room, kind->kind, sizeof(*stations));
	if (!stations)
		return false;
	cycles->station = stations;
	stations[kind->kind] = station;
	return true;
}

static bool add_phases(struct cycles *cycles, const struct report_row *row, uint32_t stratum,
		       uint64_t work)
{
	static const enum report_column column[] = {
		[PHASE_BLANK] = RC_blank_ms,     [PHASE_ERASE] = RC_erase_ms,
		[PHASE_PROGRAM] = RC_program_ms, [PHASE_VERIFY] = RC_verify_ms,
		[PHASE_WORK] = RC_total_ms,      [PHASE_WAIT] = RC_wire_wait_ms};
	_Static_assert(sizeof(column) / sizeof(column[0]) == REPORT_PHASES,
		       "a column for each phase");
	struct spread *phase = &cycles->phase[(size_t)stratum * REPORT_PHASES];

	for (size_t i = 0; i < REPORT_PHASES; i++) {
		uint64_t ms;

		if (report_row_number(row, column[i], &ms) &&
		    !spread_add(&phase[i], i == PHASE_WORK ? work : ms))
			return false;
	}
	return true;
}

static bool add_hour(struct cycles *cycles, uint32_t kind, int64_t hour, uint64_t work)
{
	const struct {
		int64_t hour;
		uint64_t kind;
	} pair = {hour, kind};
	uint32_t at = intern_number(&cycles->hours, (const char *)&pair, sizeof(pair));
	struct hour_sums *sums;

	if (at == INTERN_NONE)
		return false;
	sums = grow(cycles->hour, &cycles->hour_room, at, sizeof(*sums));
	if (!sums)
		return false;
	cycles->hour = sums;
	sums[at].kind = kind;
	sums[at].hour = hour;
	sums[at].n += 1;
	sums[at].sum += (double)work;
	return true;
}

bool cycles_add(struct cycles *cycles, const struct report_row *row, struct attempt_kind kind,
		int64_t hour)
{
	uint64_t total, wait = 0, work;

	if (!report_row_number(row, RC_total_ms, &total))
		return true;
	report_row_number(row, RC_wire_wait_ms, &wait);
	work = total > wait ? total - wait : 0;
	return spread_add(&cycles->all, work) && add_phases(cycles, row, kind.stratum, work) &&
	       add_hour(cycles, kind.kind, hour, work);
}

void cycles_free(struct cycles *cycles)
{
	for (size_t i = 0; i < cycles->phase_room; i++)
		spread_free(&cycles->phase[i]);
	spread_free(&cycles->all);
	intern_free(&cycles->strata);
	intern_free(&cycles->kinds);
	intern_free(&cycles->hours);
	free(cycles->phase);
	free(cycles->station);
	free(cycles->hour);
	*cycles = (struct cycles){0};
}
