/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The findings of doctor on a system made of a few files below a folder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/doctor.h"

static char root[64];
static struct doctor_finding finding;
static const struct usb_seen seen = {.path = "1-1.4", .bus = 1, .address = 7};

static int fresh(void **state)
{
	(void)state;
	snprintf(root, sizeof(root), "/tmp/h7gang-doctor.XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static int drop(const char *path, const struct stat *status, int kind, struct FTW *at)
{
	(void)status;
	(void)kind;
	(void)at;
	return remove(path);
}

static int gone(void **state)
{
	(void)state;
	return nftw(root, drop, 8, FTW_DEPTH | FTW_PHYS);
}

/* Makes root/NAME with its folders. */
static void put(const char *name, const char *text)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s%s", root, name);
	for (char *slash = path + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = 0;
		mkdir(path, 0755);
		*slash = '/';
	}
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void no_rule_is_wrong_for_a_user(void **state)
{
	(void)state;
	put("/etc/udev/rules.d/10-other.rules",
	    "ATTR{idVendor}==\"0483\"\nATTR{idProduct}==\"df11\"\n");
	put("/etc/udev/rules.d/20-off.rules", "# \"0483\" \"df11\"\n");
	doctor_udev_rule(root, false, &finding);
	assert_int_equal(finding.grade, DOCTOR_WRONG);
	assert_non_null(strstr(finding.mend, "60-h7gang.rules"));
	doctor_udev_rule(root, true, &finding);
	assert_int_equal(finding.grade, DOCTOR_NOTE);
}

static void a_rule_is_found_where_udev_looks(void **state)
{
	(void)state;
	put("/usr/local/lib/udev/rules.d/60-h7gang.rules",
	    "# ours\nATTR{idVendor}==\"0483\", ATTR{idProduct}==\"df11\", MODE=\"0660\"\n");
	doctor_udev_rule(root, false, &finding);
	assert_int_equal(finding.grade, DOCTOR_OK);
	assert_non_null(strstr(finding.what, "/usr/local/lib/udev/rules.d"));
	assert_string_equal(finding.mend, "");
}

static void device_folder(void **state)
{
	(void)state;
	doctor_device_folder(root, 0, &finding);
	assert_int_equal(finding.grade, DOCTOR_WRONG);
	/* Boards that libusb sees without it are virtual. */
	doctor_device_folder(root, 1, &finding);
	assert_int_equal(finding.grade, DOCTOR_NOTE);
	assert_string_equal(finding.mend, "");
	doctor_access(root, &seen, &finding);
	assert_int_equal(finding.grade, DOCTOR_NOTE);
	assert_non_null(strstr(finding.what, "/dev/bus/usb/001/007"));
	assert_string_equal(finding.mend, "");
	put("/dev/bus/usb/001/007", "");
	doctor_device_folder(root, 1, &finding);
	assert_int_equal(finding.grade, DOCTOR_OK);
	doctor_access(root, &seen, &finding);
	assert_int_equal(finding.grade, DOCTOR_OK);
}

static void autosuspend(void **state)
{
	(void)state;
	doctor_autosuspend(root, &seen, &finding);
	assert_int_equal(finding.grade, DOCTOR_NOTE);
	put("/sys/bus/usb/devices/1-1.4/power/control", "on\n");
	doctor_autosuspend(root, &seen, &finding);
	assert_int_equal(finding.grade, DOCTOR_OK);
	put("/sys/bus/usb/devices/1-1.4/power/control", "auto\n");
	doctor_autosuspend(root, &seen, &finding);
	assert_int_equal(finding.grade, DOCTOR_WRONG);
	assert_string_equal(finding.mend,
			    "echo on | sudo tee /sys/bus/usb/devices/1-1.4/power/control");
}

static void suspend(void **state)
{
	char path[128];

	(void)state;
	doctor_suspend(root, &finding);
	assert_int_equal(finding.grade, DOCTOR_OK);
	put("/sys/power/state", "\n");
	doctor_suspend(root, &finding);
	assert_int_equal(finding.grade, DOCTOR_OK);
	put("/sys/power/state", "freeze mem disk\n");
	doctor_suspend(root, &finding);
	assert_int_equal(finding.grade, DOCTOR_NOTE);
	assert_non_null(strstr(finding.what, "hybrid-sleep.target"));
	put("/etc/systemd/system/other", "");
	snprintf(path, sizeof(path), "%s/etc/systemd/system/sleep.target", root);
	assert_int_equal(symlink("/dev/null", path), 0);
	doctor_suspend(root, &finding);
	assert_int_equal(finding.grade, DOCTOR_OK);
}

static void usbfs_memory(void **state)
{
	(void)state;
	put("/sys/module/usbcore/parameters/usbfs_memory_mb", "1\n");
	doctor_usbfs_memory(root, 16, &finding);
	assert_int_equal(finding.grade, DOCTOR_OK);
	doctor_usbfs_memory(root, 17, &finding);
	assert_int_equal(finding.grade, DOCTOR_WRONG);
	assert_non_null(strstr(finding.mend, "echo 2 | sudo tee"));
	put("/sys/module/usbcore/parameters/usbfs_memory_mb", "0\n");
	doctor_usbfs_memory(root, 1000, &finding);
	assert_int_equal(finding.grade, DOCTOR_OK);
}

static void disk(void **state)
{
	char folder[96];

	(void)state;
	snprintf(folder, sizeof(folder), "%s/none", root);
	doctor_disk(folder, &finding);
	assert_int_equal(finding.grade, DOCTOR_WRONG);
	assert_non_null(strstr(finding.mend, folder));
	doctor_disk("/proc", &finding); /* nothing is free there */
	assert_int_equal(finding.grade, DOCTOR_WRONG);
	assert_non_null(
		strstr(finding.what, "0 KiB are free for the log in /proc; it needs 64 MiB"));
	assert_non_null(strstr(finding.mend, "df -h '/proc'"));
}

static void clock_is_checked(void **state)
{
	(void)state;
	doctor_clock("1970-01-01T00:00:07.000Z", true, &finding);
	assert_int_equal(finding.grade, DOCTOR_WRONG);
	doctor_clock("2026-11-22T14:03:12.345Z", false, &finding);
	assert_int_equal(finding.grade, DOCTOR_NOTE);
	doctor_clock("2031-11-22T14:03:12.345Z", true, &finding);
	assert_int_equal(finding.grade, DOCTOR_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(no_rule_is_wrong_for_a_user, fresh, gone),
		cmocka_unit_test_setup_teardown(a_rule_is_found_where_udev_looks, fresh, gone),
		cmocka_unit_test_setup_teardown(device_folder, fresh, gone),
		cmocka_unit_test_setup_teardown(autosuspend, fresh, gone),
		cmocka_unit_test_setup_teardown(suspend, fresh, gone),
		cmocka_unit_test_setup_teardown(usbfs_memory, fresh, gone),
		cmocka_unit_test_setup_teardown(disk, fresh, gone),
		cmocka_unit_test(clock_is_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
