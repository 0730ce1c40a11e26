/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether logs are intact, and if not, the kind of damage to the first bad row. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "begun.h"
#include "columns.h"
#include "h7gang/base/durable.h"
#include "lock.h"
#include "reader.h"
#include "rotate.h"
#include "rules.h"
#include "scan.h"
#include "seals.h"

#define TEXT_SIZE 1024
#define GROWTH_TRIES 16 /* times a line without LF may have grown during the check */

struct verify {
	const char *const *paths;
	size_t count;
	const char *in_hand; /* the path whose marks are being read */
	const struct audit_row_sink *rows;
	const char *path;                  /* the file whose rows are being read ... */
	const struct audit_reader *reader; /* ... and their reader */
	struct audit_report_sink *sink;
	struct audit_check *check;
	struct scan scan;
	struct marks marks;
	const struct audit_key *key; /* NULL: signatures of seals are not checked */
	struct seals seals;
	struct sha256 *sha;
	bool intact;
};

__attribute__((format(printf, 2, 3))) static void say(struct verify *verify, const char *format,
						      ...)
{
	char text[TEXT_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (verify->sink && verify->sink->line)
		verify->sink->line(verify->sink->user, text);
}

/* --- marks --- */

static int say_bad_mark(void *user, uint64_t line, const char *text, size_t length)
{
	struct verify *verify = user;

	(void)text;
	say(verify, "%s.begun:%" PRIu64 ": not a readable mark (%zu bytes)", verify->in_hand, line,
	    length);
	return 0;
}

static void load_marks(struct verify *verify, const char *path)
{
	const char *name;
	char *begun;
	int folder = durable_folder(path, false, &name);
	int rc;

	if (folder < 0)
		return; /* then the log itself cannot be read either, which is told */
	verify->in_hand = path;
	rc = -ENOMEM;
	if (asprintf(&begun, "%s.begun", name) >= 0) {
		rc = begun_load(folder, begun, &verify->marks, say_bad_mark, verify);
		free(begun);
	}
	close(folder);
	if (rc < 0) {
		say(verify, "%s.begun: cannot be read: %s", path, strerror(-rc));
		verify->intact = false; /* the open marks are part of the answer */
	}
}

static void row_seen(void *user, const struct chain *head, const char *line, size_t length)
{
	struct verify *verify = user;

	marks_remove_row(&verify->marks, line, length);
	seals_row(&verify->seals, head);
	if (verify->rows)
		verify->rows->row(verify->rows->user, verify->path, verify->reader,
				  &verify->reader->record);
}

/* Rows behind the first finding are not trusted, but show which marks are answered. */
static void lift_rest(struct verify *verify, struct audit_reader *reader)
{
	const struct audit_record *record;
	enum audit_read kind;

	do {
		kind = audit_reader_next(reader, &record);
		if (kind == AUDIT_READ_ROW)
			marks_remove_row(&verify->marks, record->text, record->length);
	} while (kind == AUDIT_READ_ROW || kind == AUDIT_READ_BAD);
}

/* Fields are shown as written, which is safe on a terminal. */
static void say_open_mark(struct verify *verify, const struct mark *mark)
{
	static const enum audit_column shown[] = {COL_run_id,     COL_unit_id,    COL_attempt,
						  COL_started_at, COL_slot,       COL_usb_path,
						  COL_uid,        COL_unit_serial};
	char text[TEXT_SIZE] = "";
	struct csv_row csv;
	size_t used = 0;

	if (csv_split(&csv, mark->body, mark->length - 1) ||
	    csv.count <= COL_unit_serial - BODY_FIRST)
		return;
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]) && used < sizeof(text); i++) {
		size_t at = shown[i] - BODY_FIRST;
		int length = (int)(csv.start[at + 1] - csv.start[at] - 1);

		if (length > 0)
			used += (size_t)snprintf(text + used, sizeof(text) - used, " %s=%.*s",
						 audit_columns[shown[i]].name,
						 length < 64 ? length : 64,
						 mark->body + csv.start[at]);
	}
	say(verify, "open attempt without a row:%s", text);
}

static void say_open_marks(struct verify *verify)
{
	marks_sort(&verify->marks);
	for (size_t i = 0; i < verify->marks.count; i++)
		say_open_mark(verify, &verify->marks.mark[i]);
	verify->check->open_marks = (unsigned)verify->marks.count;
}

/* --- the row that a finding is about, elsewhere --- */

struct place {
	const char *path;
	uint64_t line;
	size_t length;
	char text[AUDIT_ROW_MAX];
};

