/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/audit/stats.h"

#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "intern.h"
#include "rules.h"

#define TIMES_MAX 60 /* bars that a page holds */

enum verdict { UNIT_PASSED, UNIT_FAILED, UNIT_ABORTED };

struct unit {
	uint32_t slot, error, bootloader, hour, station, line;
	uint8_t verdict, verify, first; /* first: this row is the first attempt's */
};

struct audit_counter {
	struct intern unit_names, slot_names, error_names, bootloader_names, hour_names, time_names;
	struct intern station_names, line_names, board_names;
	struct unit *unit;	  /* by the number of its name */
	bool *board_passed;	  /* likewise */
	uint64_t *error_attempts; /* likewise */
	size_t unit_room, board_room, error_room, cycle_room;
	size_t time_length; /* how much of an hour's text is a time's */
	struct audit_stats stats;
	char since[CLOCK_TEXT_SIZE], until[CLOCK_TEXT_SIZE];
};

struct audit_counter *audit_counter_new(void)
{
	return calloc(1, sizeof(struct audit_counter));
}

void audit_counter_free(struct audit_counter *counter)
{
	if (!counter)
		return;

	struct intern *const interns[] = {&counter->unit_names,	   &counter->slot_names,
					  &counter->error_names,   &counter->bootloader_names,
					  &counter->hour_names,	   &counter->time_names,
					  &counter->station_names, &counter->line_names,
					  &counter->board_names};

	for (size_t i = 0; i < sizeof(interns) / sizeof(interns[0]); i++)
		intern_free(interns[i]);
	free(counter->unit);
	free(counter->board_passed);
	free(counter->error_attempts);
	free(counter->stats.errors.tally);
	free(counter->stats.slots.tally);
	free(counter->stats.bootloaders.tally);
	free(counter->stats.times.tally);
	free(counter->stats.stations.tally);
	free(counter->stats.lines.tally);
	free(counter->stats.cycle_ms);
	free(counter);
}

/* --- a row --- */

static bool is(const struct audit_record *record, enum audit_column column, const char *text)
{
	return strlen(text) == record->field_length[column] &&
	       memcmp(record->field[column], text, record->field_length[column]) == 0;
}

static uint32_t number(struct intern *intern, const struct audit_record *record,
		       enum audit_column column)
{
	return intern_number(intern, record->field[column], record->field_length[column]);
}

/* Two fields as one text with a NUL between, each cut at a NUL of its own. */
static uint32_t pair(struct intern *intern, const struct audit_record *record,
		     enum audit_column first, enum audit_column second)
{
	char text[2 * AUDIT_ROW_MAX];
	size_t a = strlen(record->field[first]), b = strlen(record->field[second]);

	memcpy(text, record->field[first], a + 1);
	memcpy(text + a + 1, record->field[second], b);
	return intern_number(intern, text, a + 1 + b);
}

/* `entries`, of `size` bytes each, with room for the one at `at`; what is new is zero. NULL: memory
 * is out, and they are as they were. */
static void *grown(void *entries, size_t *room, size_t at, size_t size)
{
	size_t wanted = *room ? *room : 64;
	char *fresh;

	if (at < *room)
		return entries;
	while (wanted <= at)
		wanted *= 2;
	fresh = reallocarray(entries, wanted, size);
	if (!fresh)
		return NULL;
	memset(fresh + *room * size, 0, (wanted - *room) * size);
	*room = wanted;
	return fresh;
}

static bool add_cycle(struct audit_counter *counter, const struct audit_record *record)
{
	struct audit_stats *stats = &counter->stats;
	int64_t *cycles;
	uint64_t ms;

	if (!rules_number(record->field[COL_total_ms], record->field_length[COL_total_ms], &ms) ||
	    ms > INT64_MAX)
		return true;
	cycles = grown(stats->cycle_ms, &counter->cycle_room, stats->cycles, sizeof(*cycles));
	if (!cycles)
		return false;
	stats->cycle_ms = cycles;
	cycles[stats->cycles++] = (int64_t)ms;
	return true;
}

