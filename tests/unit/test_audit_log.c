/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing, recovering and verifying a log. */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "audit/log.h"
#include "h7gang/audit/audit.h"
#include "h7gang/audit/key.h"
#include "h7gang/audit/overrides.h"
#include "h7gang/audit/read.h"
#include "h7gang/base/clock.h"

#define LOG "log.csv"
#define BIG 65536

static char top[64], why[300], said[4096];

static int setup(void **state)
{
	(void)state;
	strcpy(top, "/tmp/audit.XXXXXX");
	return !mkdtemp(top) || chdir(top) < 0;
}

static int teardown(void **state)
{
	char command[96];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", top);
	return chdir("/") < 0 || system(command) != 0;
}

/* --- helpers --- */

static struct audit_row sample(const char *unit)
{
	struct audit_row row = {.run_id = "run",
				.unit_id = unit,
				.attempt = 1,
				.attempts_allowed = 2,
				.started_at = "2026-11-22T14:03:12.345Z",
				.finished_at = "2026-11-22T14:04:12.345Z",
				.command = "run",
				.slot = "A,1",
				.uid = "0123456789abcdef01234567",
				.bootloader_id = 0x90,
				.flash_kib = 2048,
				.erase_method = "sectors",
				.blank_ms = AUDIT_NONE,
				.result = AUDIT_PASS};

	row.bank[0].result = AUDIT_BANK_PASS;
	row.bank[1].bytes = AUDIT_NONE;
	return row;
}

static struct audit_log *open_log(unsigned expected)
{
	struct audit_log *log;
	unsigned recovered = 99;

	if (audit_open(LOG, &log, &recovered, why, sizeof(why)) != AUDIT_OK)
		fail_msg("%s", why);
	assert_int_equal(recovered, expected);
	return log;
}

static void append(struct audit_log *log, const char *unit)
{
	struct audit_row row = sample(unit);

	assert_int_equal(audit_append(log, &row, CLOCK_NEVER), AUDIT_OK);
}

static void make_log(int rows)
{
	struct audit_log *log = open_log(0);
	char unit[16];

	for (int i = 1; i <= rows; i++) {
		snprintf(unit, sizeof(unit), "u%d", i);
		append(log, unit);
	}
	assert_true(audit_close(log));
}

static size_t load(const char *path, char *bytes)
{
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, bytes, BIG);

	assert_true(n >= 0);
	close(fd);
	return (size_t)n;
}

static void store(const char *path, const char *bytes, size_t length)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_int_equal(write(fd, bytes, length), length);
	close(fd);
}

static void hear(void *user, const char *text)
{
	(void)user;
	strncat(said, text, sizeof(said) - strlen(said) - 2);
	strcat(said, "\n");
}

static bool verify2(const char *one, const char *two, const char *follows,
		    struct audit_check *check)
{
	const char *paths[] = {one, two};
	struct audit_report_sink sink = {hear, NULL};

	said[0] = '\0';
	return audit_verify(paths, two ? 2 : 1, follows, &sink, check);
}

static void shell(const char *command)
{
	assert_int_equal(system(command), 0);
}

/* The log after `command` is not intact, for this reason, and is not continued. */
static void broken(const char *command, const char *finding)
{
	struct audit_check check;
	struct audit_log *log;
	enum audit_status status;

	shell("cp good.csv " LOG);
	shell(command);
	assert_false(verify2(LOG, NULL, NULL, &check));
	if (!strstr(said, finding))
		fail_msg("%s: said: %s", command, said);
	status = audit_open(LOG, &log, NULL, why, sizeof(why));
	if (status != AUDIT_DAMAGED && status != AUDIT_HEADER)
		fail_msg("%s: opened as %d", command, status);
}

/* --- tests --- */

