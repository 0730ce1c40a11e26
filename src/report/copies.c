/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "copies.h"

#include <stdlib.h>

#include "grow.h"

static struct copies_log *log_of(struct copies *copies, uint32_t number)
{
	struct copies_log *logs = grow(copies->log, &copies->room, number, sizeof(*logs));

	if (!logs)
		return NULL;
	copies->log = logs;
	if (number >= copies->logs)
		copies->logs = (size_t)number + 1;
	if (!logs[number].seen)
		logs[number] = (struct copies_log){.seen = true, .chain = number};
	return &logs[number];
}

static void note_copied(struct copies *copies, struct copies_log *log, uint32_t of)
{
	log->copied++;
	log->copying = true;
	log->of = of;
	log->chain = copies->log[of].chain;
}

static void note_own(struct copies_log *log, uint32_t number)
{
	if (log->copying && log->of != number) {
		log->branches = true;
		log->branch_seq = log->last;
	}
	log->copying = false;
}

bool copies_row(struct copies *copies, const struct report_row *row, bool *again)
{
	uint32_t number = (uint32_t)row->log, of = number;
	struct copies_log *log = log_of(copies, number);
	enum fingerprint_found found = FINGERPRINT_NEW;

	if (log && row->length[RC_row_hash])
		found = fingerprints_take(
			&copies->rows,
			fingerprint_of(0, row->text[RC_row_hash], row->length[RC_row_hash]), &of);
	if (!log || found == FINGERPRINT_NO_MEMORY)
		return false;
	*again = found == FINGERPRINT_KNOWN;
	if (*again)
		note_copied(copies, log, of);
	else
		note_own(log, number);
	log->rows++;
	log->last = 0;
	report_row_number(row, RC_seq, &log->last);
	return true;
}

uint32_t copies_chain(const struct copies *copies, int64_t log)
{
	return copies->log[(uint32_t)log].chain;
}

bool copies_fork(const struct copies *copies, size_t log, size_t *other)
{
	const struct copies_log *fork = &copies->log[log];

	if (!fork->branches)
		return false;
	*other = fork->of;
	if (copies->log[fork->of].last > fork->branch_seq)
		return true;
	for (size_t i = 0; i < log; i++) {
		const struct copies_log *before = &copies->log[i];

		*other = i;
		if (before->branches && before->of == fork->of &&
		    before->branch_seq == fork->branch_seq)
			return true;
	}
	return false;
}

void copies_free(struct copies *copies)
{
	fingerprints_free(&copies->rows);
	free(copies->log);
	*copies = (struct copies){0};
}
