/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every call in turn that the audit room makes of the system fails: while a log is taken over,
 * written, rotated and sealed, while it is judged, read, counted and shown, and while keys are
 * made. Each time the caller is told, no row that was reported is lost, none is doubled, nothing
 * that is damaged is called intact, and nothing stays open. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "faults.h"
#include "h7gang/audit/key.h"
#include "h7gang/audit/read.h"
#include "h7gang/audit/walk.h"
#include "h7gang/report/report.h"

#define LOG "log.csv"
#define KEY "../key"
#define FILES_MAX 16
#define UNITS 4

static char top[64], why[300], said[4096];
static unsigned nth; /* of the call that fails */

/* --- a folder as it was --- */

static struct {
	char name[256];
	char *bytes;
	size_t length;
} kept[FILES_MAX];
static size_t kept_count;

static void each_file(void (*act)(const char *name))
{
	DIR *folder = opendir(".");
	const struct dirent *entry;

	assert_non_null(folder);
	while ((entry = readdir(folder))) {
		if (entry->d_name[0] != '.')
			act(entry->d_name);
	}
	closedir(folder);
}

static void keep(const char *name)
{
	FILE *file = fopen(name, "r");
	long length;

	assert_non_null(file);
	assert_true(kept_count < FILES_MAX);
	fseek(file, 0, SEEK_END);
	length = ftell(file);
	rewind(file);
	snprintf(kept[kept_count].name, sizeof(kept[0].name), "%s", name);
	kept[kept_count].bytes = malloc((size_t)length + 1);
	assert_non_null(kept[kept_count].bytes);
	kept[kept_count].length = fread(kept[kept_count].bytes, 1, (size_t)length, file);
	fclose(file);
	kept_count++;
}

static void drop(const char *name)
{
	assert_int_equal(remove(name), 0);
}

static void forget(void)
{
	while (kept_count)
		free(kept[--kept_count].bytes);
}

static void restore(void)
{
	each_file(drop);
	for (size_t i = 0; i < kept_count; i++) {
		FILE *file = fopen(kept[i].name, "w");

		assert_non_null(file);
		assert_int_equal(fwrite(kept[i].bytes, 1, kept[i].length, file), kept[i].length);
		fclose(file);
	}
}

/* `act` with the first call failing, then the second one, until no call is left to fail. `act`
 * disarms. */
static void with_each(enum faults_how how, unsigned more, const char *only, void (*act)(void))
{
	unsigned before = faults_open_files();

	for (nth = 1;; nth++) {
		restore();
		faults_arm(how, nth, more, only);
		act();
		if (faults_open_files() != before)
			fail_msg("%s (%u): %d files stay open", faults.where, nth,
				 (int)(faults_open_files() - before));
		if (atomic_load(&faults.calls) < nth)
			break;
	}
	assert_true(nth > 1);
}

static void failed(const char *what)
{
	fail_msg("%s failed (call %u): %s: %s", faults.where, nth, what, why);
}

static void must(bool good, const char *what)
{
	if (!good)
		failed(what);
}

static int setup(void **state)
{
	char id[AUDIT_KEY_ID_SIZE];

	(void)state;
	strcpy(top, "/tmp/faults.XXXXXX");
	if (!mkdtemp(top) || chdir(top) < 0 || audit_key_make("key", id, why, sizeof(why)) < 0)
		return -1;
	return mkdir("room", 0700) < 0 || chdir("room") < 0;
}

static int teardown(void **state)
{
	char command[96];

	(void)state;
	faults_disarm();
	forget();
	snprintf(command, sizeof(command), "rm -rf '%s'", top);
	return chdir("/") < 0 || system(command) != 0;
}

/* --- writing --- */

static struct audit_row sample(const char *unit, const char *lot)
{
	struct audit_row row = {.run_id = "run",
				.unit_id = unit,
				.attempt = 1,
				.attempts_allowed = 1,
				.started_at = "2026-11-22T14:03:12.345Z",
				.finished_at = "2026-11-22T14:04:12.345Z",
				.station = "left",
				.lot = lot,
				.tags = "line=3;a=b",
				.command = "run",
				.slot = "A1",
				.uid = "0123456789abcdef01234567",
				.bootloader_id = AUDIT_NONE,
				.flash_kib = AUDIT_NONE,
				.total_ms = 40000,
				.detail = "a \"quoted\" text, \x01"};

