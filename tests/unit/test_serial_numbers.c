/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The number of each board: after a pass, a failure, a kill, a lost or torn file, beside other
 * processes. */
#include "serial_room.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/wait.h>

#include "h7gang/base/durable.h"

static char format[] = "N-{:03d}";
static struct profile_serial serial;
static struct profile profile = {.name = "p", .serial = &serial};

static int fresh(void **state)
{
	clean_room(state);
	serial = (struct profile_serial){
		.state = state_path, .start = 1, .end = 999, .format = format};
	return 0;
}

static struct numbers *open_numbers(void)
{
	char why[300];
	struct numbers *numbers = numbers_open(&profile, log_path, true, why, sizeof(why));

	if (!numbers)
		fail_msg("%s", why);
	return numbers;
}

static void refused(const char *what)
{
	char why[300];

	assert_null(numbers_open(&profile, log_path, true, why, sizeof(why)));
	if (!strstr(why, what))
		fail_msg("\"%s\" does not say \"%s\"", why, what);
}

static enum numbers_result take(struct numbers *numbers, const char *uid, const char *number,
				struct profile_unit *unit)
{
	char why[300] = "";
	enum numbers_result result = numbers_take(numbers, uid, "unit", unit, why, sizeof(why));

	if (result == NUMBERS_OK)
		assert_string_equal(unit->serial, number);
	else
		assert_true(why[0]);
	return result;
}

static void takes(struct numbers *numbers, const char *uid, const char *number, bool passes)
{
	struct profile_unit unit;

	assert_int_equal(take(numbers, uid, number, &unit), NUMBERS_OK);
	numbers_done(numbers, &unit, passes);
}

