/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From attempts to units, from units to boards, each counted as it goes by. */
#include <string.h>

#include "collect.h"
#include "grow.h"
#include "h7gang/audit/text.h"

#define PAIR_MAX (2 * AUDIT_ROW_MAX)
#define DAY_MS INT64_C(86400000)

/* --- tallies --- */

/* Every tally that a unit of this context and time belongs to, one after the other; NULL ends. */
static struct report_tally *tally_at(struct report_collector *collector,
				     const struct context *context, int64_t ms, size_t at)
{
	if (at == 0)
		return &collector->report.all;
	at--;
	if (at < CONTEXT_DIMENSIONS) {
		struct dimension *dimension = &collector->by[at];

		return context->group[at] < dimension->room ? &dimension->tally[context->group[at]]
							    : &collector->nowhere;
	}
	if (at == BY_SHIFT)
		return collector->calendar.shifts
			       ? &collector->by[BY_SHIFT]
					  .tally[calendar_shift(&collector->calendar, ms)]
			       : &collector->nowhere;
	if (at == BY_HOUR)
		return &collector->by[BY_HOUR].tally[calendar_hour(&collector->calendar, ms)];
	return NULL;
}

static void count_unit(struct report_tally *tally, const struct unit *unit)
{
	tally->excluded += unit->verdict == UNIT_EXCLUDED;
	tally->aborted += unit->verdict == UNIT_ABORTED;
	if (unit->verdict == UNIT_EXCLUDED || unit->verdict == UNIT_ABORTED)
		return;
	tally->units++;
	tally->units_passed += unit->verdict == UNIT_PASSED;
	tally->units_first += unit->verdict == UNIT_PASSED && unit->first_passed;
}

static void count_attempt(struct report_tally *tally, enum unit_verdict verdict)
{
	tally->attempts += verdict == UNIT_PASSED || verdict == UNIT_FAILED;
	tally->attempts_passed += verdict == UNIT_PASSED;
}

/* --- boards --- */

static void tell_visit(struct report_collector *collector, const struct unit *unit,
		       struct report_visit *visit)
{
	static const char *const verdicts[] = {"PASS", "FAIL", "FAIL", "ABORTED"};
	struct context context = context_of(collector, unit->context);

	*visit = (struct report_visit){
		.ms = unit->ms,
		.firmware = group_name(collector, BY_FIRMWARE, context.group[BY_FIRMWARE], NULL),
		.error = unit->verdict == UNIT_PASSED
				 ? ""
				 : collector->failures.errors.text[unit->error],
		.verdict = verdicts[unit->verdict],
		.seq = unit->seq,
		.log = unit->log,
	};
	visit->slot = group_name(collector, BY_SLOT, context.group[BY_SLOT], &visit->station);
}

/* A board's units are told from the second one on; its entry has the facts of the first. */
static bool tell_board(struct report_collector *collector, struct board *board,
		       const struct unit *unit)
{
	struct failures *failures = &collector->failures;
	uint32_t index = (uint32_t)(board - collector->boards.board);
	struct report_visit visit;

	if (board->flags & BOARD_NAMELESS)
		return true;
	if (!(board->flags & BOARD_TOLD)) {
		if (board->units != 1 || failures->visits + 1 >= VISITS_MAX)
			return true;
		tell_visit(collector,
			   &(struct unit){.ms = board->first_ms,
					  .context = board->context,
					  .error = board->first_error,
					  .verdict = board->flags & BOARD_PASSED   ? UNIT_PASSED
						     : board->flags & BOARD_JUDGED ? UNIT_FAILED
										   : UNIT_ABORTED},
			   &visit);
		if (!failures_visit(failures, index, &visit))
			return false;
		board->flags |= BOARD_TOLD;
	}
	if (failures->visits >= VISITS_MAX)
		return true;
	tell_visit(collector, unit, &visit);
	return failures_visit(failures, index, &visit);
}

static void count_board(struct board *board, const struct unit *unit)
{
	bool judged = unit->verdict == UNIT_PASSED || unit->verdict == UNIT_FAILED;
	bool run = judged && unit->kind == UNIT_RUN;
	bool known = board->flags & BOARD_JUDGED;

	if (board->units == 0 || (run && (!known || unit->first_ms < board->first_ms))) {
		board->first_ms = unit->first_ms;
		board->context = unit->context;
		board->first_error = (uint8_t)unit->error;
		board->flags &= (uint8_t)~BOARD_FIRST_PASSED;
		if (run && unit->first_passed)
			board->flags |= BOARD_FIRST_PASSED;
	}
	if (judged && (!known || unit->ms >= board->last_ms)) {
		board->last_ms = unit->ms;
		board->flags &= (uint8_t)~BOARD_PASSED;
		if (unit->verdict == UNIT_PASSED)
			board->flags |= BOARD_PASSED;
	}
	if (run)
		board->flags |= BOARD_JUDGED;
	board->errors |= unit->errors;
	board->units = (uint16_t)(board->units + (board->units < UINT16_MAX));
}