	row.bank[0].bytes = row.bank[1].bytes = AUDIT_NONE;
	return row;
}

static struct audit_log *open_good(const struct audit_options *options)
{
	struct audit_log *log;

	if (audit_open_with(LOG, options, &log, NULL, why, sizeof(why)) != AUDIT_OK)
		fail_msg("%s", why);
	return log;
}

static void add_text(const char *name, const char *text)
{
	FILE *file = fopen(name, "a");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* A sealed log of lot A that a kill has left: two rows, two open attempts, torn lines, fresh files.
 */
static void leave_behind(void)
{
	const struct audit_options options = {.key = KEY, .seal_every = 1};
	struct audit_log *log = open_good(&options);
	struct audit_row row;

	for (int i = 0; i < 4; i++) {
		static const char *const units[] = {"a1", "a2", "open1", "open2"};

		row = sample(units[i], "A");
		assert_int_equal(i < 2 ? audit_append(log, &row, CLOCK_NEVER)
				       : audit_begin(log, &row, CLOCK_NEVER),
				 AUDIT_OK);
	}
	assert_true(audit_close(log));
	add_text(LOG, "3,run,half a row");
	add_text(LOG ".begun", "no mark\nhalf a mark");
	add_text(LOG ".torn", "older, without its end");
	add_text(LOG ".seal", "no seal\nhalf a seal");
	add_text(LOG ".new", "seq");
	add_text(LOG ".begun.new", "seq");
	each_file(keep);
}

static bool begun[UNITS], recorded[UNITS];

static void synced(void *user)
{
	(void)user;
}

/* Takes it over for lot B and writes there, in files of two rows; notes what was reported. */
static void write_on(void)
{
	const struct audit_options options = {
		.key = KEY, .seal_every = 2, .rotate_bytes = 900, .lot = "B", .synced = synced};
	struct audit_log *log;
	struct audit_row row;
	enum audit_status status = audit_open_with(LOG, &options, &log, NULL, why, sizeof(why));

	memset(begun, 0, sizeof(begun));
	memset(recorded, 0, sizeof(recorded));
	if (status != AUDIT_OK) {
		must(!log && why[0], "no reason");
		must(status == AUDIT_IO || status == AUDIT_MEMORY || status == AUDIT_KEY,
		     audit_status_text(status));
		return;
	}
	for (int pass = 0; pass < 2; pass++) {
		for (int i = 0; i < UNITS; i++) {
			static const char *const units[] = {"b1", "b2", "b3", "b4"};

			row = sample(units[i], "B");
			status = pass ? audit_append(log, &row, CLOCK_NEVER)
				      : audit_begin(log, &row, CLOCK_NEVER);
			(pass ? recorded : begun)[i] = status == AUDIT_OK;
			/* A row may be on record and its seal not to be had: then nothing follows.
			 */
			must(status == AUDIT_OK || (!audit_usable(log, why, sizeof(why)) && why[0]),
			     "usable, or without a reason");
		}
	}
	audit_seal(log, CLOCK_NEVER);
	must(audit_close(log), "close");
}

static void hear(void *user, const char *text)
{
	(void)user;
	snprintf(said + strlen(said), sizeof(said) - strlen(said), "%s\n", text);
}

/* Counts a unit's rows over all files of the log; `*aborted` of them are. */
static unsigned rows_of(char *const *files, size_t count, const char *unit, unsigned *aborted)
{
	unsigned rows = 0;

	*aborted = 0;
	for (size_t i = 0; i < count; i++) {
		const struct audit_record *record;
		struct audit_reader *reader;

		assert_int_equal(audit_reader_open(files[i], &reader, why, sizeof(why)), AUDIT_OK);
		while (audit_reader_next(reader, &record) == AUDIT_READ_ROW) {
			if (strcmp(record->field[audit_reader_column(reader, "unit_id")], unit) !=
			    0)
				continue;
			rows++;
			*aborted += strcmp(record->field[audit_reader_column(reader, "result")],
					   "ABORTED") == 0;
		}
		audit_reader_close(reader);
	}
	return rows;
}

static void judge_files(char *const *files, size_t count)
{
	static const char *const units[] = {"b1", "b2", "b3", "b4"};
	struct audit_report_sink sink = {hear, NULL};
	struct audit_key *key = audit_key_load_public(KEY ".pub", why, sizeof(why));
	struct audit_check check;
	unsigned aborted;

	said[0] = '\0';
	assert_non_null(key);
	if (!audit_verify_sealed((const char *const *)files, count, NULL, key, &sink, &check))
		fail_msg("%s failed (call %u): afterwards: %s", faults.where, nth, said);
	audit_key_free(key);
	must(check.open_marks == 0, "marks are left");
	must(rows_of(files, count, "a1", &aborted) == 1, "a row is lost");
	must(rows_of(files, count, "open1", &aborted) == 1 && aborted == 1, "an open attempt");
	must(rows_of(files, count, "open2", &aborted) == 1 && aborted == 1, "an open attempt");
	for (int i = 0; i < UNITS; i++) {
		unsigned rows = rows_of(files, count, units[i], &aborted);

		must(rows <= 1, "a row twice");
		must(rows == 1 || !(begun[i] || recorded[i]), "a row is lost");
		must(!recorded[i] || aborted == 0, "a recorded row is ABORTED");
	}
}

/* The files on disk after the next start. */
static void judge(void)
{
	const struct audit_options options = {.key = KEY};
	char **files;
	size_t count;

	faults_disarm();
	assert_true(audit_close(open_good(&options)));
	assert_int_equal(audit_files(LOG, &files, &count), 0);
	judge_files(files, count);
	audit_files_free(files, count);
}

static void write_and_judge(void)
{
	write_on();
	judge();
}

static void write_all_and_judge(void)
{
	write_on();
	for (int i = 0; i < UNITS; i++)
		must(begun[i] && recorded[i], "not taken");
	judge();
}

static void test_writing(void **state)
{
	(void)state;
	leave_behind();
	with_each(FAULTS_FAIL, 0, NULL, write_and_judge);
}

static void test_writing_to_what_is_gone_for_good(void **state)
{
	static const char *const calls[] = {"pwrite",    "write",     "openat", "fsync",
					    "fdatasync", "ftruncate", "linkat", "unlinkat"};

	(void)state;
	leave_behind();
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		with_each(FAULTS_FAIL, 1u << 30, calls[i], write_and_judge);
	with_each(FAULTS_FAIL, 1u << 30, NULL, write_and_judge);
}

static void test_interruptions_change_nothing(void **state)
{
	(void)state;
	leave_behind();
	with_each(FAULTS_AGAIN, 0, NULL, write_all_and_judge);
}

static void test_half_a_write(void **state)
{
	(void)state;
	leave_behind();
	with_each(FAULTS_SHORT, 0, "write", write_all_and_judge);
	with_each(FAULTS_SHORT, 0, "pwrite", write_and_judge);
	with_each(FAULTS_SHORT, 0, "pread", write_all_and_judge);
	with_each(FAULTS_SHORT, 0, "read", write_all_and_judge);
}

/* File systems without hard links; a lock's other answer; a lock on a deleted file. */
static void test_other_answers(void **state)
{
	struct audit_log *log;

	(void)state;
	leave_behind();
	faults.error = EPERM;
	with_each(FAULTS_FAIL, 1u << 30, "linkat", write_and_judge);
	restore();
	faults_arm(FAULTS_FAIL, 1, 1u << 30, "linkat");
	write_on();
	faults.error = 0;
	for (int i = 0; i < UNITS; i++)
		must(begun[i] && recorded[i], "not taken");
	must(access(LOG ".0002", F_OK) == 0, "not rotated");
	judge();

	restore();
	faults.error = EACCES;
	faults_arm(FAULTS_FAIL, 1, 0, "fcntl");
	assert_int_equal(audit_open(LOG, &log, NULL, why, sizeof(why)), AUDIT_LOCKED);
	faults_disarm();
	faults.error = 0;
}

/* --- judging --- */

static const char *const the_log[] = {LOG};
static struct audit_key *public_key;
static bool good;                /* the expected answer */
static struct audit_check truth; /* likewise */

static void verify_once(void)
{
	struct audit_report_sink sink = {hear, NULL};
	struct audit_check check;
	bool intact;

	said[0] = '\0';
	intact = audit_verify_sealed(the_log, 1, NULL, public_key, &sink, &check);
	faults_disarm();
	must(!intact || good, "intact, which it is not");
	must(intact || said[0], "no finding");
	if (!intact)
		return;
	must(check.rows == truth.rows && check.open_marks == truth.open_marks &&
		     check.seals == truth.seals && check.sealed_seq == truth.sealed_seq,
	     "miscounted");
}

static void verify_each(const char *command)
{
	struct audit_report_sink sink = {hear, NULL};

	if (system(command) != 0)
		fail_msg("%s", command);
	forget();
	each_file(keep);
	said[0] = '\0';
	assert_int_equal(audit_verify_sealed(the_log, 1, NULL, public_key, &sink, &truth), good);
	with_each(FAULTS_FAIL, 0, NULL, verify_once);
}

static void test_judging(void **state)
{
	const struct audit_options options = {.key = KEY};

	(void)state;
	leave_behind();
	assert_true(audit_close(open_good(&options)));
	public_key = audit_key_load_public(KEY ".pub", why, sizeof(why));
	assert_non_null(public_key);
	good = true;
	verify_each("cp " LOG " good.csv");
	good = false;
	verify_each("sed 3d good.csv >" LOG);
	verify_each("sed '3{h;d};4G' good.csv >" LOG);
	verify_each("sed 3p good.csv >" LOG);
	verify_each("sed 's/left/LEFT/' good.csv >" LOG);
	verify_each("head -n 2 good.csv >" LOG);
	verify_each("(cat good.csv; printf half) >" LOG);
	audit_key_free(public_key);
}

/* --- reading --- */

/* Everything that readers offer, over a log of four rows. */
static void read_once(void)
{
	const struct audit_record *record;
	struct audit_reader *reader;
	enum audit_read kind = AUDIT_READ_END;
	unsigned rows = 0;

	why[0] = '\0';
	if (audit_reader_open(LOG, &reader, why, sizeof(why)) == AUDIT_OK) {
		while ((kind = audit_reader_next(reader, &record)) == AUDIT_READ_ROW)
			rows++;
		if (kind == AUDIT_READ_ERROR)
			snprintf(why, sizeof(why), "%s", audit_reader_why(reader));
		audit_reader_close(reader);
	}
	faults_disarm();
	must((rows == 4 && kind == AUDIT_READ_END) || why[0], "rows are missing, untold");
}

static void walk_once(void)
{
	const struct audit_record *record;
	enum audit_read kind = AUDIT_READ_END;
	struct audit_walk *walk;
	unsigned rows = 0;

	why[0] = '\0';
	if (audit_walk_open(LOG, &walk, why, sizeof(why)) == AUDIT_OK) {
		while ((kind = audit_walk_next(walk, &record)) == AUDIT_READ_ROW)
			must(audit_walk_link(walk)->seq == ++rows, "a row's number");
		if (kind != AUDIT_READ_END) {
			must(kind == AUDIT_READ_ERROR, "a good row is called bad");
			snprintf(why, sizeof(why), "%s", audit_walk_why(walk));
		}
		audit_walk_close(walk);
	} else {
		must(!walk, "half a walk");
	}
	faults_disarm();
	must((rows == 4 && kind == AUDIT_READ_END) || why[0], "rows are missing, untold");
}

static void count_once(void)
{
	const struct report_options options = {.time_zone = "UTC", .shifts = "06:00,18:00"};
	struct report_collector *collector;
	const struct report *report = NULL;
	const struct audit_record *record;
	struct audit_reader *reader;
	struct report_map map;
	struct report_row row;
	bool counted = true;
	unsigned calls;

	faults_disarm();
	assert_int_equal(audit_reader_open(LOG, &reader, why, sizeof(why)), AUDIT_OK);
	report_map_reader(&map, reader);
	faults_arm(FAULTS_FAIL, nth, 0, NULL);
	collector = report_new(&options, why, sizeof(why));
	while (collector && counted) {
		faults.armed = false;
		if (audit_reader_next(reader, &record) != AUDIT_READ_ROW)
			break;
		faults.armed = true;
		report_row_take(&row, &map, record, 0);
		counted = report_row(collector, &row);
	}
	faults.armed = true;
	if (collector && counted)
		report = report_sum(collector, NULL, 0);
	calls = faults_disarm();
	must(!report == (calls >= nth), "a failure, and a sum");
	if (report) {
		assert_int_equal(report->rows, 4);
		assert_int_equal(report->all.units_passed, 2);
		assert_int_equal(report->all.aborted, 2);
		assert_int_equal(report->cycle.count, 2);
		assert_int_equal(report->by[BY_LINE].count, 1);
		assert_string_equal(report->by[BY_LINE].group[0].name, "3");
		assert_int_equal((int)report->cycle.at[3], 40000);
	}
	report_free(collector);
	audit_reader_close(reader);
}

static void list_once(void)
{
	char **files;
	size_t count;
	int rc = audit_files(LOG, &files, &count);

	faults_disarm();
	must(rc < 0 ? !files && count == 0 : count == 3, "a list that is not whole");
	if (rc == 0)
		assert_string_equal(files[2], LOG);
	audit_files_free(files, count);
}

static void test_reading(void **state)
{
	const struct audit_options options = {.key = KEY};

	(void)state;
	leave_behind();
	assert_true(audit_close(open_good(&options)));
	forget();
	each_file(keep);
	with_each(FAULTS_FAIL, 0, NULL, read_once);
	with_each(FAULTS_FAIL, 0, NULL, walk_once);
	with_each(FAULTS_FAIL, 0, NULL, count_once);
	add_text(LOG ".0001", "");
	add_text(LOG ".0002", "");
	forget();
	each_file(keep);
	with_each(FAULTS_FAIL, 0, NULL, list_once);
}

/* --- keys and seals --- */

static void make_key_once(void)
{
	char id[AUDIT_KEY_ID_SIZE];
	int rc;

	why[0] = '\0';
	rc = audit_key_make("fresh", id, why, sizeof(why));
	faults_disarm();
	must(rc == 0 || why[0], "no reason");
	must((access("fresh", F_OK) == 0) == (access("fresh.pub", F_OK) == 0), "half a pair");
	must(rc < 0 || access("fresh", F_OK) == 0, "no key");
}

static void load_key_once(void)
{
	struct audit_key *key, *public;
	unsigned char signature[AUDIT_SIGNATURE_SIZE];
	int rc, verifies;

	why[0] = '\0';
	key = audit_key_load(KEY, why, sizeof(why));
	must(key || why[0], "no reason");
	why[0] = '\0';
	public = audit_key_load_public(KEY ".pub", why, sizeof(why));
	must(public || why[0], "no reason");
	if (key && public) {
		rc = audit_key_sign(key, "text", 4, signature);
		verifies = rc == 0 ? audit_key_verifies(public, "text", 4, signature) : -1;
		must(verifies != 0, "a good signature is called forged");
		if (verifies > 0)
			must(audit_key_verifies(public, "TEXT", 4, signature) != 1, "forged");
	}
	audit_key_free(key);
	audit_key_free(public);
	faults_disarm();
}

static struct audit_key *private_key;

static void seal_once(void)
{
	struct audit_report_sink sink = {hear, NULL};
	struct audit_check check;
	enum audit_status status;

	said[0] = why[0] = '\0';
	status = audit_seal_files(the_log, 1, NULL, private_key, &sink, &check, why, sizeof(why));
	faults_disarm();
	must(status == AUDIT_OK || why[0] || said[0], "no reason");
	/* With any result, earlier seals still hold. */
	must(audit_verify_sealed(the_log, 1, NULL, public_key, &sink, &check), said);
	must(check.sealed_seq == (status == AUDIT_OK ? 4 : 2) || status != AUDIT_OK, "not sealed");
}

static void test_keys(void **state)
{
	const struct audit_options options = {.key = KEY};

	(void)state;
	with_each(FAULTS_FAIL, 0, NULL, make_key_once);
	with_each(FAULTS_AGAIN, 0, NULL, make_key_once);
	with_each(FAULTS_FAIL, 0, NULL, load_key_once);
	leave_behind();
	assert_true(audit_close(open_good(&options)));
	forget();
	each_file(keep);
	private_key = audit_key_load(KEY, why, sizeof(why));
	public_key = audit_key_load_public(KEY ".pub", why, sizeof(why));
	assert_non_null(private_key);
	assert_non_null(public_key);
	with_each(FAULTS_FAIL, 0, NULL, seal_once);
	audit_key_free(private_key);
	audit_key_free(public_key);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_writing),
		TEST(test_writing_to_what_is_gone_for_good),
		TEST(test_interruptions_change_nothing),
		TEST(test_half_a_write),
		TEST(test_other_answers),
		TEST(test_judging),
		TEST(test_reading),
		TEST(test_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