static void write_state(const char *text)
{
	FILE *file = fopen(state_path, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void burned(void **state)
{
	struct numbers *numbers = open_numbers();

	(void)state;
	serial.by_uid = true;
	takes(numbers, UID_A, "N-001", false);
	takes(numbers, UID_A, "N-002", true);
	takes(numbers, UID_A, "N-002", false); /* it has passed with it */
	takes(numbers, UID_B, "N-003", true);
	numbers_close(numbers);
	numbers = open_numbers();
	takes(numbers, UID_B, "N-003", true);
	takes(numbers, UID_A, "N-002", true);
	serial.by_uid = false;
	takes(numbers, UID_A, "N-004", true);
	numbers_close(numbers);
}

static void kept(void **state)
{
	struct numbers *numbers;

	(void)state;
	serial.keep = true;
	numbers = open_numbers();
	takes(numbers, UID_A, "N-001", false);
	takes(numbers, UID_B, "N-002", false);
	takes(numbers, "", "N-003", false);
	numbers_close(numbers);
	numbers = open_numbers();
	takes(numbers, "", "N-004", false);
	takes(numbers, UID_A, "N-001", true);
	takes(numbers, UID_A, "N-005", true); /* the first one is used up */
	takes(numbers, UID_B, "N-002", false);
	numbers_close(numbers);
}

static void used_up(void **state)
{
	struct profile_unit unit;
	struct numbers *numbers;

	(void)state;
	serial.start = 5;
	serial.end = 6;
	numbers = open_numbers();
	takes(numbers, UID_A, "N-005", true);
	takes(numbers, UID_A, "N-006", true);
	assert_int_equal(take(numbers, UID_A, "", &unit), NUMBERS_EXHAUSTED);
	numbers_close(numbers);
	/* A lower range is as good as new, a higher one too. */
	serial.start = 1;
	serial.end = 4;
	numbers = open_numbers();
	takes(numbers, UID_A, "N-001", true);
	numbers_close(numbers);
	serial.start = 5;
	serial.end = 9;
	numbers = open_numbers();
	takes(numbers, UID_A, "N-007", true);
	numbers_close(numbers);
}

static void needs_a_uid(void **state)
{
	struct profile_unit unit;
	struct numbers *numbers;

	(void)state;
	serial.by_uid = true;
	numbers = open_numbers();
	assert_int_equal(take(numbers, "", "", &unit), NUMBERS_NO_UID);
	assert_int_equal(take(numbers, UID_A, "N-001", &unit), NUMBERS_OK);
	numbers_done(numbers, &unit, true);
	assert_int_equal(take(numbers, UID_A, "N-001", &unit), NUMBERS_OK);
	assert_int_equal(take(numbers, UID_A, "", &unit), NUMBERS_BUSY);
	numbers_close(numbers);
}

static void what_the_log_knows(void **state)
{
	struct profile_unit unit;
	struct numbers *numbers;
	char why[300];

	(void)state;
	serial.by_uid = true;
	add_row(log_path, "u1", "run", "", UID_A, "N-040", AUDIT_PASS);
	add_row(log_path, "u2", "rework", "", UID_B, "N-041", AUDIT_FAIL);
	add_row(log_path, "u3", "verify", "", UID_B, "N-077", AUDIT_PASS);
	numbers = open_numbers(); /* no state file: it was lost */
	takes(numbers, UID_A, "N-040", true);
	takes(numbers, UID_B, "N-042", true);
	numbers_close(numbers);
	clean_room(NULL);
	add_row(log_path, "u1", "run", "", UID_A, "N-040", AUDIT_PASS);
	numbers = numbers_open(&profile, log_path, false, why, sizeof(why));
	assert_non_null(numbers);
	assert_int_equal(numbers_find(numbers, UID_A, &unit, why, sizeof(why)), NUMBERS_OK);
	assert_string_equal(unit.serial, "N-040");
	assert_int_equal(unit.counter, 40);
	assert_int_equal(numbers_find(numbers, UID_B, &unit, why, sizeof(why)), NUMBERS_UNKNOWN);
	assert_int_equal(numbers_find(numbers, "", &unit, why, sizeof(why)), NUMBERS_NO_UID);
	numbers_close(numbers);
	assert_int_not_equal(access(state_path, F_OK), 0); /* reading makes no file */
}

/* Two profiles with one state file: which number of a board is the last, the order in that file
 * tells. */
static void the_last_of_several(void **state)
{
	struct profile_unit unit;
	struct numbers *numbers;
	char why[300];

	(void)state;
	add_row(log_path, "u1", "run", "", UID_A, "N-001", AUDIT_PASS);
	add_row(log_path, "u3", "run", "", UID_A, "N-003", AUDIT_PASS);
	write_state("h7gang numbers 1\ntake\t1\tN-001\t" UID_A "\tu1\npass\t1\tN-001\t" UID_A
		    "\t-\n"
		    "take\t2\tN-002\t" UID_A "\tu2\npass\t2\tN-002\t" UID_A "\t-\n"
		    "take\t3\tN-003\t" UID_A "\tu3\n");
	numbers = numbers_open(&profile, log_path, false, why, sizeof(why));
	assert_non_null(numbers);
	assert_int_equal(numbers_find(numbers, UID_A, &unit, why, sizeof(why)), NUMBERS_OK);
	assert_string_equal(unit.serial, "N-003");
	numbers_close(numbers);
}

static void torn_and_damaged(void **state)
{
	struct numbers *numbers;

	(void)state;
	write_state("h7gang num");
	numbers = open_numbers();
	takes(numbers, UID_A, "N-001", true);
	numbers_close(numbers);
	write_state("h7gang numbers 1\ntake\t8\tN-008\t-\tu\ntake\t9\tN-0");
	numbers = open_numbers();
	takes(numbers, UID_A, "N-009", true); /* no board had been given it */
	numbers_close(numbers);
	write_state("h7gang numbers 1\ntake\t8\tN-008\t-\n");
	refused("damaged");
	write_state("h7gang numbers 1\ngive\t8\tN-008\t-\tu\n");
	refused("damaged");
	write_state("h7gang numbers 1\ntake\tx\tN-008\t-\tu\n");
	refused("damaged");
	write_state("shopping list");
	refused("no file of numbers");
	write_state("shopping\nlist\n");
	refused("no file of numbers");
}

static void removed_under_us(void **state)
{
	struct profile_unit unit;
	struct numbers *numbers = open_numbers();

	(void)state;
	takes(numbers, UID_A, "N-001", true);
	unlink(state_path);
	assert_int_equal(take(numbers, UID_A, "", &unit), NUMBERS_BROKEN);
	write_state("h7gang numbers 1\n");
	assert_int_equal(take(numbers, UID_A, "", &unit), NUMBERS_BROKEN);
	numbers_close(numbers);
}

static void a_list(void **state)
{
	char *cell[] = {(char[]){"sn"}, (char[]){"A"}, (char[]){"B"}, (char[]){"C"}};
	struct profile_unit unit;
	struct numbers *numbers;

	(void)state;
	serial.from_list = true;
	serial.by_uid = true;
	serial.list = (struct profile_list){.columns = 1, .rows = 3, .cell = cell};
	add_row(log_path, "u1", "run", "", UID_B, "B", AUDIT_PASS);
	numbers = open_numbers();
	takes(numbers, UID_A, "A", false);
	takes(numbers, UID_A, "C", true);
	takes(numbers, UID_B, "B", true);
	assert_int_equal(take(numbers, "cccccccccccccccccccccccc", "", &unit), NUMBERS_EXHAUSTED);
	numbers_close(numbers);
	serial.list.rows = 1; /* that board's row is gone */
	numbers = open_numbers();
	assert_int_equal(take(numbers, UID_B, "", &unit), NUMBERS_UNKNOWN);
	numbers_close(numbers);
}

enum { THREADS = 4, EACH = 20, PROCESSES = 3 };

static void *draw(void *user)
{
	struct profile_unit unit;
	char why[300];

	for (int i = 0; i < EACH; i++) {
		if (numbers_take(user, "", "unit", &unit, why, sizeof(why)) != NUMBERS_OK)
			return user;
		numbers_done(user, &unit, i % 2);
	}
	return NULL;
}

static int draw_process(void)
{
	char why[300];
	struct numbers *numbers = numbers_open(&profile, log_path, true, why, sizeof(why));
	pthread_t thread[THREADS];
	int bad = numbers ? 0 : 1;

	for (int i = 0; i < THREADS && numbers; i++)
		bad |= pthread_create(&thread[i], NULL, draw, numbers) != 0;
	for (int i = 0; i < THREADS && numbers; i++) {
		void *failed;

		pthread_join(thread[i], &failed);
		bad |= failed != NULL;
	}
	numbers_close(numbers);
	return bad;
}

/* Several processes with several threads each: as many takes as there were draws, none twice. */
static void many_at_once(void **state)
{
	bool seen[1000] = {false};
	unsigned count = 0, number;
	char line[256];
	FILE *file;

	(void)state;
	for (int i = 0; i < PROCESSES; i++) {
		if (fork() == 0)
			_exit(draw_process());
	}
	for (int i = 0; i < PROCESSES; i++) {
		int status;

		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	file = fopen(state_path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "take\t%u\t", &number) != 1)
			continue;
		assert_in_range(number, 1, 999);
		assert_false(seen[number]);
		seen[number] = true;
		count++;
	}
	fclose(file);
	assert_int_equal(count, PROCESSES * THREADS * EACH);
}

/* Another process that never lets go is not waited for without end. */
static void a_lock_that_stays(void **state)
{
	struct numbers *numbers = open_numbers();
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	struct profile_unit unit;
	int fd = open(state_path, O_RDWR | O_CLOEXEC);

	(void)state;
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &whole), 0);
	assert_int_equal(take(numbers, UID_A, "", &unit), NUMBERS_BROKEN);
	close(fd);
	takes(numbers, UID_A, "N-001", true);
	numbers_close(numbers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(burned, fresh),
		cmocka_unit_test_setup(kept, fresh),
		cmocka_unit_test_setup(used_up, fresh),
		cmocka_unit_test_setup(needs_a_uid, fresh),
		cmocka_unit_test_setup(what_the_log_knows, fresh),
		cmocka_unit_test_setup(the_last_of_several, fresh),
		cmocka_unit_test_setup(torn_and_damaged, fresh),
		cmocka_unit_test_setup(removed_under_us, fresh),
		cmocka_unit_test_setup(a_list, fresh),
		cmocka_unit_test_setup(many_at_once, fresh),
		cmocka_unit_test_setup(a_lock_that_stays, fresh),
	};

	return cmocka_run_group_tests(tests, make_room, remove_room);
}
