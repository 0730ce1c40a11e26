/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Quantities and duplicates, counted from a log and the tray. */
#include "serial_room.h"

static struct profile profile = {.name = "p"};

static struct limits *open_limits(uint64_t quantity, bool once)
{
	char why[300];
	struct limits *limits;

	profile.limits = (struct profile_limits){.lot_quantity = quantity, .once_per_lot = once};
	limits = limits_open(&profile, log_path, "L", why, sizeof(why));
	if (!limits)
		fail_msg("%s", why);
	return limits;
}

static void answers(struct limits *limits, const char *uid, bool rework, enum limits_answer wanted)
{
	char why[300] = "";

	assert_int_equal(limits_admit(limits, uid[0] ? uid : "u", uid, rework, CLOCK_NEVER, why,
				      sizeof(why)),
			 wanted);
	assert_true(wanted == LIMITS_ADMITTED || why[0]);
}

static void distinct_boards(void **state)
{
	struct limits *limits;

	(void)state;
	add_row(log_path, "u1", "run", "L", UID_A, "", AUDIT_PASS);
	add_row(log_path, "u2", "rework", "L", UID_A, "", AUDIT_PASS);
	add_row(log_path, "u3", "run", "L", UID_B, "", AUDIT_FAIL);
	add_row(log_path, "u4", "verify", "L", UID_B, "", AUDIT_PASS);
	add_row(log_path, "u5", "run", "M", UID_B, "", AUDIT_PASS);
	add_row(log_path, "u6", "run", "L", "", "", AUDIT_PASS);
	limits = open_limits(3, false); /* one UID and one without */
	answers(limits, UID_B, false, LIMITS_ADMITTED);
	answers(limits, "cccccccccccccccccccccccc", false, LIMITS_REACHED);
	answers(limits, "", false, LIMITS_REACHED);
	answers(limits, UID_A, false, LIMITS_ADMITTED); /* no more than there were */
	limits_done(limits, "u", UID_A, true);
	limits_done(limits, "u", UID_B, false); /* its place is free again */
	answers(limits, "", false, LIMITS_ADMITTED);
	limits_done(limits, "u", "", true);
	answers(limits, UID_B, false, LIMITS_REACHED);
	limits_close(limits);
}

static void once(void **state)
{
	struct limits *limits;

	(void)state;
	add_row(log_path, "u1", "run", "L", UID_A, "", AUDIT_PASS);
	add_row(log_path, "u2", "run", "M", UID_B, "", AUDIT_PASS);
	limits = open_limits(0, true);
	answers(limits, UID_A, false, LIMITS_DUPLICATE);
	answers(limits, UID_A, true, LIMITS_ADMITTED);
	limits_done(limits, "u", UID_A, false);
	answers(limits, "", false, LIMITS_NO_UID);
	answers(limits, UID_B, false, LIMITS_ADMITTED);
	answers(limits, UID_B, true, LIMITS_DUPLICATE); /* on another slot */
	limits_done(limits, "u", UID_B, true);
	answers(limits, UID_B, false, LIMITS_DUPLICATE);
	limits_close(limits);
}

static void two_with_one_uid(void **state)
{
	struct limits *limits = open_limits(2, false);

	(void)state;
	answers(limits, UID_A, false, LIMITS_ADMITTED);
	answers(limits, UID_A, false, LIMITS_ADMITTED);
	limits_done(limits, "u", UID_A, true);
	limits_done(limits, "u", UID_A, true);
	answers(limits, UID_B, false, LIMITS_ADMITTED);
	answers(limits, "", false, LIMITS_REACHED);
	limits_close(limits);
}

static void rotations(void **state)
{
	char old[80], begun[80];
	struct limits *limits;
	FILE *file;

	(void)state;
	snprintf(old, sizeof(old), "%s.1", log_path);
	snprintf(begun, sizeof(begun), "%s.begun", log_path);
	add_row(old, "u1", "run", "L", UID_A, "", AUDIT_PASS);
	add_row(old, "u2", "run", "L", "", "", AUDIT_PASS);
	file = fopen(begun, "w");
	assert_non_null(file);
	fputs("no log\n", file);
	fclose(file);
	limits = open_limits(2, true); /* and no log of its own yet */
	answers(limits, UID_A, false, LIMITS_DUPLICATE);
	answers(limits, UID_B, false, LIMITS_REACHED);
	limits_close(limits);
	unlink(old);
	unlink(begun);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(distinct_boards, clean_room),
		cmocka_unit_test_setup(once, clean_room),
		cmocka_unit_test_setup(two_with_one_uid, clean_room),
		cmocka_unit_test_setup(rotations, clean_room),
	};

	return cmocka_run_group_tests(tests, make_room, remove_room);
}
