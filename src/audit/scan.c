/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scan.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "columns.h"
#include "rules.h"

static enum scan_end stop(struct scan *scan, enum scan_end end, const char *why)
{
	snprintf(scan->why, sizeof(scan->why), "%s", why);
	return end;
}

enum scan_end scan_row(struct scan *scan, const struct audit_reader *reader, struct sha256 *sha)
{
	const struct csv_row *csv = &reader->csv;
	size_t prev = reader->columns - 2;
	char hash[SHA256_HEX_SIZE];

	if (!rules_number(csv->field[COL_seq], csv->length[COL_seq], &scan->seq) || scan->seq == 0)
		return stop(scan, SCAN_CHANGED, "seq is not a number from 1");
	if (chain_hash(sha, csv->field[prev], reader->record.text, csv->start[prev], hash) < 0)
		return stop(scan, SCAN_IO, "SHA-256 failed");
	if (memcmp(hash, csv->field[prev + 1], CHAIN_HEX) != 0)
		return stop(scan, SCAN_CHANGED, "row_hash is not that of the row");
	if ((scan->first_is_free || scan->first_is_any) && scan->rows == 0) {
		scan->chain.seq = scan->seq - 1;
		if (scan->first_is_any)
			memcpy(scan->chain.hash, csv->field[prev], SHA256_HEX_SIZE);
	} else if (scan->seq > scan->chain.seq + 1) {
		return stop(scan, SCAN_AHEAD, "");
	} else if (scan->seq <= scan->chain.seq) {
		return stop(scan, SCAN_AGAIN, "");
	}
	if (memcmp(csv->field[prev], scan->chain.hash, CHAIN_HEX) != 0)
		return stop(scan, SCAN_CHANGED, "prev_hash is not the row_hash of the row before");
	scan->chain.seq = scan->seq;
	memcpy(scan->chain.hash, hash, sizeof(hash));
	scan->rows++;
	if (scan->row)
		scan->row(scan->user, &scan->chain, reader->record.text, reader->record.length);
	return SCAN_WHOLE;
}

/* The number a line claims to have, if it still has one. */
static uint64_t claimed_seq(const struct audit_record *record)
{
	size_t n = csv_prefix(record->text, record->length, 1);
	uint64_t seq = 0;

	return n > 1 && rules_number(record->text, n - 1, &seq) ? seq : 0;
}

enum scan_end scan_no_row(struct scan *scan, const struct audit_reader *reader)
{
	const char *why = audit_reader_why(reader);

	scan->line = reader->record.line;
	scan->seq = claimed_seq(&reader->record);
	return stop(scan, strcmp(why, rules_cut) == 0 ? SCAN_CUT : SCAN_CHANGED, why);
}

enum scan_end scan_file(struct scan *scan, struct audit_reader *reader, struct sha256 *sha)
{
	const struct audit_record *record;
	enum scan_end end;

	for (;;) {
		scan->end = reader->lines.offset;
		scan->seq = 0;
		switch (audit_reader_next(reader, &record)) {
		case AUDIT_READ_ROW:
			scan->line = record->line;
			end = scan_row(scan, reader, sha);
			if (end != SCAN_WHOLE)
				return end;
			break;
		case AUDIT_READ_END:
			scan->line = reader->lines.number;
			return scan->line == 0 ? SCAN_EMPTY : SCAN_WHOLE;
		case AUDIT_READ_PARTIAL:
			scan->line = record->line;
			scan->partial = reader->lines.tail;
			return SCAN_PARTIAL;
		case AUDIT_READ_BAD:
			return scan_no_row(scan, reader);
		case AUDIT_READ_ERROR:
		default:
			scan->line = record->line;
			end = reader->failed ? SCAN_IO : SCAN_CHANGED;
			return stop(scan, end, audit_reader_why(reader));
		}
	}
}

void scan_describe(const struct scan *scan, enum scan_end end, char *text, size_t size)
{
	uint64_t next = scan->chain.seq + 1;
	const char *verb = end == SCAN_CUT ? "cut" : "changed";

	switch (end) {
	case SCAN_WHOLE:
		snprintf(text, size, "intact");
		break;
	case SCAN_PARTIAL:
		snprintf(text, size,
			 "row %" PRIu64 " is cut: its line has no end (torn, %jd bytes)", next,
			 (intmax_t)scan->partial);
		break;
	case SCAN_EMPTY:
		snprintf(text, size, "the file is empty: not even a header");
		break;
	case SCAN_CHANGED:
	case SCAN_CUT:
		if (scan->seq == 0 || scan->seq == next)
			snprintf(text, size, "row %" PRIu64 " is %s: %s", next, verb, scan->why);
		else
			snprintf(text, size,
				 "row %" PRIu64 " is %s: %s (it says it is row %" PRIu64 ")", next,
				 verb, scan->why, scan->seq);
		break;
	case SCAN_AHEAD:
		if (scan->seq == next + 1)
			snprintf(text, size,
				 "row %" PRIu64 " is missing: this line has row %" PRIu64, next,
				 scan->seq);
		else
			snprintf(text, size,
				 "row %" PRIu64 " is missing: this line has row %" PRIu64
				 ", the rows to %" PRIu64 " are missing%s",
				 next, scan->seq, scan->seq - 1,
				 scan->rows == 0 ? " (are they in a file before this one?)" : "");
		break;
	case SCAN_AGAIN:
		snprintf(text, size, "row %" PRIu64 " is doubled: this line has it again",
			 scan->seq);
		break;
	case SCAN_IO:
		snprintf(text, size, "cannot be read: %s", scan->why);
		break;
	}
}
