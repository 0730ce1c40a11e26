/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "h7gang/base/errors.h"

/* Written a second time on purpose: these names are scripted against and never change. */
static const struct {
	enum h7_error error;
	const char *name;
	bool retried, counted;
} contract[] = {
	{H7_OK, "", false, true},
	{H7_NO_DEVICE, "no_device", true, true},
	{H7_USB_TIMEOUT, "usb_timeout", true, true},
	{H7_USB_ERROR, "usb_error", true, true},
	{H7_DFU_STATUS, "dfu_status", true, true},
	{H7_DFU_STUCK, "dfu_stuck", true, true},
	{H7_READ_PROTECTED, "read_protected", false, true},
	{H7_WRONG_PART, "wrong_part", false, true},
	{H7_BOOTLOADER_DENIED, "bootloader_denied", false, true},
	{H7_NOT_BLANK, "not_blank", true, true},
	{H7_ERASE_FAILED, "erase_failed", true, true},
	{H7_PROGRAM_FAILED, "program_failed", true, true},
	{H7_VERIFY_MISMATCH, "verify_mismatch", true, true},
	{H7_LEAVE_FAILED, "leave_failed", false, true},
	{H7_OPTION_BYTES, "option_bytes", true, true},
	{H7_SERIAL_EXHAUSTED, "serial_exhausted", false, false},
	{H7_SERIAL_UNKNOWN, "serial_unknown", true, true},
	{H7_UID_UNKNOWN, "uid_unknown", true, true},
	{H7_DUPLICATE, "duplicate", false, false},
	{H7_LIMIT_REACHED, "limit_reached", false, false},
	{H7_STORE_UNAVAILABLE, "store_unavailable", false, false},
	{H7_HOOK_REFUSED, "hook_refused", false, false},
	{H7_UNIT_TIMEOUT, "unit_timeout", true, true},
	{H7_ABORTED, "aborted", false, true},
	{H7_HOST_ERROR, "host_error", true, false},
	{H7_WRITE_PROTECTED, "write_protected", false, true},
	{H7_ALREADY_PROTECTED, "already_protected", false, false},
	{H7_NOT_RELEASED, "not_released", false, false},
	{H7_HOOK_FAILED, "hook_failed", false, false},
	{H7_NO_BOOT, "no_boot", false, true},
	{H7_WRONG_PRODUCT, "wrong_product", false, true},
	{H7_POWER_INEFFECTIVE, "power_ineffective", false, false},
};

_Static_assert(sizeof(contract) / sizeof(contract[0]) == H7_ERROR_COUNT, "a row for each error");

static void names_are_those_of_the_contract(void **state)
{
	(void)state;
	for (size_t i = 0; i < H7_ERROR_COUNT; i++) {
		assert_int_equal(contract[i].error, i);
		assert_string_equal(h7_error_name(contract[i].error), contract[i].name);
		assert_int_equal(h7_error_retried(contract[i].error), contract[i].retried);
		assert_int_equal(h7_error_counted(contract[i].error), contract[i].counted);
		assert_int_equal(h7_error_find(contract[i].name), i);
	}
}

static void every_failure_has_one_sentence_of_advice(void **state)
{
	(void)state;
	for (int i = 1; i < H7_ERROR_COUNT; i++) {
		const char *advice = h7_error_advice((enum h7_error)i);
		size_t length = strlen(advice);

		assert_in_range(length, 20, 200);
		assert_int_equal(advice[length - 1], '.');
		for (int j = 1; j < i; j++)
			assert_string_not_equal(advice, h7_error_advice((enum h7_error)j));
	}
}

static void values_outside_the_list_are_survived(void **state)
{
	(void)state;
	assert_non_null(h7_error_name(H7_ERROR_COUNT));
	assert_non_null(h7_error_advice((enum h7_error)9999));
	assert_false(h7_error_retried(H7_ERROR_COUNT));
	assert_true(h7_error_counted(H7_ERROR_COUNT));
	assert_int_equal(h7_error_find("none_of_these"), H7_ERROR_COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_those_of_the_contract),
		cmocka_unit_test(every_failure_has_one_sentence_of_advice),
		cmocka_unit_test(values_outside_the_list_are_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
