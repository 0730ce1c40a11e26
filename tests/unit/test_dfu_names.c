/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "h7gang/dfu/names.h"

static void every_value_has_a_name(void **state)
{
	(void)state;
	for (int i = 0; i < 256; i++) {
		assert_true(strlen(dfu_state_name((uint8_t)i)) > 0);
		assert_true(strlen(dfu_status_name((uint8_t)i)) > 0);
		assert_true(strlen(dfu_request_name((uint8_t)i)) > 0);
	}
}

static void the_fields_own_names(void **state)
{
	(void)state;
	assert_string_equal(dfu_state_name(DFU_IDLE), "dfuIDLE");
	assert_string_equal(dfu_state_name(DFU_DNBUSY), "dfuDNBUSY");
	assert_string_equal(dfu_state_name(DFU_DNLOAD_IDLE), "dfuDNLOAD-IDLE");
	assert_string_equal(dfu_state_name(DFU_ERROR), "dfuERROR");
	assert_string_equal(dfu_state_name(0x2a), "state 0x2a");
	assert_string_equal(dfu_status_name(DFU_STATUS_OK), "OK");
	assert_string_equal(dfu_status_name(DFU_ERR_VENDOR), "errVENDOR");
	assert_string_equal(dfu_status_name(DFU_ERR_STALLEDPKT), "errSTALLEDPKT");
	assert_string_equal(dfu_status_name(0x10), "status 0x10");
	assert_string_equal(dfu_request_name(DFU_DNLOAD), "DNLOAD");
	assert_string_equal(dfu_request_name(DFU_ABORT), "ABORT");
	assert_string_equal(dfu_request_name(DFU_STANDARD_GET_DESCRIPTOR), "GET_DESCRIPTOR");
	assert_string_equal(dfu_request_name(7), "request 0x07");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_value_has_a_name),
		cmocka_unit_test(the_fields_own_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
