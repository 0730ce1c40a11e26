/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes, recovers and judges a log through the public interface, for the tests that kill it.
 *
 * - audit_driver run LOG DIARY RUN UNITS THREADS DEADLINE_MS [PAD]: each unit is begun and
 * appended; every third of a thread is only begun. The diary, written past the audit room, gets
 * "begin RUN UNIT", "begun", "append" and "recorded" as they happen. PAD bytes of text make the
 * rows long. Exit 0; 4 once the log takes no more.
 * - audit_driver open LOG: opens and closes it: recovery alone. Exit 0 or 4.
 *   DRIVER_ROTATE=BYTES in the environment: goes on in a new file at that size.
 * - audit_driver verify LOG...: exit 0 or 1, as `h7gang audit verify`.
 * - audit_driver judge LOG DIARY: no row that was recorded is lost, none is invented, none is
 *   doubled, each attempt begun has its row. Exit 0 or 1. */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "h7gang/audit/audit.h"
#include "h7gang/audit/read.h"
#include "h7gang/base/sha256.h"

#define UNITS_MAX 100000

static struct {
	struct audit_log *log;
	const char *run;
	unsigned units, threads;
	int64_t deadline_ms;
	int diary;
	char pad[AUDIT_TEXT_MAX + 1];
} job;

static void note(const char *what, const char *unit)
{
	char line[128];
	int n = snprintf(line, sizeof(line), "%s %s %s\n", what, job.run, unit);

	if (write(job.diary, line, (size_t)n) != n)
		abort();
}

static void fill(struct audit_row *row, const char *unit, bool pass)
{
	static const char hash[] =
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

	*row = (struct audit_row){.run_id = job.run,
				  .unit_id = unit,
				  .attempt = 1,
				  .attempts_allowed = 2,
				  .started_at = "2026-11-22T14:03:12.345Z",
				  .finished_at = "2026-11-22T14:02:12.345Z",
				  .station = "bench \"one\", left",
				  .operator_name = "=Zo\xc3\xab",
				  .lot = "L1",
				  .tags = job.pad,
				  .command = "run",
				  .profile = "controller-a",
				  .profile_sha256 = hash,
				  .image_sha256 = hash,
				  .slot = "A1",
				  .usb_path = "1-1.4",
				  .uid = "0123456789abcdef01234567",
				  .dfu_serial = "200364500000\x01",
				  .part = "stm32h743xi",
				  .flash_kib = 2048,
				  .layout = job.pad,
				  .bootloader_id = 0x90,
				  .bootloader = "V9.0",
				  .erase_method = "sectors",
				  .verify_scope = "full",
				  .blank_ms = AUDIT_NONE,
				  .erase_ms = 14400,
				  .program_ms = 30000,
				  .verify_ms = 4000,
				  .total_ms = 50000,
				  .leave = "ok",
				  .result = pass ? AUDIT_PASS : AUDIT_FAIL,
				  .error = pass ? H7_OK : H7_VERIFY_MISMATCH,
				  .detail = pass ? "" : "-bank 1, 0x08000000"};
	for (int i = 0; i < 2; i++) {
		row->bank[i].bytes = 1048576;
		memcpy(row->bank[i].expected_sha256, hash, sizeof(hash));
		memcpy(row->bank[i].readback_sha256, hash, sizeof(hash));
		row->bank[i].result = pass || i ? AUDIT_BANK_PASS : AUDIT_BANK_FAIL;
	}
}

static void *work(void *arg)
{
	unsigned thread = *(unsigned *)arg;
	struct audit_row row;
	char unit[32];

	for (unsigned i = thread, n = 1; i < job.units; i += job.threads, n++) {
		snprintf(unit, sizeof(unit), "u%u", i);
		fill(&row, unit, i % 4 != 1);
		note("begin", unit);
		if (audit_begin(job.log, &row, clock_after_ms(job.deadline_ms)) != AUDIT_OK)
			return NULL;
		note("begun", unit);
		if (n % 3 == 0)
			continue;
		note("append", unit);
		if (audit_append(job.log, &row, clock_after_ms(job.deadline_ms)) != AUDIT_OK)
			return NULL;
		note("recorded", unit);
	}
	return NULL;
}

static enum audit_status open_log(const char *path, struct audit_log **log, unsigned *recovered,
				  char *why, size_t why_size)
{
	const char *bytes = getenv("DRIVER_ROTATE");
	const struct audit_options options = {.rotate_bytes =
						      bytes ? strtoull(bytes, NULL, 10) : 0};

	return audit_open_with(path, &options, log, recovered, why, why_size);
}

static int run(char **argv, int argc)
{
	pthread_t thread[64];
	unsigned number[64];
	char why[300] = "";
	bool usable, closed;

	job.diary = open(argv[1], O_WRONLY | O_APPEND | O_CREAT, 0600);
	job.run = argv[2];
	job.units = (unsigned)atoi(argv[3]);
	job.threads = (unsigned)atoi(argv[4]);
	job.deadline_ms = atoi(argv[5]);
	if (argc > 6)
		memset(job.pad, ',', (size_t)atoi(argv[6]) % sizeof(job.pad));
	if (job.diary < 0 || job.threads == 0 || job.threads > 64)
		return 2;
	if (open_log(argv[0], &job.log, NULL, why, sizeof(why)) != AUDIT_OK) {
		fprintf(stderr, "%s\n", why);
		return 4;
	}
	for (unsigned i = 0; i < job.threads; i++) {
		number[i] = i;
		if (pthread_create(&thread[i], NULL, work, &number[i]) != 0)
			abort();
	}
	for (unsigned i = 0; i < job.threads; i++)
		pthread_join(thread[i], NULL);
	usable = audit_usable(job.log, why, sizeof(why));
	closed = audit_close(job.log);
	if (!usable || !closed)
		fprintf(stderr, "%s%s\n", why, closed ? "" : " (writer hangs)");
	return usable && closed ? 0 : 4;
}

