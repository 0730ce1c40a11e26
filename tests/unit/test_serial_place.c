/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Second places: the choice of their folder, their permissions, and how one is found again. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "serial/place.h"

#define NOBODY 65534
#define ID "00112233445566778899aabbccddeeff"

static char room[] = "/tmp/test_place_XXXXXX";
static char base[64];

static char *under(const char *name)
{
	static char path[4][160];
	static unsigned next;
	char *to = path[next++ % 4];

	snprintf(to, sizeof(path[0]), "%s/%s", base, name);
	return to;
}

static int fresh(void **state)
{
	static unsigned count;
	(void)state;
	snprintf(base, sizeof(base), "%s/%u", room, count++);
	unsetenv("STATE_DIRECTORY");
	unsetenv("XDG_STATE_HOME");
	return mkdir(base, 0777) < 0 || chmod(base, 0777) < 0 || chmod(room, 0755) < 0;
}

static int make_room(void **state)
{
	(void)state;
	umask(022);
	return mkdtemp(room) ? 0 : -1;
}

static int remove_all(void **state)
{
	char command[96];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", room);
	return system(command);
}

static void chosen(const char *configured, bool shared, bool make, enum place_source source,
		   const char *path)
{
	struct place_folder folder;
	char why[300] = "";

	if (!place_folder_choose(configured, shared, make, &folder, why, sizeof(why)))
		fail_msg("%s", why);
	assert_string_equal(folder.path, path);
	assert_int_equal(folder.source, source);
	place_folder_free(&folder);
}

static void none(const char *configured, bool shared, const char *text)
{
	struct place_folder folder;
	char why[300] = "";

	assert_false(place_folder_choose(configured, shared, true, &folder, why, sizeof(why)));
	if (!strstr(why, text))
		fail_msg("\"%s\" does not say \"%s\"", why, text);
	place_folder_free(&folder);
}

/* systemd.exec(5): a list of absolute paths. */
static void the_environment(void **state)
{
	char list[400];

	(void)state;
	snprintf(list, sizeof(list), "%s:%s", under("a"), under("b"));
	setenv("STATE_DIRECTORY", list, 1);
	chosen(NULL, false, false, PLACE_ENVIRONMENT, under("a"));
	assert_int_equal(access(under("a"), F_OK), -1);
	chosen(NULL, true, true, PLACE_ENVIRONMENT, under("a"));
	assert_int_equal(access(under("a/numbers"), W_OK), 0);
	assert_int_equal(access(under("b"), F_OK), -1);
}

