/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "seals.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "h7gang/base/durable.h"
#include "lines.h"

static int add(struct seals *seals, const struct seal *seal, const char *log, uint64_t line,
	       bool own)
{
	size_t room = seals->room ? seals->room * 2 : 64;
	struct sealed_row *row;

	if (seals->count == seals->room) {
		row = reallocarray(seals->row, room, sizeof(*row));
		if (!row)
			return -ENOMEM;
		seals->row = row;
		seals->room = room;
	}
	row = &seals->row[seals->count++];
	*row = (struct sealed_row){.head = seal->head, .log = log, .line = line};
	memcpy(row->time, seal->time, sizeof(row->time));
	seals->own += own;
	if (own && seal->head.seq > seals->own_seq)
		seals->own_seq = seal->head.seq;
	return 0;
}

static int take_line(struct seals *seals, const char *log, const struct lines *lines,
		     const struct audit_key *key)
{
	struct seal seal;
	int verifies;

	if (!seal_parse(&seal, lines->text, lines->length)) {
		seals->unreadable++;
		return 0;
	}
	if (!key)
		return add(seals, &seal, log, lines->number, true);
	if (strcmp(seal.key_id, audit_key_id(key)) != 0) {
		seals->other_keys++;
		return add(seals, &seal, log, lines->number, false);
	}
	verifies = audit_key_verifies(key, lines->text, seal.signed_length, seal.signature);
	if (verifies != 0)
		return verifies < 0 ? -ENOMEM : add(seals, &seal, log, lines->number, true);
	if (seals->forged_line == 0) {
		seals->forged_log = log;
		seals->forged_line = lines->number;
	}
	return 0;
}

static int by_seq(const void *a, const void *b)
{
	const struct sealed_row *left = a, *right = b;

	return left->head.seq < right->head.seq ? -1 : left->head.seq > right->head.seq;
}

static int load_lines(struct seals *seals, const char *log, int fd, const struct audit_key *key)
{
	struct lines lines;
	int rc = lines_open(&lines, fd, SEAL_LINE_MAX);

	for (bool more = rc == 0; more && rc == 0;) {
		switch (lines_next(&lines)) {
		case LINE_WHOLE:
			rc = take_line(seals, log, &lines, key);
			break;
		case LINE_PARTIAL: /* being written, or torn by a power cut */
		case LINE_LONG:
			seals->unreadable++;
			more = false;
			break;
		case LINE_END:
			more = false;
			break;
		case LINE_ERROR:
			rc = -errno;
			break;
		}
	}
	lines_close(&lines);
	return rc;
}

int seals_load(struct seals *seals, const char *log, int folder, const char *name,
	       const struct audit_key *key)
{
	int fd = durable_open(folder, name, O_RDONLY, 0);
	int rc;

	if (fd == -ENOENT)
		return 0;
	if (fd < 0)
		return fd;
	rc = load_lines(seals, log, fd, key);
	close(fd);
	if (seals->count > 1)
		qsort(seals->row, seals->count, sizeof(*seals->row), by_seq);
	return rc;
}

void seals_row(struct seals *seals, const struct chain *head)
{
	size_t low = 0, high = seals->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (seals->row[middle].head.seq < head->seq)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < seals->count && seals->row[low].head.seq == head->seq; low++)
		seals->row[low].differs =
			memcmp(seals->row[low].head.hash, head->hash, CHAIN_HEX) != 0;
}

bool seals_hold(const struct seals *seals, const struct chain *head, char *text, size_t size)
{
	const struct sealed_row *last = seals->count ? &seals->row[seals->count - 1] : NULL;

	if (seals->forged_line) {
		snprintf(text, size,
			 "%.200s.seal:%" PRIu64
			 ": a forged seal: it names the key, but is not signed by it",
			 seals->forged_log, seals->forged_line);
		return false;
	}
	for (size_t i = 0; i < seals->count; i++) {
		const struct sealed_row *row = &seals->row[i];

		if (!row->differs)
			continue;
		snprintf(
			text, size,
			"%.200s.seal:%" PRIu64 ": row %" PRIu64
			" was sealed at %s with another row_hash: the log was written anew, or the "
			"seal is that of another log",
			row->log, row->line, row->head.seq, row->time);
		return false;
	}
	if (last && last->head.seq > head->seq) {
		snprintf(text, size,
			 "%.200s.seal:%" PRIu64 ": the log is cut: it ends with row %" PRIu64
			 ", but row %" PRIu64 " was sealed at %s",
			 last->log, last->line, head->seq, last->head.seq, last->time);
		return false;
	}
	return true;
}

void seals_free(struct seals *seals)
{
	free(seals->row);
	*seals = (struct seals){0};
}