/* What belongs to an attempt rather than to its unit. */
static bool add_attempt(struct audit_counter *counter, const struct audit_record *record,
			const struct unit *unit)
{
	uint64_t *attempts = grown(counter->error_attempts, &counter->error_room, unit->error,
				   sizeof(*attempts));

	if (!attempts)
		return false;
	counter->error_attempts = attempts;
	attempts[unit->error]++;
	return unit->verdict != UNIT_PASSED || add_cycle(counter, record);
}

static bool add_board(struct audit_counter *counter, const struct audit_record *record, bool passed)
{
	uint32_t board;
	bool *boards;

	if (record->field_length[COL_uid] == 0)
		return true;
	board = number(&counter->board_names, record, COL_uid);
	if (board == INTERN_NONE)
		return false;
	boards = grown(counter->board_passed, &counter->board_room, board, sizeof(*boards));
	if (!boards)
		return false;
	counter->board_passed = boards;
	boards[board] = passed;
	return true;
}

static void add_time(struct audit_counter *counter, const char *time)
{
	if (*time && (!*counter->since || strcmp(time, counter->since) < 0))
		memcpy(counter->since, time, sizeof(counter->since));
	if (strcmp(time, counter->until) > 0)
		memcpy(counter->until, time, sizeof(counter->until));
}

/* The value of the tag "line": tags are "key=value;key=value". */
static uint32_t line_number(struct intern *intern, const struct audit_record *record)
{
	static const char key[] = "line=";
	const char *tag = record->field[COL_tags];

	while (tag && strncmp(tag, key, strlen(key)) != 0) {
		tag = strchr(tag, ';');
		tag = tag ? tag + 1 : NULL;
	}
	if (!tag)
		return intern_number(intern, "", 0);
	return intern_number(intern, tag + strlen(key), strcspn(tag + strlen(key), ";"));
}

static bool add_run(struct audit_counter *counter, const struct audit_record *record,
		    struct unit *unit)
{
	size_t hour = record->field_length[COL_finished_at] ? strlen("2026-11-22T14") : 0;

	unit->slot = pair(&counter->slot_names, record, COL_station, COL_slot);
	unit->error = number(&counter->error_names, record, COL_error);
	unit->bootloader = pair(&counter->bootloader_names, record, COL_part, COL_bootloader);
	unit->hour = intern_number(&counter->hour_names, record->field[COL_finished_at], hour);
	unit->station = number(&counter->station_names, record, COL_station);
	unit->line = line_number(&counter->line_names, record);
	if (unit->slot == INTERN_NONE || unit->error == INTERN_NONE ||
	    unit->bootloader == INTERN_NONE || unit->hour == INTERN_NONE ||
	    unit->station == INTERN_NONE || unit->line == INTERN_NONE)
		return false;
	return add_attempt(counter, record, unit) &&
	       add_board(counter, record, unit->verdict == UNIT_PASSED);
}

bool audit_counter_row(struct audit_counter *counter, const struct audit_record *record)
{
	struct unit unit = {.verify = is(record, COL_command, "verify"),
			    .first = is(record, COL_attempt, "1"),
			    .verdict = is(record, COL_result, "PASS")	? UNIT_PASSED
				       : is(record, COL_result, "FAIL") ? UNIT_FAILED
									: UNIT_ABORTED};
	struct unit *units;
	uint32_t name;

	counter->stats.rows++;
	if (!unit.verify && !is(record, COL_command, "run")) {
		counter->stats.skipped++;
		return true;
	}
	add_time(counter, record->field[COL_finished_at]);
	if (!unit.verify && !add_run(counter, record, &unit))
		return false;
	name = pair(&counter->unit_names, record, COL_run_id, COL_unit_id);
	if (name == INTERN_NONE)
		return false;
	units = grown(counter->unit, &counter->unit_room, name, sizeof(*units));
	if (!units)
		return false;
	counter->unit = units;
	units[name] = unit;
	return true;
}

/* --- the sum --- */

static void count_unit(struct audit_tally *tally, const struct unit *unit)
{
	tally->passed += unit->verdict == UNIT_PASSED;
	tally->first += unit->verdict == UNIT_PASSED && unit->first;
	tally->failed += unit->verdict == UNIT_FAILED;
	tally->aborted += unit->verdict == UNIT_ABORTED;
}

