/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A number file of random bytes (half of the inputs behind a correct head): lines are handed out in
 * whole fields, and a number taken afterwards is not one that the file gave out.
 * reads: src/serial/state.c */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "fuzz_image.h"
#include "h7gang/serial/numbers.h"

#define UID "303132333435363738393a3b"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static char folder[] = "/dev/shm/fuzz-numbers.XXXXXX", path[64], log_path[64];
static struct profile_serial serial = {.start = 1, .end = 99999, .format = "A7-{:06d}", .file = ""};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	FUZZ_REQUIRE(mkdtemp(folder) != NULL);
	snprintf(path, sizeof(path), "%s/sn.state", folder);
	snprintf(log_path, sizeof(log_path), "%s/log.csv", folder);
	serial.state = path;
	return 0;
}

static void store(const uint8_t *data, size_t size, bool with_head)
{
	static const char head[] = "h7gang numbers 1\n";
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	FUZZ_REQUIRE(fd >= 0);
	if (with_head)
		FUZZ_REQUIRE(write(fd, head, sizeof(head) - 1) == (ssize_t)sizeof(head) - 1);
	FUZZ_REQUIRE(write(fd, data, size) == (ssize_t)size);
	close(fd);
}

/* Whether some whole line of the file gives that number, and none gives it to our board. A line
 * without an end was cut off before a program acted on it. */
static bool is_taken(const uint8_t *data, size_t size, const char *number)
{
	char field[PROFILE_SERIAL_SIZE + 2], ours[PROFILE_SERIAL_SIZE + 30];
	size_t n = (size_t)snprintf(field, sizeof(field), "\t%s\t", number);
	size_t m = (size_t)snprintf(ours, sizeof(ours), "\t%s\t" UID "\t", number);
	const uint8_t *last = memrchr(data, '\n', size);

	size = last ? (size_t)(last - data) : 0;
	return memmem(data, size, field, n) && !memmem(data, size, ours, m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct profile profile = {.serial = &serial, .name = "fuzz"};
	struct numbers *numbers;
	struct profile_unit unit;
	char why[256] = "";

	if (size == 0)
		return 0;
	serial.keep = data[0] & 2;
	serial.by_uid = data[0] & 4;
	store(data + 1, size - 1, data[0] & 1);
	numbers = numbers_open(&profile, log_path, !(data[0] & 8), why, sizeof(why));
	if (!numbers) {
		FUZZ_REQUIRE(why[0] != '\0');
		unlink(path);
		return 0;
	}
	if (data[0] & 8) {
		(void)numbers_find(numbers, UID, &unit, why, sizeof(why));
	} else {
		char first[PROFILE_SERIAL_SIZE];

		if (numbers_take(numbers, UID, "u-1", &unit, why, sizeof(why)) == NUMBERS_OK) {
			FUZZ_REQUIRE(!is_taken(data + 1, size - 1, unit.serial));
			memcpy(first, unit.serial, sizeof(first));
			numbers_done(numbers, &unit, false);
			if (numbers_take(numbers, "ffffffffffff333435363738", "u-2", &unit, why,
					 sizeof(why)) == NUMBERS_OK)
				FUZZ_REQUIRE(strcmp(first, unit.serial) != 0);
		}
	}
	numbers_close(numbers);
	unlink(path);
	return 0;
}
