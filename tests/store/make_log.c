/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logs for the store's tests and bench, as quick as the disk.
 *
 * - make_log append LOG ROWS STATION SEED [LOT_ROWS]: puts ROWS more rows behind those of LOG,
 * which is made if it is not there. Each is a unit of its own, every fiftieth fails and is tried
 * again. A new lot and firmware every LOT_ROWS rows (1000).
 * - make_log rehash LOG [PREV_HASH]: mends the chain after a row was changed;
 * the first row follows PREV_HASH, if given. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/audit/audit.h"
#include "h7gang/audit/text.h"

#define LINE_SIZE AUDIT_ROW_MAX

struct head {
	uint64_t seq;
	char hash[SHA256_HEX_SIZE];
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* `line` ends with the comma before prev_hash. */
static void put(FILE *to, struct head *head, const char *line, size_t length)
{
	char hash[SHA256_HEX_SIZE];

	if (audit_row_hash(head->hash, line, length, hash) < 0)
		die("SHA-256");
	fprintf(to, "%.*s%s,%s\n", (int)length, line, head->hash, hash);
	memcpy(head->hash, hash, sizeof(hash));
	head->seq++;
}

/* The head of a log, by its last line. */
static void find_head(FILE *from, struct head *head)
{
	char line[LINE_SIZE + 1];

	head->seq = 0;
	memset(head->hash, '0', SHA256_HEX_SIZE - 1);
	head->hash[SHA256_HEX_SIZE - 1] = '\0';
	if (fgets(line, sizeof(line), from) == NULL)
		return;
	while (fgets(line, sizeof(line), from)) {
		size_t length = strcspn(line, "\n");

		head->seq = strtoull(line, NULL, 10);
		memcpy(head->hash, line + length - 64, 64);
	}
}

static uint64_t mixed(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

static void one_row(FILE *to, struct head *head, const char *station, uint64_t seed,
		    uint64_t lot_rows)
{
	static const char hash[] =
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
	char line[LINE_SIZE];
	uint64_t seq = head->seq + 1, unit = mixed(seed * 1000003 + seq), lot = seq / lot_rows;
	uint64_t t = seq * 7, day = t / 86400;
	bool fails = seq % 50 == 0, again = seq % 50 == 1 && seq > 1;
	char time[32];
	int n;

	if (again)
		unit = mixed(seed * 1000003 + seq - 1);
	snprintf(time, sizeof(time), "20%02u-%02u-%02uT%02u:%02u:%02u.%03uZ",
		 (unsigned)(20 + day / 336), (unsigned)(day / 28 % 12 + 1),
		 (unsigned)(day % 28 + 1), (unsigned)(t / 3600 % 24), (unsigned)(t / 60 % 60),
		 (unsigned)(t % 60), (unsigned)(unit % 1000));
	n = snprintf(line, sizeof(line),
		     "%" PRIu64 ",%08" PRIx64 "-0000-4000-8000-%012" PRIx64 ",u%" PRIu64
		     ",%d,2,%s,%s,"
		     "%s,Zo\xc3\xab,L%" PRIu64 "-%" PRIu64
		     ",line=%u,0.1.0,run,controller-a,%s,1.%" PRIu64 ".%" PRIu64
		     ",%s,A%u,1-1.%u,%016" PRIx64 "%08x,200364500000,stm32h743xi,2048,"
		     "'@Internal Flash   /0x08000000/16*128Kg,0x90,V9.0,A7-%09" PRIu64 "%03" PRIu64
		     ",sectors,full,,14400,30000,4000,%u,1048576,%s,%s,PASS,1048576,%s,%s,%s,,%s,%"
		     "s,%s,%s,layout+id+uid+size,,,,12,",
		     seq, seed, seq / 1000, again ? seq - 1 : seq, again ? 2 : 1, time, time,
		     station, seed, lot, (unsigned)(seed % 4), hash, lot / 10, lot % 10, hash,
		     (unsigned)(seq % 8 + 1), (unsigned)(seq % 8 + 1), unit, (unsigned)seed,
		     again ? seq - 1 : seq, seed % 1000, 48000 + (unsigned)(unit % 4000), hash,
		     hash, hash, fails ? "" : hash, fails ? "FAIL" : "PASS", fails ? "" : "ok",
		     fails ? "FAIL" : "PASS", fails ? "verify_mismatch" : "",
		     fails ? "bank 2 0x08100040: expected 0x12 read 0x13" : "");
	if (n < 0 || n >= (int)sizeof(line))
		die("row");
	put(to, head, line, (size_t)n);
}

static int append(const char *path, uint64_t rows, const char *station, uint64_t seed,
		  uint64_t lot_rows)
{
	FILE *log = fopen(path, "a+");
	struct head head;

	if (!log)
		die(path);
	rewind(log);
	find_head(log, &head);
	fseek(log, 0, SEEK_END);
	if (ftell(log) == 0)
		fprintf(log, "%s\n", audit_header());
	for (uint64_t i = 0; i < rows; i++)
		one_row(log, &head, station, seed, lot_rows);
	if (fclose(log) != 0)
		die(path);
	printf("%" PRIu64 " %s\n", head.seq, head.hash);
	return 0;
}

static int rehash(const char *path, const char *prev)
{
	FILE *from = fopen(path, "r"), *to;
	char line[LINE_SIZE + 1], *whole = NULL;
	size_t size = 0;
	struct head head;
	FILE *memory = open_memstream(&whole, &size);

	if (!from || !memory || !fgets(line, sizeof(line), from))
		die(path);
	fputs(line, memory);
	head.seq = 0;
	memset(head.hash, '0', SHA256_HEX_SIZE - 1);
	head.hash[SHA256_HEX_SIZE - 1] = '\0';
	if (prev)
		snprintf(head.hash, sizeof(head.hash), "%s", prev);
	while (fgets(line, sizeof(line), from))
		put(memory, &head, line, strcspn(line, "\n") - 129);
	fclose(from);
	fclose(memory);
	to = fopen(path, "w");
	if (!to || fwrite(whole, 1, size, to) != size || fclose(to) != 0)
		die(path);
	free(whole);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc >= 6 && strcmp(argv[1], "append") == 0)
		return append(argv[2], strtoull(argv[3], NULL, 10), argv[4],
			      strtoull(argv[5], NULL, 10),
			      argc > 6 ? strtoull(argv[6], NULL, 10) : 1000);
	if (argc >= 3 && strcmp(argv[1], "rehash") == 0)
		return rehash(argv[2], argv[3]);
	fputs("usage: make_log append LOG ROWS STATION SEED [LOT_ROWS] | rehash LOG [PREV_HASH]\n",
	      stderr);
	return 2;
}