static void test_write_and_verify(void **state)
{
	struct audit_check check;
	struct audit_head head;
	struct audit_log *log;
	struct stat st;

	(void)state;
	make_log(3);
	log = open_log(0);
	append(log, "u4");
	audit_head(log, &head);
	assert_int_equal(head.seq, 4);
	assert_true(verify2(LOG, NULL, NULL, &check)); /* and does not cost us the lock: */
	assert_true(check.being_written);
	assert_int_equal(audit_open(LOG, &(struct audit_log *){NULL}, NULL, why, sizeof(why)),
			 AUDIT_LOCKED);
	assert_true(audit_close(log));
	assert_true(verify2(LOG, NULL, NULL, &check));
	assert_int_equal(check.rows, 4);
	assert_string_equal(check.head.row_hash, head.row_hash);
	assert_false(check.being_written);
	assert_string_equal(said, "");
	assert_int_equal(stat(LOG, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
}

static void test_every_flip_is_found(void **state)
{
	char bytes[BIG];
	struct audit_check check;
	size_t length;

	(void)state;
	make_log(3);
	length = load(LOG, bytes);
	for (size_t i = 0; i < length; i++) {
		static const char flips[] = {1, 0x20, (char)0x80};

		for (size_t k = 0; k < sizeof(flips); k++) {
			bytes[i] = (char)(bytes[i] ^ flips[k]);
			store("flip.csv", bytes, length);
			if (verify2("flip.csv", NULL, NULL, &check))
				fail_msg("byte %zu flipped by %d was not found", i, flips[k]);
			assert_true(said[0] != '\0');
			bytes[i] = (char)(bytes[i] ^ flips[k]);
		}
	}
}

static void test_findings(void **state)
{
	(void)state;
	make_log(6);
	shell("mv " LOG " good.csv");
	broken("sed -i '4s/sectors/Sectors/' log.csv", "log.csv:4: row 3 is changed");
	broken("sed -i '4d' log.csv", "log.csv:4: row 3 is missing: this line has row 4");
	broken("sed -i '4,5d' log.csv", "the rows to 4 are missing");
	broken("sed -i '2d' log.csv", "log.csv:2: row 1 is missing");
	broken("sed -i '4p' log.csv", "log.csv:5: row 3 is doubled: it stands at log.csv:4");
	broken("sed -i '4{h;d};5G' log.csv", "log.csv:4: row 3 is reordered");
	broken("sed -i '4s/,[^,]*,[^,]*$//' log.csv", "log.csv:4: row 3 is cut");
	broken("sed -i 's/$/\\r/' log.csv", "CR LF");
	broken("sed -i '4s/$/\\r/' log.csv", "CR LF");
	broken("sed -i '1s/^/\\xef\\xbb\\xbf/' log.csv", "byte-order mark");
	broken("sed -i '4s/^/\\n/' log.csv", "log.csv:4: row 3 is changed: an empty line");
	broken("printf '\\n' >>log.csv", "log.csv:8: row 7 is changed: an empty line");
	broken("sed -i '4s/run/r\\xfcn/' log.csv", "log.csv:4: row 3 is changed");
	broken("cat good.csv >>log.csv", "log.csv:8: row 7 is changed: a second header");
	broken("tail -n +4 good.csv >>log.csv", "log.csv:8: row 3 is doubled");
	broken("sed -i '4s/^3,/7,/' log.csv", "log.csv:4: row 3 is changed");
	broken("(cat good.csv; head -c 9000 /dev/zero | tr '\\0' a; echo) >log.csv",
	       "longer than a row");
	broken("(cat good.csv; head -c 1048577 /dev/zero) >log.csv", "longer than a row");
	broken("sed -i 's/,sectors,/,\"sectors\",/' log.csv", "log.csv:2: row 1 is changed");
	broken("sed -i '1s/seq/seQ/' log.csv", "log.csv:1: the first line");
	broken("echo hello >log.csv", "log.csv:1: the first line");
	broken("printf hello >log.csv", "log.csv:1: the first line");
}

static void test_rotated_files(void **state)
{
	struct audit_check check;
	char hash[65], bytes[BIG];
	size_t length;

	(void)state;
	make_log(6);
	shell("head -n 4 log.csv >a.csv; (head -n 1 log.csv; tail -n 3 log.csv) >b.csv");
	assert_true(verify2("a.csv", "b.csv", NULL, &check));
	assert_int_equal(check.rows, 6);
	assert_int_equal(check.head.seq, 6);
	assert_false(verify2("b.csv", "a.csv", NULL, &check));
	assert_false(verify2("b.csv", NULL, NULL, &check));
	assert_non_null(strstr(said, "b.csv:2: row 1 is missing"));
	length = load("a.csv", bytes);
	memcpy(hash, bytes + length - 65, 64);
	hash[64] = '\0';
	assert_true(verify2("b.csv", NULL, hash, &check));
	assert_int_equal(check.head.seq, 6);
	hash[0] = hash[0] == '0' ? '1' : '0';
	assert_false(verify2("b.csv", NULL, hash, &check));
	assert_false(verify2("b.csv", NULL, "xyz", &check));
	assert_false(verify2("none.csv", NULL, NULL, &check));
}

static void test_torn_line(void **state)
{
	struct audit_check check;
	char bytes[BIG];
	size_t length;

	(void)state;
	make_log(2);
	shell("printf '3,run,u3,\\000\\377half' >>log.csv; echo older >log.csv.torn");
	assert_false(verify2(LOG, NULL, NULL, &check));
	assert_true(check.torn);
	assert_int_equal(check.rows, 2);
	assert_non_null(strstr(said, "log.csv:4: row 3 is cut"));
	assert_true(audit_close(open_log(0)));
	assert_true(verify2(LOG, NULL, NULL, &check));
	length = load("log.csv.torn", bytes);
	assert_int_equal(length, 6 + 16);
	assert_memory_equal(bytes, "older\n3,run,u3,\0\377half\n", length);

	/* A power cut may leave zeros in the place of all the rows that waited for one sync.
	 */
	shell("head -c 1048576 /dev/zero >>log.csv; rm log.csv.torn");
	assert_false(verify2(LOG, NULL, NULL, &check));
	assert_true(check.torn);
	assert_non_null(
		strstr(said, "log.csv:4: row 3 is cut: its line has no end (torn, 1048576 bytes)"));
	assert_true(audit_close(open_log(0)));
	assert_true(verify2(LOG, NULL, NULL, &check));
	assert_int_equal(check.rows, 2);
	shell("test $(stat -c %s log.csv.torn) = 1048577");

	/* A header cut off by a kill, and a file just made. */
	shell("printf 'seq,run_i' >log.csv");
	make_log(1);
	assert_true(verify2(LOG, NULL, NULL, &check));
	shell(": >log.csv");
	assert_false(verify2(LOG, NULL, NULL, &check));
	make_log(1);
	assert_true(verify2(LOG, NULL, NULL, &check));
}

/* A killed process: begun, not appended. */
static void leave_open(const char *const *units, int count)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		struct audit_log *log;
		int bad = audit_open(LOG, &log, NULL, why, sizeof(why)) != AUDIT_OK;

		for (int i = 0; i < count && !bad; i++) {
			struct audit_row row = sample(units[i]);

			row.detail = "erasing";
			row.finished_at[0] = '\0';
			bad = audit_begin(log, &row, CLOCK_NEVER) != AUDIT_OK;
		}
		_exit(bad);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static const char *column(const struct audit_record *record, struct audit_reader *reader,
			  const char *name)
{
	return record->field[audit_reader_column(reader, name)];
}

static void test_marks_become_rows(void **state)
{
	static const char *const units[] = {"a", "b", "c"};
	const struct audit_record *record;
	struct audit_reader *reader;
	struct audit_check check;
	struct audit_log *log;

	(void)state;
	make_log(1);
	leave_open(units, 3);
	shell("echo garbage >>log.csv.begun; printf 'half a mark' >>log.csv.begun");
	assert_true(verify2(LOG, NULL, NULL, &check));
	assert_int_equal(check.open_marks, 3);
	assert_non_null(strstr(said, "unit_id=b"));
	assert_non_null(strstr(said, "log.csv.begun:4: not a readable mark"));
	log = open_log(3);
	assert_non_null(strstr(audit_notice(log), "2 unreadable lines"));
	assert_int_equal(access("log.csv.begun", F_OK), -1);
	shell("grep -qx garbage log.csv.torn && grep -qx 'half a mark' log.csv.torn");
	assert_true(audit_close(log));
	assert_true(verify2(LOG, NULL, NULL, &check));
	assert_int_equal(check.rows, 4);
	assert_int_equal(check.open_marks, 0);

	assert_int_equal(audit_reader_open(LOG, &reader, why, sizeof(why)), AUDIT_OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(audit_reader_next(reader, &record), AUDIT_READ_ROW);
	assert_string_equal(column(record, reader, "unit_id"), "b"); /* in the order begun */
	assert_string_equal(column(record, reader, "result"), "ABORTED");
	assert_string_equal(column(record, reader, "error"), "aborted");
	assert_string_equal(column(record, reader, "slot"), "A,1");
	assert_string_equal(column(record, reader, "uid"), "0123456789abcdef01234567");
	assert_string_equal(column(record, reader, "started_at"), "2026-11-22T14:03:12.345Z");
	assert_int_equal(strlen(column(record, reader, "finished_at")), 24);
	assert_non_null(strstr(column(record, reader, "detail"), "found open in log.csv.begun"));
	assert_non_null(strstr(column(record, reader, "detail"), "erasing"));
	assert_int_equal(audit_reader_column(reader, "nonsense"), -1);
	audit_reader_close(reader);
}

/* Bytes behind a NUL are part of the mark, too. */
static void test_mark_with_a_nul(void **state)
{
	static const char *const units[] = {"a"};
	struct audit_check check;
	struct audit_log *log;

	(void)state;
	make_log(1);
	leave_open(units, 1);
	shell("{ head -c -65 log.csv.begun; printf '\\0one more,'; } >body");
	shell("{ cat body; sha256sum <body | head -c 64; echo; } >log.csv.begun");
	assert_true(verify2(LOG, NULL, NULL, &check));
	assert_int_equal(check.open_marks, 0);
	assert_non_null(strstr(said, "log.csv.begun:1: not a readable mark"));
	log = open_log(0);
	assert_non_null(strstr(audit_notice(log), "1 unreadable lines"));
	assert_true(audit_close(log));
	shell("test $(wc -l <log.csv.torn) = 1");
	assert_true(verify2(LOG, NULL, NULL, &check));
	assert_int_equal(check.rows, 1);
}

static void test_marks_are_lifted(void **state)
{
	struct audit_row one = sample("one"), two = sample("two");
	struct audit_log *log = open_log(0);
	struct audit_check check;

	(void)state;
	assert_int_equal(audit_begin(log, &one, CLOCK_NEVER), AUDIT_OK);
	assert_int_equal(audit_begin(log, &two, CLOCK_NEVER), AUDIT_OK);
	assert_int_equal(audit_append(log, &one, CLOCK_NEVER), AUDIT_OK);
	assert_true(verify2(LOG, NULL, NULL, &check));
	assert_int_equal(check.open_marks, 1);
	assert_int_equal(audit_append(log, &two, CLOCK_NEVER), AUDIT_OK);
	assert_int_equal(access("log.csv.begun", F_OK), -1);
	assert_true(audit_close(log));
	assert_true(audit_close(open_log(0)));
}

/* A mark proves that its bytes are whole, not that h7gang wrote it. With any claim of the mark, the
 * row says ABORTED, and only has values that an attempt can have before it touches flash. */
static void test_forged_mark(void **state)
{
	static const char *const units[] = {"a"};
	static const char *const forgeries[] = {
		"s/,ABORTED,aborted,/,PASS,,/",
		"s/,ABORTED,aborted,/,FAIL,verify_mismatch,/",
		"s/,ABORTED,aborted,/,PASS,,/; s/,run,/,verify,/",
		"s/,ABORTED,aborted,/,PASS,,/; s/,run,/,rework,/",
		"s/,PASS,0,/,FAIL,77,/",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(forgeries) / sizeof(forgeries[0]); i++) {
		struct audit_check check;
		unsigned recovered;
		struct audit_log *log;
		char command[300];

		shell("rm -f log.csv*");
		make_log(1);
		leave_open(units, 1);
		snprintf(command, sizeof(command),
			 "head -c -65 log.csv.begun | sed '%s' >body; "
			 "{ cat body; sha256sum <body | head -c 64; echo; } >log.csv.begun",
			 forgeries[i]);
		shell(command);
		assert_int_equal(audit_open(LOG, &log, &recovered, why, sizeof(why)), AUDIT_OK);
		assert_true(audit_close(log));
		shell("test $(wc -l <log.csv) = $((2 + $(grep -c ABORTED,aborted log.csv)))");
		shell("! tail -n +3 log.csv | grep -E 'PASS|FAIL|,77,|,ok,'");
		assert_true(verify2(LOG, NULL, NULL, &check));
		/* One of another command is no mark; it is kept. */
		assert_int_equal(recovered, i == 2 ? 0 : 1);
		assert_int_equal(access("log.csv.torn", F_OK), i == 2 ? 0 : -1);
	}
}

/* Another program changes FILE.begun while attempts are open: this is noticed without a further
 * row, no further attempt begins, and a kill leaves a row for each. */
static void test_marks_taken_away(void **state)
{
	static const char *const acts[] = {
		"rm log.csv.begun",
		"mv log.csv.begun away",
		": >log.csv.begun",
		"cp log.csv.begun copy; mv copy log.csv.begun",
		"ln -sf away log.csv.begun",
		"sed -i s/ABORTED/aborted/ log.csv.begun",
		"printf 'x%.0s' 1 | dd of=log.csv.begun conv=notrunc status=none",
		"rm log.csv.begun; mkdir log.csv.begun",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		pid_t pid;
		int status;

		shell("rm -rf log.csv*");
		pid = fork();
		if (pid == 0) {
			struct audit_row one = sample("one"), two = sample("two");
			struct audit_log *log;
			bool noticed = false;

			if (audit_open(LOG, &log, NULL, why, sizeof(why)) != AUDIT_OK ||
			    audit_begin(log, &one, CLOCK_NEVER) != AUDIT_OK ||
			    audit_begin(log, &two, CLOCK_NEVER) != AUDIT_OK || system(acts[i]) != 0)
				_exit(1);
			for (int k = 0; k < 100 && !noticed; k++) {
				usleep(50000);
				noticed = !audit_usable(log, why, sizeof(why));
			}
			_exit(!noticed ? 2 : strstr(why, "log.csv.begun: ") ? 0 : 3);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (status != 0)
			fail_msg("%s: %d", acts[i], WEXITSTATUS(status));
		shell("rm -rf log.csv.begun.new; rmdir log.csv.begun 2>/dev/null || true");
		if (i + 1 < sizeof(acts) / sizeof(acts[0]))
			assert_true(audit_close(open_log(2)));
	}
}

static void test_symlinks(void **state)
{
	struct audit_row row = sample("u");
	struct audit_log *log;

	(void)state;
	shell("ln -s victim log.csv");
	assert_int_equal(audit_open(LOG, &log, NULL, why, sizeof(why)), AUDIT_IO);
	assert_non_null(strstr(why, "symbolic link"));
	shell("rm log.csv; ln -s victim log.csv.begun");
	assert_int_equal(audit_open(LOG, &log, NULL, why, sizeof(why)), AUDIT_IO);
	shell("rm log.csv.begun");
	log = open_log(0);
	shell("ln -s victim log.csv.begun");
	assert_int_equal(audit_begin(log, &row, CLOCK_NEVER), AUDIT_IO);
	assert_true(audit_close(log));
	shell("rm log.csv.begun; printf x >>log.csv; ln -s victim log.csv.torn");
	assert_int_equal(audit_open(LOG, &log, NULL, why, sizeof(why)), AUDIT_IO);
	assert_int_equal(access("victim", F_OK), -1);
	assert_int_equal(audit_open("/dev/null", &log, NULL, why, sizeof(why)), AUDIT_IO);
	assert_int_equal(audit_open("/proc/none/log.csv", &log, NULL, why, sizeof(why)), AUDIT_IO);
}

static void breaks(const char *command)
{
	struct audit_log *log = open_log(0);
	struct audit_row row = sample("late");

	append(log, "first");
	shell(command);
	assert_int_equal(audit_append(log, &row, CLOCK_NEVER), AUDIT_IO);
	assert_false(audit_usable(log, why, sizeof(why)));
	assert_non_null(strstr(why, "another program"));
	assert_int_equal(audit_begin(log, &row, CLOCK_NEVER), AUDIT_IO);
	assert_true(audit_close(log));
	shell("rm -f log.csv* moved.csv");
}

static void test_log_taken_away(void **state)
{
	(void)state;
	breaks("rm log.csv");
	breaks("mv log.csv moved.csv");
	breaks("cp log.csv moved.csv; mv moved.csv log.csv");
	breaks("echo more >>log.csv");
	breaks(": >log.csv");
	/* The same file with the same size, but another last row. */
	breaks("tail -c 65 log.csv | tr 0-9a-f 1-9a-f0 >hash; "
	       "dd if=hash of=log.csv bs=1 seek=$(($(stat -c %s log.csv) - 65)) conv=notrunc "
	       "status=none");
}

static void test_contradictions(void **state)
{
	struct audit_row row;
	struct audit_log *log;

	(void)state;
	for (int i = 0; i < 5; i++) {
		row = sample("u");
		if (i == 0)
			row.error = H7_VERIFY_MISMATCH;
		if (i == 1)
			row.result = AUDIT_FAIL;
		if (i == 2)
			row.bank[1].result = AUDIT_BANK_UNREACHED;
		if (i == 3)
			memset(row.bank[0].expected_sha256, 'a', 64);
		if (i == 4)
			row.uid = "not hex";
		log = open_log(0);
		assert_int_equal(audit_append(log, &row, CLOCK_NEVER), AUDIT_INVALID);
		assert_false(audit_usable(log, NULL, 0));
		assert_true(audit_close(log));
	}
}

/* An event of the station: in the chain, without a result, and with the text that it must have. */
static void test_note(void **state)
{
	const struct audit_event event = {.run_id = "run",
					  .station = "S",
					  .slot = "A1",
					  .text = "slot A1 blocked,\x1b by \"Zoë\""};
	const struct audit_event without = {.run_id = "run"};
	struct audit_log *log = open_log(0);
	struct audit_reader *reader;
	const struct audit_record *record;

	(void)state;
	append(log, "u1");
	assert_int_equal(audit_note(log, &event, CLOCK_NEVER), AUDIT_OK);
	append(log, "u2");
	assert_true(audit_close(log));
	assert_int_equal(audit_reader_open(LOG, &reader, why, sizeof(why)), AUDIT_OK);
	assert_int_equal(audit_reader_next(reader, &record), AUDIT_READ_ROW);
	assert_int_equal(audit_reader_next(reader, &record), AUDIT_READ_ROW);
	assert_string_equal(record->field[audit_reader_column(reader, "command")], "note");
	assert_string_equal(record->field[audit_reader_column(reader, "detail")], event.text);
	assert_string_equal(record->field[audit_reader_column(reader, "slot")], "A1");
	assert_int_equal(strlen(record->field[audit_reader_column(reader, "finished_at")]), 24);
	for (const char *const *name = (const char *const[]){"attempt", "result", "error",
							     "bank1_result", "uid", NULL};
	     *name; name++)
		assert_string_equal(record->field[audit_reader_column(reader, *name)], "");
	audit_reader_close(reader);
	log = open_log(0);
	assert_int_equal(audit_note(log, &without, CLOCK_NEVER), AUDIT_INVALID);
	audit_close(log);
}

/* The column `overrides`: names in their order, also with unknown ones in the set. */
static void test_overrides(void **state)
{
	char text[AUDIT_OVERRIDES_SIZE];

	(void)state;
	audit_overrides_text(0, text);
	assert_string_equal(text, "");
	audit_overrides_text(AUDIT_OVERRIDE_CLOCK | AUDIT_OVERRIDE_UNIDENTIFIED, text);
	assert_string_equal(text, "unidentified+clock");
	audit_overrides_text(~0u, text);
	assert_string_equal(text, "unidentified+resident+start_check+clock+offline_start");
}

/* --- rows that wait together --- */

#define THREADS 8

static struct {
	struct audit_log *log;
	atomic_uint entered; /* threads that append */
	atomic_bool held;    /* the writer is, or was */
	bool queued;         /* at least two rows then waited for it */
} together;

static void *append_one(void *arg)
{
	struct audit_row row = sample("unit");

	(void)arg;
	atomic_fetch_add(&together.entered, 1);
	return audit_append(together.log, &row, CLOCK_NEVER) == AUDIT_OK ? NULL : &together;
}

static bool rows_wait(struct audit_log *log)
{
	bool wait;

	pthread_mutex_lock(&log->mutex);
	wait = log->first != log->last;
	pthread_mutex_unlock(&log->mutex);
	return wait && atomic_load(&together.entered) == THREADS;
}

/* After the first row the writer waits here until others are in its queue. */
static void hold_writer(void *user)
{
	int64_t deadline = clock_after_ms(60000);

	(void)user;
	if (atomic_exchange(&together.held, true))
		return;
	while (!together.queued && clock_now() < deadline) {
		together.queued = rows_wait(together.log);
		clock_sleep_until(clock_after_ms(1));
	}
}

static void test_each_row_has_its_seal(void **state)
{
	const struct audit_options options = {.key = "key", .seal_every = 1, .synced = hold_writer};
	char id[AUDIT_KEY_ID_SIZE], seals[BIG];
	int64_t deadline = clock_after_ms(60000);
	pthread_t thread[THREADS];
	size_t length, lines = 0;
	void *failed;

	(void)state;
	assert_int_equal(audit_key_make("key", id, why, sizeof(why)), 0);
	assert_int_equal(audit_open_with(LOG, &options, &together.log, NULL, why, sizeof(why)),
			 AUDIT_OK);
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_create(&thread[i], NULL, append_one, NULL), 0);
		while (!atomic_load(&together.held) && clock_now() < deadline) /* by the first */
			clock_sleep_until(clock_after_ms(1));
	}
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(thread[i], &failed), 0);
		assert_null(failed);
	}
	assert_true(audit_close(together.log));
	assert_true(together.queued);
	length = load(LOG ".seal", seals);
	for (size_t i = 0; i < length; i++)
		lines += seals[i] == '\n';
	assert_true(lines >= THREADS); /* one of them may be the last one of closing */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_write_and_verify),
		TEST(test_every_flip_is_found),
		TEST(test_findings),
		TEST(test_rotated_files),
		TEST(test_torn_line),
		TEST(test_marks_become_rows),
		TEST(test_mark_with_a_nul),
		TEST(test_marks_are_lifted),
		TEST(test_forged_mark),
		TEST(test_marks_taken_away),
		TEST(test_symlinks),
		TEST(test_log_taken_away),
		TEST(test_contradictions),
		TEST(test_note),
		TEST(test_each_row_has_its_seal),
		cmocka_unit_test(test_overrides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