static bool make_tallies(struct audit_tallies *tallies, const struct intern *names)
{
	/* One more, so that none is not taken for no memory. */
	tallies->tally = calloc(names->count + 1, sizeof(*tallies->tally));
	if (!tallies->tally)
		return false;
	tallies->count = names->count;
	for (size_t i = 0; i < names->count; i++) {
		tallies->tally[i].station = "";
		tallies->tally[i].name = names->text[i];
	}
	return true;
}

/* The second text of a pair. */
static const char *second(const char *text)
{
	return text + strlen(text) + 1;
}

/* How much of an hour's text stands for the bars of a page, and what that is called. */
static bool choose_times(struct audit_counter *counter)
{
	static const struct {
		size_t length;
		const char *unit;
	} choices[] = {{13, "hour"}, {10, "day"}, {7, "month"}, {4, "year"}};
	const struct intern *hours = &counter->hour_names;

	for (size_t k = 0; k < sizeof(choices) / sizeof(choices[0]); k++) {
		intern_free(&counter->time_names);
		counter->stats.time_unit = choices[k].unit;
		counter->time_length = choices[k].length;
		for (size_t i = 0; i < hours->count; i++) {
			size_t length = strnlen(hours->text[i], choices[k].length);

			if (intern_number(&counter->time_names, hours->text[i], length) ==
			    INTERN_NONE)
				return false;
		}
		if (counter->time_names.count <= TIMES_MAX)
			break;
	}
	return true;
}

static void count_time(struct audit_counter *counter, const struct unit *unit)
{
	const char *hour = counter->hour_names.text[unit->hour];
	uint32_t time =
		intern_number(&counter->time_names, hour, strnlen(hour, counter->time_length));

	if (time < counter->stats.times.count)
		count_unit(&counter->stats.times.tally[time], unit);
	if (*hour) {
		unsigned of_day = (unsigned)(hour[11] - '0') * 10 + (unsigned)(hour[12] - '0');

		if (of_day < 24)
			count_unit(&counter->stats.hour[of_day], unit);
	}
}

static bool count_units(struct audit_counter *counter)
{
	struct audit_stats *stats = &counter->stats;

	if (!choose_times(counter) || !make_tallies(&stats->errors, &counter->error_names) ||
	    !make_tallies(&stats->slots, &counter->slot_names) ||
	    !make_tallies(&stats->bootloaders, &counter->bootloader_names) ||
	    !make_tallies(&stats->stations, &counter->station_names) ||
	    !make_tallies(&stats->lines, &counter->line_names) ||
	    !make_tallies(&stats->times, &counter->time_names))
		return false;
	for (size_t i = 0; i < counter->unit_names.count; i++) {
		const struct unit *unit = &counter->unit[i];

		if (unit->verify) {
			count_unit(&stats->verify, unit);
			continue;
		}
		count_unit(&stats->all, unit);
		count_unit(&stats->errors.tally[unit->error], unit);
		count_unit(&stats->slots.tally[unit->slot], unit);
		count_unit(&stats->bootloaders.tally[unit->bootloader], unit);
		count_unit(&stats->stations.tally[unit->station], unit);
		count_unit(&stats->lines.tally[unit->line], unit);
		count_time(counter, unit);
	}
	for (size_t i = 0; i < stats->errors.count; i++)
		stats->errors.tally[i].attempts = counter->error_attempts[i];
	for (size_t i = 0; i < counter->board_names.count; i++)
		stats->boards_passed += counter->board_passed[i];
	stats->boards = counter->board_names.count;
	return true;
}

static int by_failed(const void *a, const void *b)
{
	const struct audit_tally *left = a, *right = b;

	if (left->failed != right->failed)
		return left->failed > right->failed ? -1 : 1;
	if (left->attempts != right->attempts)
		return left->attempts > right->attempts ? -1 : 1;
	return strcmp(left->name, right->name);
}

