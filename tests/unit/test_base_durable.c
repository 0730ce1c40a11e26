/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "h7gang/base/durable.h"

static char top[64];
static int folder;

static int setup(void **state)
{
	(void)state;
	strcpy(top, "/tmp/durable.XXXXXX");
	if (!mkdtemp(top) || chdir(top) < 0)
		return -1;
	folder = open(".", O_RDONLY | O_DIRECTORY);
	return folder < 0;
}

static int teardown(void **state)
{
	char command[96];

	(void)state;
	close(folder);
	snprintf(command, sizeof(command), "rm -rf '%s'", top);
	return chdir("/") < 0 || system(command) != 0;
}

static void test_folder(void **state)
{
	const char *name;
	struct stat st;
	int fd;

	(void)state;
	assert_int_equal(durable_folder("a/b//c/log", false, &name), -ENOENT);
	fd = durable_folder("a/b//c/log", true, &name);
	assert_true(fd >= 0);
	assert_string_equal(name, "log");
	assert_int_equal(stat("a/b/c", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0750);
	close(fd);
	fd = durable_folder("log", true, &name);
	assert_true(fd >= 0);
	close(fd);
	fd = durable_folder("/log", true, &name);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(durable_folder("a/", true, &name), -EISDIR);
	assert_int_equal(durable_folder("a/..", true, &name), -EISDIR);
	assert_int_equal(durable_folder("", true, &name), -EISDIR);
}

static void test_open_follows_nothing(void **state)
{
	int fd = durable_open(folder, "file", O_RDWR | O_CREAT, 0640);
	struct stat st;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	close(fd);
	assert_int_equal(symlink("file", "link"), 0);
	assert_int_equal(symlink("nowhere", "dangling"), 0);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(mkdir("dir", 0700), 0);
	assert_int_equal(durable_open(folder, "link", O_RDWR | O_CREAT, 0640), -ELOOP);
	assert_int_equal(durable_open(folder, "dangling", O_RDWR | O_CREAT, 0640), -ELOOP);
	assert_int_equal(durable_open(folder, "fifo", O_RDONLY, 0), -EINVAL);
	assert_int_equal(durable_open(folder, "dir", O_RDONLY, 0), -EISDIR);
	assert_int_equal(durable_open(folder, "none", O_RDONLY, 0), -ENOENT);
	assert_int_equal(access("nowhere", F_OK), -1);
}

static void test_replace(void **state)
{
	char text[8] = "";
	int fd;

	(void)state;
	fd = open("f.new", O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, "stale stale", 11), 11);
	close(fd);
	assert_int_equal(durable_replace(folder, "f", "one", 3, 0640), 0);
	assert_int_equal(durable_replace(folder, "f", "two", 3, 0640), 0);
	fd = durable_open(folder, "f", O_RDONLY, 0);
	assert_int_equal(read(fd, text, sizeof(text)), 3);
	assert_string_equal(text, "two");
	close(fd);
	assert_int_equal(access("f.new", F_OK), -1);
	assert_int_equal(durable_remove(folder, "f"), 0);
	assert_int_equal(durable_remove(folder, "f"), 0);
	assert_int_equal(durable_replace(folder, "no/f", "x", 1, 0640), -ENOENT);
}

static void test_write_all(void **state)
{
	int fd = open("/dev/full", O_WRONLY);

	(void)state;
	assert_int_equal(durable_write_all(fd, "x", 1), -ENOSPC);
	assert_int_equal(durable_write_all(fd, "", 0), 0);
	close(fd);
	assert_int_equal(durable_write_all(fd, "x", 1), -EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_folder, setup, teardown),
		cmocka_unit_test_setup_teardown(test_open_follows_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_replace, setup, teardown),
		cmocka_unit_test_setup_teardown(test_write_all, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
