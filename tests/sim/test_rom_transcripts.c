/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Public sessions with real ROM bootloaders (tests/transcripts), sent to virtual ones. */
#include <dirent.h>
#include <stdio.h>

#include "test_rom_host.h"

enum { SESSIONS_LEAST = 8 };

static struct host host;
static bool plugged;
static const char *place; /* for messages */
static unsigned line_number;

#define SAY(...)                                                                                   \
	do {                                                                                       \
		print_message("%s:%u: ", place, line_number);                                      \
		print_message(__VA_ARGS__);                                                        \
		print_message("\n");                                                               \
		fail();                                                                            \
	} while (0)

static void in_range(double low, double high)
{
	const double ms = (double)host.result.ns / 1e6;

	if (ms < low || ms > high)
		SAY("took %.3f ms, not %.3f to %.3f", ms, low, high);
}

static void command(uint8_t code, uint32_t address)
{
	const uint8_t bytes[5] = {code, (uint8_t)address, (uint8_t)(address >> 8),
				  (uint8_t)(address >> 16), (uint8_t)(address >> 24)};

	if (host_out(&host, DNLOAD, 0, bytes, 5) != ROM_ACK)
		SAY("the command is refused");
}

static void getstatus(const char *rest)
{
	unsigned state, status, poll;
	double low, high;
	const int count = sscanf(rest, "%u %u %lf %lf %u", &state, &status, &low, &high, &poll);

	assert_true(count >= 2);
	if (host_getstatus(&host) != ROM_ACK)
		SAY("GETSTATUS is refused");
	if (host.state != state || host.status != status)
		SAY("state %u, status %u", host.state, host.status);
	if (count >= 4)
		in_range(low, high);
	if (count >= 5 && host.poll != poll)
		SAY("poll time %u", host.poll);
}

static void upload(const char *rest)
{
	unsigned value, length;
	char answer[8];
	double low, high;
	const int count = sscanf(rest, "%u %u %7s %lf %lf", &value, &length, answer, &low, &high);
	const enum rom_answer wanted = strcmp(answer, "ack") == 0 ? ROM_ACK : ROM_STALL;

	assert_true(count >= 3);
	if (host_in(&host, UPLOAD, (uint16_t)value, (uint16_t)length) != wanted)
		SAY("UPLOAD is answered otherwise");
	if (count >= 5)
		in_range(low, high);
}

static void descriptor(uint8_t type, const char *rest)
{
	unsigned byte;
	size_t at = 0;
	int used;

	if (host_setup(&host, 0x80, 6, (uint16_t)(type << 8), NULL, 255) != ROM_ACK)
		SAY("the descriptor is refused");
	for (; sscanf(rest, "%x%n", &byte, &used) == 1; rest += used, at++)
		if (at >= host.result.length || host.result.data[at] != byte)
			SAY("byte %zu is 0x%02x", at, host.result.data[at]);
}

static void string(const char *rest)
{
	unsigned index;
	int used;

	assert_int_equal(sscanf(rest, "%u %n", &index, &used), 1);
	if (host_setup(&host, 0x80, 6, (uint16_t)(0x300 | index), NULL, 255) != ROM_ACK)
		SAY("string %u is refused", index);
	for (size_t i = 0; i <= strlen(rest + used); i++) {
		const char c =
			2 + 2 * i < host.result.length ? (char)host.result.data[2 + 2 * i] : '\0';

		if (c != rest[(size_t)used + i])
			SAY("string %u differs at %zu", index, i);
	}
}

static void board(const char *word, const char *rest)
{
	static char part[32];

	if (strcmp(word, "part") == 0) {
		snprintf(part, sizeof(part), "%s", rest);
		return;
	}
	host_config(&host, part, rest);
	host_plug(&host);
	plugged = true;
}

static void step(char *line)
{
	char word[16];
	int used = 0;
	const char *rest;

	if (sscanf(line, "%15s %n", word, &used) != 1)
		return;
	rest = line + used;
	if (strcmp(word, "part") == 0 || strcmp(word, "bootloader") == 0)
		board(word, rest);
	else if (strcmp(word, "device") == 0 || strcmp(word, "configuration") == 0)
		descriptor(word[0] == 'd' ? 1 : 2, rest);
	else if (strcmp(word, "string") == 0)
		string(rest);
	else if (strcmp(word, "pointer") == 0 || strcmp(word, "erase") == 0)
		command(word[0] == 'p' ? 0x21 : 0x41, (uint32_t)strtoul(rest, NULL, 16));
	else if (strcmp(word, "getstatus") == 0)
		getstatus(rest);
	else if (strcmp(word, "upload") == 0)
		upload(rest);
	else if (strcmp(word, "getstate") == 0)
		assert_int_equal(host_state(&host), strtoul(rest, NULL, 10));
	else if (strcmp(word, "clrstatus") == 0 || strcmp(word, "abort") == 0)
		assert_int_equal(host_out(&host, word[0] == 'c' ? CLRSTATUS : ABORT, 0, NULL, 0),
				 ROM_ACK);
	else if (strcmp(word, "wait") == 0)
		host.now += strtoul(rest, NULL, 10) * ROM_MS;
	else
		SAY("unknown word %s", word);
}

static void play(const char *path)
{
	FILE *file = fopen(path, "r");
	char line[256];
	bool sourced = false;

	assert_non_null(file);
	place = path;
	plugged = false;
	for (line_number = 1; fgets(line, sizeof(line), file); line_number++) {
		line[strcspn(line, "\r\n")] = '\0';
		sourced = sourced || strncmp(line, "# source: http", 14) == 0;
		if (line[0] != '#')
			step(line);
	}
	fclose(file);
	if (!sourced)
		SAY("no source");
	assert_true(plugged);
	rom_free(host.rom);
}

static void the_fleet_answers_as_real_boards_did(void **state)
{
	DIR *folder = opendir("tests/transcripts");
	struct dirent *entry;
	unsigned sessions = 0;
	char path[512];

	(void)state;
	assert_non_null(folder);
	while ((entry = readdir(folder))) {
		const char *end = strrchr(entry->d_name, '.');

		if (!end || strcmp(end, ".txt") != 0)
			continue;
		snprintf(path, sizeof(path), "tests/transcripts/%s", entry->d_name);
		play(path);
		sessions++;
	}
	closedir(folder);
	assert_true(sessions >= SESSIONS_LEAST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_fleet_answers_as_real_boards_did),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