static bool find_in(const char *path, uint64_t seq, struct place *place)
{
	struct audit_reader *reader;
	const struct audit_record *record;
	enum audit_read kind;
	bool found = false;
	char why[160];
	uint64_t value;

	if (audit_reader_open(path, &reader, why, sizeof(why)) != AUDIT_OK)
		return false;
	do {
		kind = audit_reader_next(reader, &record);
		if (kind != AUDIT_READ_ROW)
			continue;
		found = rules_number(record->field[COL_seq], record->field_length[COL_seq],
				     &value) &&
			value == seq;
	} while (!found && (kind == AUDIT_READ_ROW || kind == AUDIT_READ_BAD));
	if (found) {
		place->path = path;
		place->line = record->line;
		place->length = record->length;
		memcpy(place->text, record->text, record->length);
	}
	audit_reader_close(reader);
	return found;
}

/* The first row of all files that has this number. */
static bool find_row(const struct verify *verify, uint64_t seq, struct place *place)
{
	for (size_t i = 0; i < verify->count; i++) {
		if (find_in(verify->paths[i], seq, place))
			return true;
	}
	return false;
}

/* --- seals --- */

static void load_seals(struct verify *verify, const char *path)
{
	const char *name;
	char *seal;
	int folder = durable_folder(path, false, &name);
	int rc = -ENOMEM;

	if (folder < 0)
		return; /* then the log itself cannot be read either, which is told */
	if (asprintf(&seal, "%s.seal", name) >= 0) {
		rc = seals_load(&verify->seals, path, folder, seal, verify->key);
		free(seal);
	}
	close(folder);
	if (rc < 0) {
		say(verify, "%s.seal: cannot be read: %s", path, strerror(-rc));
		verify->intact = false;
	}
}

static void check_seals(struct verify *verify)
{
	const struct seals *seals = &verify->seals;
	char text[TEXT_SIZE];

	if (seals->other_keys)
		say(verify, "%" PRIu64 " seals are by other keys than %s: signatures not checked",
		    seals->other_keys, audit_key_id(verify->key));
	if (seals->unreadable)
		say(verify, "%" PRIu64 " lines are no seals: cut off by a crash, or changed",
		    seals->unreadable);
	/* Behind a row that does not hold there is nothing to compare seals with. */
	if (!verify->intact)
		return;
	if (!seals_hold(seals, &verify->scan.chain, text, sizeof(text))) {
		say(verify, "%s", text);
		verify->intact = false;
	} else if (seals->own == 0 && verify->key) {
		say(verify, "%s.seal: no seal by the key %s: rows may be missing at its end",
		    verify->paths[verify->count - 1], audit_key_id(verify->key));
		verify->intact = false;
	} else if (seals->count == 0) {
		/* A seal torn by a power cut is the last line only until the next run. */
		if (seals->unreadable)
			verify->intact = false;
	} else {
		verify->check->seals = verify->key ? seals->own : 0;
		verify->check->sealed_seq = seals->own_seq;
	}
}

/* --- findings --- */

static void say_finding(struct verify *verify, const char *path, enum scan_end end,
			const struct audit_record *record)
{
	const struct scan *scan = &verify->scan;
	uint64_t next = scan->chain.seq + 1;
	struct place place;
	char text[512];

	verify->intact = false;
	scan_describe(scan, end, text, sizeof(text));
	if (end == SCAN_AHEAD && find_row(verify, next, &place)) {
		snprintf(text, sizeof(text),
			 "row %" PRIu64 " is reordered: this line has row %" PRIu64 ", row %" PRIu64
			 " is at %.200s:%" PRIu64,
			 next, scan->seq, next, place.path, place.line);
	} else if (end == SCAN_AGAIN && find_row(verify, scan->seq, &place)) {
		bool same = place.length == record->length &&
			    memcmp(place.text, record->text, place.length) == 0;

		snprintf(
			text, sizeof(text),
			same ? "row %" PRIu64 " is doubled: it stands at %.200s:%" PRIu64 " already"
			     : "row %" PRIu64 " is doubled: another one with this number stands at "
			       "%.200s:%" PRIu64 " (two logs merged?)",
			scan->seq, place.path, place.line);
	}
	say(verify, "%s:%" PRIu64 ": %s", path, scan->line, text);
}

/* A line without end: whether a writer is at work on it. True if it may be passed over. */
static bool partial_is_live(struct verify *verify, struct audit_reader *reader, enum scan_end *end)
{
	struct stat st;

	for (int i = 0; i < GROWTH_TRIES; i++) {
		if (lock_held(reader->fd))
			return true;
		/* The writer may have ended since: then the file may be longer or shorter by now.
		 */
		if (fstat(reader->fd, &st) == 0 &&
		    st.st_size == verify->scan.end + verify->scan.partial)
			return false;
		*end = scan_file(&verify->scan, reader, verify->sha);
		if (*end != SCAN_PARTIAL)
			return *end == SCAN_WHOLE;
	}
	return false;
}