static int open_only(const char *path)
{
	struct audit_log *log;
	unsigned recovered;
	char why[300];

	if (open_log(path, &log, &recovered, why, sizeof(why)) != AUDIT_OK) {
		fprintf(stderr, "%s\n", why);
		return 4;
	}
	printf("recovered %u; %s\n", recovered, audit_notice(log));
	return audit_close(log) ? 0 : 4;
}

static void say(void *user, const char *text)
{
	(void)user;
	puts(text);
}

static int verify(char **paths, size_t count)
{
	struct audit_report_sink sink = {say, NULL};
	struct audit_check check;
	bool intact = audit_verify((const char *const *)paths, count, NULL, &sink, &check);

	printf("%s rows=%llu open=%u written=%d torn=%d\n", intact ? "intact" : "NOT INTACT",
	       (unsigned long long)check.rows, check.open_marks, check.being_written, check.torn);
	return intact ? 0 : 1;
}

/* --- judge --- */

enum { BEGIN = 1, BEGUN = 2, APPEND = 4, RECORDED = 8 };

struct attempt {
	char run[32], unit[32];
	unsigned steps, rows, aborted;
};

static struct attempt attempts[UNITS_MAX];
static size_t attempt_count;

static struct attempt *attempt_of(const char *run_id, const char *unit)
{
	for (size_t i = attempt_count; i-- > 0;) {
		if (strcmp(attempts[i].run, run_id) == 0 && strcmp(attempts[i].unit, unit) == 0)
			return &attempts[i];
	}
	return NULL;
}

static void read_diary(const char *path)
{
	static const char *const steps[] = {"begin", "begun", "append", "recorded"};
	char step[16], run_id[32], unit[32];
	FILE *file = fopen(path, "r");

	while (file && fscanf(file, "%15s %31s %31s", step, run_id, unit) == 3) {
		struct attempt *attempt = attempt_of(run_id, unit);

		if (!attempt) {
			if (attempt_count == UNITS_MAX)
				abort();
			attempt = &attempts[attempt_count++];
			strcpy(attempt->run, run_id);
			strcpy(attempt->unit, unit);
		}
		for (unsigned i = 0; i < 4; i++)
			attempt->steps |= strcmp(step, steps[i]) == 0 ? 1U << i : 0;
	}
	if (file)
		fclose(file);
}

static int judge(const char *path, const char *diary)
{
	struct audit_reader *reader;
	const struct audit_record *record;
	enum audit_read kind;
	char why[200];
	int bad = 0;

	read_diary(diary);
	if (audit_reader_open(path, &reader, why, sizeof(why)) != AUDIT_OK)
		return puts(why), 1;
	while ((kind = audit_reader_next(reader, &record)) == AUDIT_READ_ROW) {
		const char *unit = record->field[audit_reader_column(reader, "unit_id")];
		const char *run_id = record->field[audit_reader_column(reader, "run_id")];
		const char *result = record->field[audit_reader_column(reader, "result")];
		struct attempt *attempt = attempt_of(run_id, unit);
		bool aborted = strcmp(result, "ABORTED") == 0;

		if (!attempt) {
			printf("invented: %s %s\n", run_id, unit);
			bad = 1;
			continue;
		}
		attempt->rows++;
		attempt->aborted += aborted;
		if ((attempt->steps & RECORDED) && aborted)
			bad = printf("recorded but ABORTED: %s %s\n", run_id, unit);
		if (!(attempt->steps & APPEND) && !aborted)
			bad = printf("a verdict never given: %s %s\n", run_id, unit);
	}
	audit_reader_close(reader);
	if (kind != AUDIT_READ_END)
		bad = printf("the log does not end as it should\n");
	for (size_t i = 0; i < attempt_count; i++) {
		struct attempt *attempt = &attempts[i];

		if (attempt->rows > 1 || (attempt->rows == 0 && (attempt->steps & BEGUN)))
			bad = printf("%u rows: %s %s (steps %x)\n", attempt->rows, attempt->run,
				     attempt->unit, attempt->steps);
	}
	return bad ? 1 : 0;
}

int main(int argc, char **argv)
{
	const char *command = argc > 1 ? argv[1] : "";

	if (!sha256_ready())
		return 2;
	if (strcmp(command, "run") == 0 && argc >= 8)
		return run(argv + 2, argc - 2);
	if (strcmp(command, "open") == 0 && argc == 3)
		return open_only(argv[2]);
	if (strcmp(command, "verify") == 0 && argc >= 3)
		return verify(argv + 2, (size_t)(argc - 2));
	if (strcmp(command, "judge") == 0 && argc == 4)
		return judge(argv[2], argv[3]);
	fprintf(stderr, "see the head of audit_driver.c\n");
	return 2;
}