static bool add_board(struct report_collector *collector, const struct unit *unit)
{
	struct context context = context_of(collector, unit->context);
	unsigned char key[BOARD_KEY_SIZE];
	struct board *board;

	if (unit->has_uid)
		memcpy(key, unit->key, sizeof(key));
	else
		board_key_hash(key, unit->id);
	board = boards_get(&collector->boards, key, context.group[BY_LOT] + 1);
	if (!board)
		return false;
	if (!unit->has_uid)
		board->flags |= BOARD_NAMELESS;
	if (!tell_board(collector, board, unit))
		return false;
	count_board(board, unit);
	return true;
}

/* --- units --- */

/* Closes the unit of a slot. */
static bool unit_over(struct report_collector *collector, struct unit *unit)
{
	struct context context;
	struct report_tally *tally;

	if (!unit->id)
		return true;
	if (unit->kind == UNIT_VERIFY) {
		count_unit(&collector->report.verify, unit);
		return true;
	}
	if (unit->kind == UNIT_REWORK) {
		count_unit(&collector->report.rework, unit);
		return add_board(collector, unit);
	}
	context = context_of(collector, unit->context);
	for (size_t i = 0; (tally = tally_at(collector, &context, unit->first_ms, i)) != NULL; i++)
		count_unit(tally, unit);
	if (unit->verdict == UNIT_PASSED || unit->verdict == UNIT_FAILED)
		trays_count(&collector->trays, &unit->tray, !unit->first_passed);
	if (unit->verdict != UNIT_PASSED)
		collector->failures.error[unit->error].units++;
	return add_board(collector, unit);
}

static bool unit_begins(struct report_collector *collector, const struct report_row *row,
			struct unit *unit, uint64_t id, uint64_t run)
{
	struct context context = context_of(collector, unit->context);
	int64_t start = moment(&collector->started, row->text[RC_started_at]);
	struct {
		int64_t day;
		uint32_t station, lot;
	} key = {start / DAY_MS, context.group[BY_STATION], context.group[BY_LOT]};
	uint32_t day = intern_number(&collector->trays.days, (const char *)&key, sizeof(key));

	unit->id = id;
	return day != INTERN_NONE &&
	       trays_join(&collector->trays, copies_chain(&collector->copies, row->log), run, day,
			  start, &unit->tray);
}

/* --- attempts --- */

static enum unit_verdict verdict_of(struct report_collector *collector,
				    const struct report_row *row, uint32_t error)
{
	if (report_row_is(row, RC_result, "PASS"))
		return UNIT_PASSED;
	if (!report_row_is(row, RC_result, "FAIL"))
		return UNIT_ABORTED;
	return collector->failures.error[error].excluded ? UNIT_EXCLUDED : UNIT_FAILED;
}

/* The entry of a unit's board. It is new if this is its first unit, and that is not over yet. */
static struct board *board_of(struct report_collector *collector, const struct unit *unit)
{
	struct context context = context_of(collector, unit->context);
	struct board *board = boards_get(&collector->boards, unit->key, context.group[BY_LOT] + 1);

	if (board && board->units == 0) {
		board->context = unit->context;
		board->first_ms = unit->ms;
	}
	return board;
}

/* A board that passed in a context. */
static void tell_holder(struct report_collector *collector, uint32_t number,
			struct report_holder *holder)
{
	struct context context = context_of(collector, number);

	holder->lot = group_name(collector, BY_LOT, context.group[BY_LOT], NULL);
	holder->profile = group_name(collector, BY_PROFILE, context.group[BY_PROFILE], NULL);
	holder->row.slot =
		group_name(collector, BY_SLOT, context.group[BY_SLOT], &holder->row.station);
}

/* The same by the board's first unit: of its other rows, nothing is kept. */
static void tell_first(struct report_collector *collector, const struct board *board,
		       struct report_holder *holder)
{
	*holder = (struct report_holder){.row = {.ms = board->first_ms, .log = REPORT_NO_LOG}};
	board_uid(board, holder->row.uid);
	tell_holder(collector, board->context, holder);
}

/* A board passed with a number. False: no memory. */
static bool number_passed(struct report_collector *collector, const struct report_row *row,
			  const struct unit *unit, const struct report_example *example)
{
	const char *number = row->text[RC_unit_serial];
	size_t length = row->length[RC_unit_serial];
	const struct board *board = board_of(collector, unit), *other;
	struct report_holder first, next;
	enum fingerprint_found found;
	uint32_t index;

	if (!board)
		return false;
	index = (uint32_t)(board - collector->boards.board);
	found = fingerprints_take(&collector->doubles.given, fingerprint_of(0, number, length),
				  &index);
	if (found != FINGERPRINT_KNOWN)
		return found == FINGERPRINT_NEW;
	other = &collector->boards.board[index];
	if (memcmp(other->key, board->key, BOARD_KEY_SIZE) == 0)
		return true;
	tell_first(collector, other, &first);
	next = (struct report_holder){.row = *example};
	tell_holder(collector, unit->context, &next);
	return doubles_add(&collector->doubles, number, length, &first, &next);
}

