/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors, boards that came again, numbers without a board and of more than one, notes: put in
 * order. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collect.h"

/* --- errors --- */

static void count_boards(const struct report_collector *collector, uint64_t count[ERRORS_MAX])
{
	for (size_t i = 0; i < collector->boards.count; i++) {
		uint64_t errors = collector->boards.board[i].errors;

		for (unsigned k = 0; errors; k++, errors >>= 1)
			count[k] += errors & 1;
	}
}

static int by_boards(const void *a, const void *b)
{
	const struct report_error *left = a, *right = b;

	if (left->boards != right->boards)
		return left->boards > right->boards ? -1 : 1;
	if (left->attempts != right->attempts)
		return left->attempts > right->attempts ? -1 : 1;
	return strcmp(left->name, right->name);
}

bool sum_errors(struct report_collector *collector)
{
	struct failures *failures = &collector->failures;
	struct report *report = &collector->report;
	uint64_t boards[ERRORS_MAX] = {0}, all = 0, sofar = 0;

	report->error = report_keep(collector, failures->errors.count, sizeof(*report->error));
	if (!report->error)
		return false;
	count_boards(collector, boards);
	for (size_t i = 0; i < failures->errors.count; i++) {
		struct error_counts *counts = &failures->error[i];

		if (counts->attempts == 0 || !*failures->errors.text[i])
			continue;
		report->error[report->errors++] =
			(struct report_error){.name = failures->errors.text[i],
					      .advice = error_advice(failures->errors.text[i]),
					      .excluded = counts->excluded,
					      .attempts = counts->attempts,
					      .units = counts->units,
					      .boards = boards[i],
					      .example = counts->example,
					      .examples = counts->examples};
		all += boards[i];
	}
	qsort(report->error, report->errors, sizeof(*report->error), by_boards);
	for (size_t i = 0; i < report->errors; i++) {
		sofar += report->error[i].boards;
		report->error[i].cumulative = all ? (double)sofar / (double)all : 1;
	}
	return true;
}

/* --- boards that came again --- */

static int by_board(const void *a, const void *b)
{
	const struct visit *left = a, *right = b;

	if (left->board != right->board)
		return left->board < right->board ? -1 : 1;
	if (left->told.ms != right->told.ms)
		return left->told.ms < right->told.ms ? -1 : 1;
	return left->told.seq < right->told.seq ? -1 : left->told.seq > right->told.seq;
}

static int by_units(const void *a, const void *b)
{
	const struct report_history *left = a, *right = b;

	if (left->units != right->units)
		return left->units > right->units ? -1 : 1;
	return strcmp(left->uid, right->uid);
}

static bool sum_visits(struct report_collector *collector)
{
	struct failures *failures = &collector->failures;
	struct report *report = &collector->report;
	struct report_visit *visits = report_keep(collector, failures->visits, sizeof(*visits));

	report->history = report_keep(collector, failures->visits, sizeof(*report->history));
	if (!visits || !report->history)
		return false;
	if (failures->visits)
		qsort(failures->visit, failures->visits, sizeof(*failures->visit), by_board);
	for (size_t i = 0; i < failures->visits; i++) {
		const struct visit *visit = &failures->visit[i];
		const struct board *board = &collector->boards.board[visit->board];
		struct report_history *history;

		if (i == 0 || failures->visit[i - 1].board != visit->board) {
			history = &report->history[report->histories++];
			board_uid(board, history->uid);
			history->lot = group_name(collector, BY_LOT, board->lot - 1, NULL);
			history->units = board->units;
			history->visit = &visits[i];
		}
		history = &report->history[report->histories - 1];
		visits[i] = visit->told;
		history->visits++;
	}
	qsort(report->history, report->histories, sizeof(*report->history), by_units);
	return true;
}

/* --- numbers and notes --- */

static int by_number(const void *a, const void *b)
{
	const struct report_number *left = a, *right = b;

	return strverscmp(left->number, right->number);
}

static bool sum_numbers(struct report_collector *collector)
{
	struct failures *failures = &collector->failures;
	struct report *report = &collector->report;

	report->number = report_keep(collector, failures->numbers.count, sizeof(*report->number));
	if (!report->number)
		return false;
	for (size_t i = 0; i < failures->numbers.count; i++) {
		const struct number *number = &failures->number[i];

		if (!number->passed)
			report->number[report->numbers++] = (struct report_number){
				failures->numbers.text[i], failures->errors.text[number->error],
				number->row};
	}
	qsort(report->number, report->numbers, sizeof(*report->number), by_number);
	report->numbers_cut = failures->numbers_cut;
	report->note = failures->note;
	report->notes_told = failures->notes;
	return true;
}

/* --- numbers of more than one board --- */

/* Those of one profile first: two products may have the same numbers. */
static int by_profile(const void *a, const void *b)
{
	const struct report_double *left = a, *right = b;

	if (left->one_profile != right->one_profile)
		return left->one_profile ? -1 : 1;
	return strverscmp(left->number, right->number);
}

static bool is_of_one_profile(const struct doubled *doubled)
{
	for (size_t i = 1; i < doubled->holders; i++) {
		for (size_t k = 0; k < i; k++) {
			if (strcmp(doubled->holder[i].profile, doubled->holder[k].profile) == 0)
				return true;
		}
	}
	return false;
}

bool sum_doubles(struct report_collector *collector)
{
	const struct doubles *doubles = &collector->doubles;
	struct report *report = &collector->report;

	report->doubled = report_keep(collector, doubles->numbers.count, sizeof(*report->doubled));
	if (!report->doubled)
		return false;
	for (size_t i = 0; i < doubles->numbers.count; i++) {
		const struct doubled *doubled = &doubles->doubled[i];

		report->doubled[report->doubles++] =
			(struct report_double){.number = doubles->numbers.text[i],
					       .holder = doubled->holder,
					       .boards = doubled->holders,
					       .more = doubled->more,
					       .one_profile = is_of_one_profile(doubled)};
	}
	qsort(report->doubled, report->doubles, sizeof(*report->doubled), by_profile);
	report->doubles_cut = doubles->cut;
	return true;
}

bool sum_histories(struct report_collector *collector)
{
	return sum_visits(collector) && sum_numbers(collector);
}
