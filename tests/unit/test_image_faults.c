/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that another program writes while they are read. */
#include "h7gang/image/image.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#define SIZE 4096

enum meanwhile { NOTHING, WRITTEN_OVER, WRITTEN_BEFORE, GROWN };

static char path[] = "/tmp/test_image_faults_XXXXXX";
static enum meanwhile meanwhile;

ssize_t __real_pread(int fd, void *bytes, size_t size, off_t offset);
ssize_t __wrap_pread(int fd, void *bytes, size_t size, off_t offset);

static void overwrite(char with, off_t at)
{
	int fd = open(path, O_WRONLY);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, &with, 1, at), 1);
	close(fd);
}

/* What another program does once the first bytes were read. */
ssize_t __wrap_pread(int fd, void *bytes, size_t size, off_t offset)
{
	ssize_t got = __real_pread(fd, bytes, size, offset);
	enum meanwhile now = meanwhile;

	meanwhile = NOTHING;
	if (now == WRITTEN_OVER)
		overwrite('b', 0);
	if (now == GROWN)
		overwrite('b', SIZE);
	/* One long write, which set the times before the file was opened. */
	if (now == WRITTEN_BEFORE && got > 0)
		memset(bytes, 'b', 1);
	return got;
}

static bool reads(enum meanwhile then, time_t age, struct image_error *error)
{
	char text[SIZE];
	struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_NOW}};
	uint8_t *bytes = NULL;
	size_t length;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	bool good;

	memset(text, 'a', sizeof(text));
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, sizeof(text)), sizeof(text));
	close(fd);
	if (age > 0)
		times[1] = (struct timespec){.tv_sec = time(NULL) - age};
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	meanwhile = then;
	good = image_file_bytes(path, 2 * SIZE, "split it", &bytes, &length, error);
	if (good)
		assert_memory_equal(bytes, text, SIZE);
	free(bytes);
	return good;
}

static void a_file_that_is_written(void **state)
{
	struct image_error error = {0};

	(void)state;
	assert_true(reads(NOTHING, 3600, &error));
	assert_true(reads(NOTHING, 0, &error));
	assert_false(reads(GROWN, 3600, &error));
	assert_false(reads(WRITTEN_OVER, 3600, &error));
	assert_non_null(strstr(error.why, "changes while it is read"));
	assert_false(reads(WRITTEN_BEFORE, 0, &error));
	assert_non_null(strstr(error.why, "changes while it is read"));
}

static void a_file_that_is_too_large(void **state)
{
	struct image_error error = {0};
	uint8_t *bytes;
	size_t length;

	(void)state;
	assert_true(reads(NOTHING, 0, &error));
	assert_false(image_file_bytes(path, 1024, "split it", &bytes, &length, &error));
	assert_string_equal(error.why, "larger than 1 KiB; split it");
}

static int make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd >= 0 ? close(fd) : -1;
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_that_is_written),
		cmocka_unit_test(a_file_that_is_too_large),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