/* The part of a row that belongs to an attempt rather than to its unit. */
static bool attempt(struct report_collector *collector, const struct report_row *row,
		    struct unit *unit, const struct origin *origin, enum unit_verdict verdict,
		    uint32_t error)
{
	struct context context = context_of(collector, unit->context);
	struct report_tally *tally;
	struct report_example example;

	if (unit->kind == UNIT_VERIFY)
		return true;
	if (unit->kind == UNIT_RUN) {
		for (size_t i = 0;
		     (tally = tally_at(collector, &context, unit->first_ms, i)) != NULL; i++)
			count_attempt(tally, verdict);
	}
	if (verdict != UNIT_PASSED || row->length[RC_unit_serial])
		make_example(collector, row, unit->ms, unit->context, &example);
	if (verdict != UNIT_PASSED) {
		failures_attempt(&collector->failures, error, &example);
		unit->errors |= UINT64_C(1) << error;
	}
	if (row->length[RC_unit_serial] &&
	    !failures_number(&collector->failures, row, verdict == UNIT_PASSED, error, &example))
		return false;
	if (verdict != UNIT_PASSED)
		return true;
	if (row->length[RC_unit_serial] && unit->has_uid &&
	    !number_passed(collector, row, unit, &example))
		return false;
	return cycles_add(&collector->cycles, row, origin->kind,
			  calendar_group(&collector->calendar, SPAN_HOUR, unit->ms));
}

/* The slot's unit takes a row. */
static bool take(struct report_collector *collector, const struct report_row *row,
		 struct unit *unit, const struct origin *origin, int64_t ms, uint32_t error)
{
	enum unit_verdict verdict = verdict_of(collector, row, error);
	bool counts = verdict == UNIT_PASSED || verdict == UNIT_FAILED;
	uint64_t seq = 0;

	unit->ms = ms;
	unit->error = error;
	unit->log = row->log;
	report_row_number(row, RC_seq, &seq);
	unit->seq = seq;
	if (row->length[RC_uid])
		unit->has_uid = board_key_uid(unit->key, row->text[RC_uid], row->length[RC_uid]);
	/* An attempt that the station spoiled does not count as the board's. */
	if (counts && !unit->started) {
		unit->started = true;
		unit->first_passed =
			verdict == UNIT_PASSED &&
			(report_row_is(row, RC_attempt, "1") || unit->verdict == UNIT_EXCLUDED);
	}
	unit->verdict = verdict;
	return attempt(collector, row, unit, origin, verdict, error);
}

static struct unit *unit_of_slot(struct report_collector *collector, const struct report_row *row)
{
	char key[PAIR_MAX];
	uint32_t number, chain = copies_chain(&collector->copies, row->log);
	const char *slot = slot_of_row(row), *station = row->text[RC_station];
	size_t used = strlen(station), length;
	struct unit *units;

	if (!*slot)
		slot = row->text[RC_unit_id];
	length = strlen(slot);
	memcpy(key, &chain, sizeof(chain));
	memcpy(key + sizeof(chain), station, used + 1);
	used += sizeof(chain) + 1;
	memcpy(key + used, slot, length);
	number = intern_number(&collector->slots, key, used + length);
	if (number == INTERN_NONE)
		return NULL;
	units = grow(collector->unit, &collector->unit_room, number, sizeof(*units));
	if (!units)
		return NULL;
	collector->unit = units;
	return &units[number];
}

bool unit_row(struct report_collector *collector, const struct report_row *row, int64_t ms,
	      enum unit_kind kind)
{
	uint64_t run = fingerprint_of(copies_chain(&collector->copies, row->log),
				      row->text[RC_run_id], row->length[RC_run_id]);
	uint64_t id = fingerprint_of(run, row->text[RC_unit_id], row->length[RC_unit_id]) | 1;
	struct unit *unit = unit_of_slot(collector, row);
	struct origin origin;
	uint32_t error;

	if (!unit || !origin_of(collector, row, &origin))
		return false;
	error = failures_error(&collector->failures, row->text[RC_error], row->length[RC_error]);
	if (error == ERRORS_MAX)
		return false;
	if (unit->id != id) {
		if (!unit_over(collector, unit))
			return false;
		*unit = (struct unit){.kind = kind, .context = origin.context, .first_ms = ms};
		if (!unit_begins(collector, row, unit, id, run))
			return false;
	}
	unit->context = origin.context;
	return take(collector, row, unit, &origin, ms, error);
}

bool units_over(struct report_collector *collector)
{
	for (size_t i = 0; i < collector->slots.count; i++) {
		if (!unit_over(collector, &collector->unit[i]))
			return false;
	}
	return true;
}
