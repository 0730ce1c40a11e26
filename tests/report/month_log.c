/* SPDX-License-Identifier: GPL-2.0-or-later */
/* month_log FOLDER BOARDS clean|planted [SEED [STATIONS [SLOTS]]]: a month as logs, one a station,
 * with hostile and convertible texts in some rows. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "h7gang/audit/audit.h"
#include "h7gang/audit/text.h"
#include "month.h"

#define LINE_SIZE AUDIT_ROW_MAX

struct log {
	FILE *to;
	uint64_t seq;
	char hash[SHA256_HEX_SIZE];
};

static struct log logs[MONTH_STATIONS_MAX];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void time_text(int64_t ms, char text[CLOCK_TEXT_SIZE])
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm date;
	size_t n;

	gmtime_r(&seconds, &date);
	n = strftime(text, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &date);
	snprintf(text + n, CLOCK_TEXT_SIZE - n, ".%03uZ", (unsigned)(ms % 1000) % 1000u);
}

/* Texts that a spreadsheet would run or convert, as the log writes them. */
static const char *tag_of(uint64_t unit)
{
	static const char *const tags[] = {"note='=1+1", "note=1E5", "line=1-2",
					   "\"note=a,\"\"b\"\"\"", "note=M\xc3\xa4rz"};

	return unit % 50 == 0 ? tags[unit / 50 % 5] : "line=1";
}

static void row(void *user, const struct month_row *from)
{
	static const char sha[] =
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
	struct log *log = &logs[from->station];
	char line[LINE_SIZE], start[CLOCK_TEXT_SIZE], end[CLOCK_TEXT_SIZE], hash[SHA256_HEX_SIZE];
	const char *bank = from->passed ? "PASS" : "FAIL", *read = from->passed ? sha : "";
	int n;

	(void)user;
	time_text(from->start_ms, start);
	time_text(from->end_ms, end);
	n = snprintf(
		line, sizeof(line),
		"%" PRIu64 ",%08" PRIx64 "-0000-4000-8000-000000000000,u%" PRIu64
		",%u,2,%s,%s,S%02u,%s,2026-%02u,%s,0.1.0,run,controller-a,%s,2.4.1,%s,A%u,1-1.%"
		"u.%u,00000000%016" PRIx64
		",200364500000,stm32h743xi,2048,'@Internal Flash   /0x08000000/16*128Kg,0x90,"
		"V9.0,A7-%09" PRIu64 ",sectors,full,,4400,8000,2000,%" PRIu64
		",1048576,%s,%s,PASS,1048576,%s,%s,%s,,%s,%s,%s,%s,layout+id+uid+size,,,,%u,",
		++log->seq, from->run, from->unit, from->attempt, start, end, from->station + 1,
		from->day % 2 ? "Zo\xc3\xab" : "Ann", from->lot + 1, tag_of(from->unit), sha, sha,
		from->slot + 1, from->slot / 7 + 1, from->slot % 7 + 1, from->uid, from->unit,
		from->total_ms, sha, sha, sha, read, bank, from->passed ? "ok" : "", bank,
		from->error, from->passed ? "" : "bank 2 0x08100040: expected 0x12 read 0x13",
		from->slot * 10);
	if (n < 0 || n >= (int)sizeof(line) || audit_row_hash(log->hash, line, (size_t)n, hash) < 0)
		die("row");
	fprintf(log->to, "%s%s,%s\n", line, log->hash, hash);
	memcpy(log->hash, hash, sizeof(hash));
}

int main(int argc, char **argv)
{
	struct month month = month_clean(argc > 4 ? strtoull(argv[4], NULL, 10) : 7, 0.014);
	char path[4096];

	if (argc < 4)
		return 2;
	month.boards = strtoull(argv[2], NULL, 10);
	month.stations = argc > 5 ? (unsigned)atoi(argv[5]) : 12;
	month.slots = argc > 6 ? (unsigned)atoi(argv[6]) : 32;
	if (strcmp(argv[3], "planted") == 0) {
		month.bad_slot = 6;
		month.bad_slot_station = 2;
		month.bad_slot_rate = 0.1;
		month.bad_day = 24;
		month.bad_day_rate = 0.05;
		month.bad_lot = 17;
		month.bad_lot_rate = 0.04;
		month.drifting_station = 8;
		month.drift_ms = 1200;
	}
	for (unsigned i = 0; i < month.stations; i++) {
		snprintf(path, sizeof(path), "%s/S%02u.csv", argv[1], i + 1);
		logs[i].to = fopen(path, "w");
		if (!logs[i].to)
			die(path);
		memset(logs[i].hash, '0', SHA256_HEX_SIZE - 1);
		fprintf(logs[i].to, "%s\n", audit_header());
	}
	month_make(&month, row, NULL);
	for (unsigned i = 0; i < month.stations; i++) {
		if (fclose(logs[i].to) != 0)
			die("close");
	}
	return 0;
}