/* Numbers within names by their value: A2 before A10. */
static int by_name(const void *a, const void *b)
{
	const struct audit_tally *left = a, *right = b;
	int order = strcmp(left->station, right->station);

	return order ? order : strverscmp(left->name, right->name);
}

/* PASS is no error. */
static void drop_no_error(struct audit_tallies *errors)
{
	for (size_t i = 0; i < errors->count; i++) {
		if (*errors->tally[i].name)
			continue;
		errors->tally[i] = errors->tally[--errors->count];
		break;
	}
}

/* Slots against all the others. Attempts that a retry mended count: a contact that is going shows
 * there first. */
static void judge_slots(struct audit_stats *stats)
{
	const struct audit_tally *all = &stats->all;
	uint64_t total = all->passed + all->failed;

	for (size_t i = 0; i < stats->slots.count; i++) {
		struct audit_tally *slot = &stats->slots.tally[i];
		uint64_t n = slot->passed + slot->failed;

		slot->chance = audit_chance(n - slot->first, n, total - all->first, total);
		slot->outlier = slot->chance * (double)stats->slots.count < AUDIT_OUTLIER;
	}
}

static void sort(struct audit_tallies *tallies, int (*order)(const void *, const void *))
{
	qsort(tallies->tally, tallies->count, sizeof(*tallies->tally), order);
}

static int by_value(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;

	return *left < *right ? -1 : *left > *right;
}

const struct audit_stats *audit_counter_sum(struct audit_counter *counter)
{
	struct audit_stats *stats = &counter->stats;

	if (!count_units(counter))
		return NULL;
	for (size_t i = 0; i < stats->slots.count; i++) {
		struct audit_tally *slot = &stats->slots.tally[i];

		if (counter->station_names.count > 1)
			slot->station = slot->name;
		slot->name = second(slot->name);
	}
	drop_no_error(&stats->errors);
	judge_slots(stats);
	sort(&stats->errors, by_failed);
	sort(&stats->slots, by_name);
	sort(&stats->times, by_name);
	sort(&stats->stations, by_name);
	sort(&stats->lines, by_name);
	for (size_t i = 0; i < stats->bootloaders.count; i++) {
		struct audit_tally *rom = &stats->bootloaders.tally[i];

		rom->station = rom->name;
		rom->name = second(rom->name);
	}
	sort(&stats->bootloaders, by_name);
	if (stats->cycles)
		qsort(stats->cycle_ms, stats->cycles, sizeof(*stats->cycle_ms), by_value);
	stats->since = counter->since;
	stats->until = counter->until;
	return stats;
}

int64_t audit_cycle_at(const struct audit_stats *stats, unsigned permille)
{
	return stats->cycle_ms[(stats->cycles - 1) * permille / 1000];
}

/* The hypergeometric distribution by the ratio of one term to the next, from its mode, which is
 * taken as 1: nothing overflows, and what underflows does not count. */
double audit_chance(uint64_t bad, uint64_t n, uint64_t all_bad, uint64_t total)
{
	uint64_t least = n + all_bad > total ? n + all_bad - total : 0;
	uint64_t most = n < all_bad ? n : all_bad;
	uint64_t mode;
	double sum = 1, tail, term;

	if (bad <= least)
		return 1;
	if (bad > most)
		return 0;
	mode = (uint64_t)((double)(n + 1) * (double)(all_bad + 1) / (double)(total + 2));
	mode = mode < least ? least : mode > most ? most : mode;
	tail = mode >= bad ? 1 : 0;
	term = 1;
	for (uint64_t k = mode; k < most && term > 0; k++) {
		term *= (double)(n - k) * (double)(all_bad - k) /
			((double)(k + 1) * (double)(total - n - all_bad + k + 1));
		sum += term;
		tail += k + 1 >= bad ? term : 0;
	}
	term = 1;
	for (uint64_t k = mode; k > least && term > 0; k--) {
		term *= (double)k * (double)(total - n - all_bad + k) /
			((double)(n - k + 1) * (double)(all_bad - k + 1));
		sum += term;
		tail += k - 1 >= bad ? term : 0;
	}
	return tail / sum;
}