static void the_profile(void **state)
{
	int fd;

	(void)state;
	setenv("STATE_DIRECTORY", under("a"), 1);
	chosen(under("own"), true, true, PLACE_PROFILE, under("own"));
	fd = open(under("file"), O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	close(fd);
	none(under("file"), false, "station.state_dir");
	none(under("file/in it"), false, "station.state_dir");
	assert_int_equal(access(under("a"), F_OK), -1); /* no other one is taken in its place */
}

/* Runs the work as a user who may not write to the system's folder. */
static void as_nobody(void (*work)(void))
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		if (geteuid() == 0 && (setgid(NOBODY) < 0 || setuid(NOBODY) < 0))
			_exit(3);
		work();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static bool is(const char *path, enum place_source source, bool shared)
{
	struct place_folder folder;
	char why[300] = "";
	bool good = place_folder_choose(NULL, shared, true, &folder, why, sizeof(why)) &&
		    strcmp(folder.path, path) == 0 && folder.source == source;

	if (!good)
		fprintf(stderr, "not %s: %s %s\n", path, folder.path ? folder.path : "none", why);
	place_folder_free(&folder);
	return good;
}

static void xdg(void)
{
	struct stat st;
	char whole[200];

	setenv("STATE_DIRECTORY", "not absolute", 1);
	setenv("XDG_STATE_HOME", under("xdg"), 1);
	snprintf(whole, sizeof(whole), "%s/h7gang", under("xdg"));
	if (!is(whole, PLACE_USER, false) || stat(whole, &st) < 0 || (st.st_mode & 0777) != 0750)
		_exit(1);
	/* A path that is not absolute is ignored (XDG Base Directory Specification). */
	setenv("XDG_STATE_HOME", "relative", 1);
	setenv("HOME", under("home"), 1);
	snprintf(whole, sizeof(whole), "%s/.local/state/h7gang", under("home"));
	if (!is(whole, PLACE_USER, false))
		_exit(2);
}

static void shared_file(void)
{
	struct place_folder folder;
	char why[300] = "";

	setenv("XDG_STATE_HOME", under("xdg"), 1);
	if (place_folder_choose(NULL, true, true, &folder, why, sizeof(why)) ||
	    !strstr(why, "several users can write the number file") ||
	    access(under("xdg"), F_OK) == 0)
		_exit(1);
}

static void the_users_own(void **state)
{
	(void)state;
	if (access(PLACE_SYSTEM_FOLDER, F_OK) == 0 && geteuid() != 0)
		skip();
	as_nobody(xdg);
}

static void not_for_a_shared_file(void **state)
{
	(void)state;
	if (access(PLACE_SYSTEM_FOLDER, F_OK) == 0 && geteuid() != 0)
		skip();
	as_nobody(shared_file);
}

/* The users of the number file are those of its second place. */
static void modes(void **state)
{
	static const mode_t mode[] = {0600, 0640, 0660, 0666, 0770};
	struct stat st;

	(void)state;
	for (unsigned i = 0; i < sizeof(mode) / sizeof(mode[0]); i++) {
		char name[16], text[32];
		int like, place;

		snprintf(name, sizeof(name), "p%u", i);
		like = open(under("like"), O_RDWR | O_CREAT, 0600);
		assert_true(like >= 0 && fchmod(like, mode[i]) == 0);
		assert_int_equal(place_make(under(name), like), 0);
		assert_int_equal(place_make(under(name), like), -EEXIST);
		assert_int_equal(stat(under(name), &st), 0);
		assert_int_equal(st.st_mode & 07777, mode[i] & 0666);
		place = open(under(name), O_RDWR);
		assert_int_equal(read(place, text, sizeof(text)), (ssize_t)strlen(state_place));
		/* The number file is opened up later: the second place follows. */
		assert_int_equal(fchmod(like, 0662), 0);
		place_follow(place, like);
		assert_int_equal(fstat(place, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0662);
		close(place);
		close(like);
	}
}

static void write_memo(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void found_again(void **state)
{
	struct place_folder folder = {.path = under("dir")};
	char id[STATE_ID_SIZE], command[400], memo[400];
	FILE *found;

	(void)state;
	assert_int_equal(mkdir(folder.path, 0755), 0);
	assert_int_equal(mkdir(under("dir/numbers"), 0755), 0);
	assert_false(place_recall(&folder, "/a/sn.state", "p", id));
	place_remember(&folder, "/a/sn.state", "p", ID);
	assert_true(place_recall(&folder, "/a/sn.state", "p", id));
	assert_string_equal(id, ID);
	assert_false(place_recall(&folder, "/b/sn.state", "p", id));
	assert_false(place_recall(&folder, "/a/sn.state", "q", id));
	snprintf(command, sizeof(command), "ls %s/numbers/at-*", folder.path);
	found = popen(command, "r");
	assert_non_null(found);
	assert_non_null(fgets(memo, sizeof(memo), found));
	pclose(found);
	memo[strcspn(memo, "\n")] = '\0';
	/* Invalid IDs are refused. */
	write_memo(memo, "00112233\n");
	assert_false(place_recall(&folder, "/a/sn.state", "p", id));
	write_memo(memo, "00112233445566778899AABBCCDDEEFF\n");
	assert_false(place_recall(&folder, "/a/sn.state", "p", id));
	write_memo(memo, "../../../../../../../etc/passwd00\n");
	assert_false(place_recall(&folder, "/a/sn.state", "p", id));
	write_memo(memo, ID ID "\n");
	assert_false(place_recall(&folder, "/a/sn.state", "p", id));
	/* Nor is it read through a link, or waited for. */
	assert_int_equal(unlink(memo), 0);
	assert_int_equal(mkfifo(memo, 0600), 0);
	assert_false(place_recall(&folder, "/a/sn.state", "p", id));
}

static bool count_one(void *user, const char *id)
{
	assert_string_equal(id, ID);
	return ++*(unsigned *)user < 2;
}

static void of_a_profile(void **state)
{
	struct place_folder folder = {.path = under("dir")};
	unsigned count = 0;

	(void)state;
	assert_int_equal(mkdir(folder.path, 0755), 0);
	assert_true(place_each(&folder, count_one, &count));
	assert_int_equal(mkdir(under("dir/numbers"), 0755), 0);
	assert_false(place_is_of(&folder, "p", ID));
	place_remember(&folder, "/a/sn.state", "p", ID);
	assert_true(place_is_of(&folder, "p", ID));
	assert_false(place_is_of(&folder, "q", ID));
	/* What is remembered is no second place. */
	assert_true(place_each(&folder, count_one, &count));
	assert_int_equal(count, 0);
	assert_int_equal(mkdir(under("dir/numbers/" ID), 0700), 0);
	assert_true(place_each(&folder, count_one, &count));
	assert_int_equal(count, 1);
	assert_false(place_each(&folder, count_one, &count));
}

static bool among(const char *path, struct place_folder *found, unsigned count)
{
	bool is = false;

	for (unsigned i = 0; i < count; i++) {
		is = is || strcmp(found[i].path, path) == 0;
		place_folder_free(&found[i]);
	}
	return is;
}

/* Those of root, of this user, and of the user who owns the folder. */
static void of_other_users(void **state)
{
	char dir[160], file[160], xdg[160], *theirs = place_user_folder(1);
	struct place_folder chosen = {.path = dir, .source = PLACE_USER};
	struct place_folder found[PLACE_ELSE_MAX];

	(void)state;
	snprintf(dir, sizeof(dir), "%s", under("dir"));
	snprintf(file, sizeof(file), "%s", under("theirs/sn.state"));
	snprintf(xdg, sizeof(xdg), "%s", under("xdg/h7gang"));
	setenv("XDG_STATE_HOME", under("xdg"), 1);
	assert_int_equal(mkdir(under("theirs"), 0755), 0);
	assert_true(among(PLACE_SYSTEM_FOLDER, found, place_folders_else(&chosen, file, found)));
	assert_true(among(xdg, found, place_folders_else(&chosen, file, found)));
	if (theirs && chown(under("theirs"), 1, (gid_t)-1) == 0)
		assert_true(among(theirs, found, place_folders_else(&chosen, file, found)));
	chosen = (struct place_folder){.path = xdg, .source = PLACE_USER};
	assert_false(among(chosen.path, found, place_folders_else(&chosen, file, found)));
	/* A folder that was configured has no other beside it. */
	chosen.source = PLACE_PROFILE;
	assert_int_equal(place_folders_else(&chosen, file, found), 0);
	chosen.source = PLACE_ENVIRONMENT;
	assert_int_equal(place_folders_else(&chosen, file, found), 0);
	free(theirs);
}

static void folders(void **state)
{
	struct place_folder folder;

	(void)state;
	assert_true(place_folder_of("/var/lib/h7gang/numbers/" ID, &folder));
	assert_string_equal(folder.path, "/var/lib/h7gang");
	place_folder_free(&folder);
	assert_false(place_folder_of(ID, &folder));
	place_folder_free(&folder);
	assert_false(place_folder_of("/" ID, &folder));
	place_folder_free(&folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_environment, fresh),
		cmocka_unit_test_setup(the_profile, fresh),
		cmocka_unit_test_setup(the_users_own, fresh),
		cmocka_unit_test_setup(not_for_a_shared_file, fresh),
		cmocka_unit_test_setup(modes, fresh),
		cmocka_unit_test_setup(found_again, fresh),
		cmocka_unit_test_setup(of_a_profile, fresh),
		cmocka_unit_test_setup(of_other_users, fresh),
		cmocka_unit_test_setup(folders, fresh),
	};

	return cmocka_run_group_tests(tests, make_room, remove_all);
}
