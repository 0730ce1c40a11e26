/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The personalities: differences of ST's published class and of a program in flash from a ROM. */
#include "test_rom_host.h"

static struct host personal(const char *bootloader, enum rom_personality personality)
{
	struct host host;

	host_config(&host, "h743xi", bootloader);
	host.config.contents = ROM_CONTENTS_PATTERN;
	rom_config_personality(&host.config, personality);
	return host;
}

static uint8_t state_of(struct host *host)
{
	assert_int_equal(host_in(host, GETSTATE, 0, 1), ROM_ACK);
	return host->result.data[0];
}

static void it_runs_behind_the_data_stage(void **state)
{
	struct host host = personal("V9.2", ROM_PERSONALITY_ST_DFU_CLASS);

	(void)state;
	host.config.poll_erase_ms = 1000;
	host_plug(&host);
	assert_int_equal(host_out(&host, DNLOAD, 0, (uint8_t[]){0x41, 0, 0, 0, 8}, 5), ROM_ACK);
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	assert_int_equal(host.state, 4);
	assert_int_equal(host.poll, 1000 % 256);
	assert_true(host.result.ns >= 900 * ROM_MS);
	assert_int_equal(state_of(&host), 3);
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	assert_int_equal(host.state, 5);
	rom_free(host.rom);
}

static void it_ignores_abort_and_errs_at_clrstatus(void **state)
{
	struct host host = personal("V9.2", ROM_PERSONALITY_ST_DFU_CLASS);

	(void)state;
	host_plug(&host);
	assert_int_equal(host_out(&host, CLRSTATUS, 0, NULL, 0), ROM_ACK);
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	assert_int_equal(host.state, 10);
	assert_int_equal(host.status, 14);
	assert_int_equal(host_out(&host, ABORT, 0, NULL, 0), ROM_ACK);
	assert_int_equal(state_of(&host), 10);
	assert_int_equal(host_out(&host, CLRSTATUS, 0, NULL, 0), ROM_ACK);
	assert_int_equal(state_of(&host), 2);
	rom_free(host.rom);
}

static void a_failed_upload_leaves_a_state_that_is_none(void **state)
{
	struct host host = personal("V9.2", ROM_PERSONALITY_ST_DFU_CLASS);

	(void)state;
	host_plug(&host);
	assert_int_equal(host_in(&host, UPLOAD, 1, 64), ROM_STALL);
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	assert_int_equal(host.status, 0);
	assert_int_equal(host.state, 15);
	assert_int_equal(host_out(&host, ABORT, 0, NULL, 0), ROM_ACK);
	assert_int_equal(state_of(&host), 15);
	assert_int_equal(host_in(&host, UPLOAD, 2, 64), ROM_STALL);
	assert_int_equal(state_of(&host), 15);
	rom_free(host.rom);
}

static void an_unknown_command_is_busy_for_ever(void **state)
{
	struct host host = personal("V9.2", ROM_PERSONALITY_ST_DFU_CLASS);

	(void)state;
	host_plug(&host);
	assert_int_equal(host_out(&host, DNLOAD, 0, (uint8_t[]){0x77, 0, 0, 0, 8}, 5), ROM_ACK);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(host_getstatus(&host), ROM_ACK);
		assert_int_equal(host.state, 4);
	}
	rom_free(host.rom);
}

static void mass_erase_is_acknowledged_and_not_done(void **state)
{
	struct host host = personal("V9.2", ROM_PERSONALITY_ST_DFU_CLASS);

	(void)state;
	host_plug(&host);
	assert_int_equal(host_out(&host, DNLOAD, 0, (uint8_t[]){0x41}, 1), ROM_ACK);
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	assert_int_equal(host.state, 5);
	assert_int_equal(rom_counters(host.rom)->mass_erases, 0);
	rom_free(host.rom);
}

static void a_question_starts_a_wedged_erase_again(void **state)
{
	struct host host = personal("V9.0", ROM_PERSONALITY_ST_DFU_CLASS);

	(void)state;
	host_plug(&host);
	assert_int_equal(host_out(&host, DNLOAD, 0, (uint8_t[]){0x41, 0, 0, 0x10, 8}, 5), ROM_ACK);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(host_getstatus(&host), ROM_ACK);
		assert_int_equal(host.state, 4);
	}
	assert_int_equal(rom_counters(host.rom)->wedged_asks, 2);
	rom_free(host.rom);
}

/* ST's tool in betaflight-configurator #1861: 16 ms, then 1 ms, both dfuDNBUSY. */
static void v9_0_answers_bank_2_after_16_ms(void **state)
{
	struct host host = personal("V9.0", ROM_PERSONALITY_ROM);

	(void)state;
	host_plug(&host);
	assert_int_equal(host_out(&host, DNLOAD, 0, (uint8_t[]){0x41, 0, 0, 0x10, 8}, 5), ROM_ACK);
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	assert_int_equal(host.state, 4);
	assert_in_range(host.result.ns, 16 * ROM_MS, 17 * ROM_MS);
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	assert_int_equal(host.state, 4);
	assert_true(host.result.ns <= ROM_MS);
	rom_free(host.rom);
}

static void a_resident_program_clears_at_once_and_keeps_its_sector(void **state)
{
	struct host host = personal("V9.2", ROM_PERSONALITY_RESIDENT);

	(void)state;
	host_plug(&host);
	assert_int_equal(host_in(&host, UPLOAD, 0, 64), ROM_SILENT);
	assert_int_equal(host_out(&host, DNLOAD, 0, (uint8_t[]){0x21, 0, 0, 0, 0x70}, 5), ROM_ACK);
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	assert_int_equal(host.poll, 0);
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	assert_int_equal(host.state, 10);
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	assert_int_equal(host.state, 2); /* told once */
	assert_int_equal(host_out(&host, DNLOAD, 0, (uint8_t[]){0x41, 0, 0, 0, 8}, 5), ROM_ACK);
	assert_int_equal(host_out(&host, CLRSTATUS, 0, NULL, 0), ROM_ACK);
	assert_int_equal(state_of(&host), 2);
	assert_int_equal(host_read(&host, 0x08000000, 4), ROM_ACK);
	assert_memory_not_equal(host.result.data, "\xFF\xFF\xFF\xFF", 4);
	rom_free(host.rom);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_runs_behind_the_data_stage),
		cmocka_unit_test(it_ignores_abort_and_errs_at_clrstatus),
		cmocka_unit_test(a_failed_upload_leaves_a_state_that_is_none),
		cmocka_unit_test(an_unknown_command_is_busy_for_ever),
		cmocka_unit_test(mass_erase_is_acknowledged_and_not_done),
		cmocka_unit_test(a_question_starts_a_wedged_erase_again),
		cmocka_unit_test(v9_0_answers_bank_2_after_16_ms),
		cmocka_unit_test(a_resident_program_clears_at_once_and_keeps_its_sector),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
