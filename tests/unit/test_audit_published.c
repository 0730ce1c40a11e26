/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The position of a publisher: accepted and refused texts. */
#include <errno.h>
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

#include "h7gang/audit/published.h"

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define LINE "h7gang-published-1 42 " HASH "\n"

static char folder[] = "/tmp/test_published_XXXXXX";
static char log_path[64];

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(log_path, sizeof(log_path), "%s/log.csv", folder);
	return 0;
}

static int remove_folder(void **state)
{
	char command[80];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

static bool parses(const char *text)
{
	struct audit_published at;

	return audit_published_parse(text, strlen(text), &at);
}

static void only_what_is_written_is_read(void **state)
{
	static const char *const wrong[] = {
		"",
		"\n",
		"h7gang-published-1 42 " HASH,
		" " LINE,
		LINE "\n",
		LINE LINE,
		"h7gang-published-2 42 " HASH "\n",
		"h7gang-published-1 0 " HASH "\n",
		"h7gang-published-1 042 " HASH "\n",
		"h7gang-published-1 +42 " HASH "\n",
		"h7gang-published-1 -42 " HASH "\n",
		"h7gang-published-1 4e2 " HASH "\n",
		"h7gang-published-1  42 " HASH "\n",
		"h7gang-published-1 99999999999999999999 " HASH "\n",
		"h7gang-published-1 42 " HASH "0\n",
		"h7gang-published-1 42 " HASH " \n",
		"h7gang-published-1 42 0123\n",
		"h7gang-published-1 42 "
		"0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef\n",
	};
	struct audit_published at;

	(void)state;
	assert_true(audit_published_parse(LINE, strlen(LINE), &at));
	assert_int_equal(at.seq, 42);
	assert_string_equal(at.row_hash, HASH);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (parses(wrong[i]))
			fail_msg("taken: %s", wrong[i]);
	assert_false(audit_published_parse(LINE "\0", strlen(LINE) + 1, &at));
}

static void names(void **state)
{
	static const char *const good[] = {"mes", "MES-2", "a_b", "0"};
	static const char *const bad[] = {
		"",    "a.b",      "-a",  "_a", "a/b",
		"a b", "\xc3\xa9", "a\n", "..", "123456789012345678901234567890123"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(audit_published_name_ok(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(audit_published_name_ok(bad[i]));
}

static void written_and_read(void **state)
{
	struct audit_published at = {.seq = UINT64_MAX, .row_hash = HASH}, read = {0};
	char *path = audit_published_path(log_path, NULL, "mes");
	struct stat st;

	(void)state;
	assert_int_equal(audit_published_read(path, &read), -ENOENT);
	assert_int_equal(audit_published_write(path, &at), 0);
	assert_int_equal(audit_published_read(path, &read), 0);
	assert_int_equal(read.seq, UINT64_MAX);
	assert_string_equal(read.row_hash, HASH);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0022, 0);
	free(path);
}

static void only_files_are_read(void **state)
{
	struct audit_published at;
	char *fifo = audit_published_path(log_path, NULL, "fifo");
	char *link = audit_published_path(log_path, NULL, "link");
	char *target = audit_published_path(log_path, NULL, "mes");

	(void)state;
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(symlink(target, link), 0);
	assert_int_equal(audit_published_read(fifo, &at), -EINVAL);
	assert_int_equal(audit_published_read(link, &at), -ELOOP);
	assert_int_equal(audit_published_read(folder, &at), -EISDIR);
	unlink(fifo);
	unlink(link);
	free(fifo);
	free(link);
	free(target);
}

static void one_of_a_name(void **state)
{
	char *path = audit_published_path(log_path, NULL, "mes");
	int fd = audit_published_lock(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(audit_published_lock(path), -EAGAIN);
	close(fd);
	fd = audit_published_lock(path);
	assert_true(fd >= 0);
	close(fd);
	free(path);
}

static void publishers_are_found(void **state)
{
	char found[AUDIT_PUBLISHED_NAMES_MAX][AUDIT_PUBLISHED_NAME_SIZE];
	static const struct audit_published at = {.seq = 1, .row_hash = HASH};
	char *other = audit_published_path(log_path, NULL, "board");
	char name[40];

	(void)state;
	/* The lock, of before, is no name. */
	assert_int_equal(audit_published_names(log_path, NULL, found), 1);
	assert_string_equal(found[0], "mes");
	assert_int_equal(audit_published_write(other, &at), 0);
	assert_int_equal(audit_published_names(log_path, NULL, found), 2);
	assert_int_equal(audit_published_names("elsewhere/log.csv", folder, found), 2);
	assert_int_equal(audit_published_names("log.cs", folder, found), 0);
	assert_int_equal(audit_published_names("nowhere/log.csv", NULL, found), -ENOENT);
	for (unsigned i = 0; i < 2 * AUDIT_PUBLISHED_NAMES_MAX; i++) {
		char *path;

		snprintf(name, sizeof(name), "n%u", i);
		path = audit_published_path(log_path, NULL, name);
		assert_int_equal(audit_published_write(path, &at), 0);
		free(path);
	}
	assert_int_equal(audit_published_names(log_path, NULL, found), AUDIT_PUBLISHED_NAMES_MAX);
	free(other);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_is_written_is_read),
		cmocka_unit_test(names),
		cmocka_unit_test(written_and_read),
		cmocka_unit_test(only_files_are_read),
		cmocka_unit_test(one_of_a_name),
		cmocka_unit_test(publishers_are_found),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