static void verify_file(struct verify *verify, const char *path)
{
	struct audit_reader *reader;
	char why[200];
	enum scan_end end;

	if (audit_reader_open(path, &reader, why, sizeof(why)) != AUDIT_OK) {
		say(verify, "%s:1: %s", path, why);
		verify->intact = false;
		return;
	}
	verify->path = path;
	verify->reader = reader;
	end = scan_file(&verify->scan, reader, verify->sha);
	if (end == SCAN_PARTIAL && partial_is_live(verify, reader, &end))
		end = SCAN_WHOLE;
	verify->check->being_written = lock_held(reader->fd);
	/* A log that is just being made has no header yet. */
	if (end == SCAN_EMPTY && verify->check->being_written)
		end = SCAN_WHOLE;
	verify->check->torn |= end == SCAN_PARTIAL;
	if (end != SCAN_WHOLE) {
		say_finding(verify, path, end, &reader->record);
		lift_rest(verify, reader);
	}
	audit_reader_close(reader);
}

static bool start_chain(struct verify *verify, const char *continues)
{
	struct chain *chain = &verify->scan.chain;

	verify->scan.row = row_seen;
	verify->scan.user = verify;
	chain_start(chain);
	if (!continues || strcmp(continues, chain->hash) == 0)
		return true;
	if (strlen(continues) != CHAIN_HEX || strspn(continues, "0123456789abcdef") != CHAIN_HEX) {
		say(verify,
		    "what the first row is to follow is not a row_hash (64 lower-case hex digits)");
		return false;
	}
	memcpy(chain->hash, continues, CHAIN_HEX);
	verify->scan.first_is_free = true;
	return true;
}

bool audit_verify(const char *const *paths, size_t count, const char *continues,
		  struct audit_report_sink *sink, struct audit_check *check)
{
	return audit_verify_sealed(paths, count, continues, NULL, sink, check);
}

bool audit_verify_sealed(const char *const *paths, size_t count, const char *continues,
			 const struct audit_key *key, struct audit_report_sink *sink,
			 struct audit_check *check)
{
	return audit_verify_rows(paths, count, continues, key, sink, NULL, check);
}

bool audit_verify_rows(const char *const *paths, size_t count, const char *continues,
		       const struct audit_key *key, struct audit_report_sink *sink,
		       const struct audit_row_sink *rows, struct audit_check *check)
{
	struct audit_check own;
	struct verify verify = {.paths = paths,
				.count = count,
				.sink = sink,
				.rows = rows,
				.check = check ? check : &own,
				.key = key,
				.intact = true};

	*verify.check = (struct audit_check){0};
	verify.sha = sha256_new();
	if (!verify.sha) {
		say(&verify, "out of memory");
		return false;
	}
	verify.intact = start_chain(&verify, continues);
	for (size_t i = 0; i < count && verify.intact; i++)
		load_marks(&verify, paths[i]);
	for (size_t i = 0; i < count; i++)
		load_seals(&verify, paths[i]);
	for (size_t i = 0; i < count; i++) {
		bool again = i + 1 < count && rotate_is_second_name(paths[i], paths[i + 1]);

		if (verify.intact && !again)
			verify_file(&verify, paths[i]);
	}
	check_seals(&verify);
	say_open_marks(&verify);
	verify.check->rows = verify.scan.rows;
	verify.check->head.seq = verify.scan.chain.seq;
	memcpy(verify.check->head.row_hash, verify.scan.chain.hash, SHA256_HEX_SIZE);
	seals_free(&verify.seals);
	marks_free(&verify.marks);
	sha256_free(verify.sha);
	return verify.intact;
}

enum audit_status audit_seal_files(const char *const *paths, size_t count, const char *continues,
				   const struct audit_key *key, struct audit_report_sink *sink,
				   struct audit_check *check, char *why, size_t why_size)
{
	const char *last = paths[count - 1], *name;
	char *seal = NULL;
	struct chain head;
	int folder, rc;

	if (!audit_verify(paths, count, continues, sink, check))
		return AUDIT_DAMAGED;
	if (check->head.seq == 0) {
		snprintf(why, why_size, "%s: there is no row to seal", last);
		return AUDIT_HEADER;
	}
	head.seq = check->head.seq;
	memcpy(head.hash, check->head.row_hash, sizeof(head.hash));
	folder = durable_folder(last, false, &name);
	rc = folder < 0 ? folder : asprintf(&seal, "%s.seal", name) < 0 ? -ENOMEM : 0;
	if (rc == 0)
		rc = seal_append(folder, seal, &head, key);
	else
		seal = NULL;
	free(seal);
	if (folder >= 0)
		close(folder);
	if (rc == 0)
		return AUDIT_OK;
	snprintf(why, why_size, "%s.seal: %s", last, strerror(-rc));
	return rc == -ENOMEM ? AUDIT_MEMORY : AUDIT_IO;
}
