/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The faults a fleet file gives a target. */
#include "test_rom_host.h"

static void stalls(void **state)
{
	struct host host = host_new("V9.2");
	uint8_t data[32] = {0};

	(void)state;
	host_fault(&host, ROM_FAULT_STALL, ROM_ON_WRITE)->nth = 2;
	host_plug(&host);
	assert_int_equal(host_write(&host, 0x08000000, data, 32), 5);
	assert_int_equal(host_out(&host, DNLOAD, 2, data, 32), ROM_STALL);
	assert_int_equal(host_state(&host), 5); /* a hole, were the next one sent at once */
	assert_int_equal(host_write(&host, 0x08000020, data, 32), 5);
	assert_int_equal(rom_counters(host.rom)->stalls, 1);
	assert_int_equal(rom_counters(host.rom)->faults_struck, 1);
	rom_free(host.rom);

	host = host_new("V9.2");
	host_fault(&host, ROM_FAULT_STALL_ERROR, ROM_ON_GETSTATUS);
	host_plug(&host);
	assert_int_equal(host_getstatus(&host), ROM_STALL);
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	assert_int_equal(host.state, 10);
	assert_int_equal(host.status, 0x0E);
	rom_free(host.rom);
}

static void a_latched_stall_needs_a_power_cut(void **state)
{
	struct host host = host_new("V9.2");

	(void)state;
	host_fault(&host, ROM_FAULT_STALL_LATCH, ROM_ON_SET_POINTER);
	host_plug(&host);
	assert_int_equal(host_out(&host, DNLOAD, 0, (uint8_t[]){0x21, 0, 0, 0, 8}, 5), ROM_STALL);
	assert_int_equal(host_out(&host, CLRSTATUS, 0, NULL, 0), ROM_STALL);
	assert_int_equal(host_setup(&host, 0x01, 11, 0, NULL, 0), ROM_STALL);
	rom_bus_reset(host.rom, host.now);
	assert_int_equal(host_getstatus(&host), ROM_STALL);
	rom_power_off(host.rom, host.now);
	rom_power_on(host.rom, host.now);
	assert_int_equal(host_command(&host, 0x21, 0x08000000), 5);
	rom_free(host.rom);
}

static void silence(void **state)
{
	struct host host = host_new("V9.2");
	uint8_t data[32] = {0};

	(void)state;
	host_fault(&host, ROM_FAULT_MUTE, ROM_ON_OP_PROGRAM);
	host_fault(&host, ROM_FAULT_SILENT, ROM_ON_ABORT);
	host_fault(&host, ROM_FAULT_HANG, ROM_ON_CLRSTATUS);
	host_plug(&host);
	assert_int_equal(host_out(&host, DNLOAD, 2, data, 32), ROM_ACK);
	assert_int_equal(host_getstatus(&host), ROM_SILENT);
	assert_int_equal(host_getstatus(&host), ROM_ACK); /* it did it all the same */
	assert_int_equal(host.state, 5);
	assert_int_equal(rom_counters(host.rom)->words_programmed, 1);
	assert_int_equal(host_out(&host, ABORT, 0, NULL, 0), ROM_SILENT);
	assert_int_equal(host_state(&host), 5);
	assert_int_equal(host_out(&host, CLRSTATUS, 0, NULL, 0), ROM_SILENT);
	assert_int_equal(host_in(&host, GETSTATE, 0, 1), ROM_SILENT);
	assert_int_equal(rom_counters(host.rom)->hung, 0);
	rom_free(host.rom);
}

static void lies(void **state)
{
	struct host host = host_new("V9.2");
	struct rom_fault *fault;

	(void)state;
	host_fault(&host, ROM_FAULT_BAD_STATE, 0)->value = 0x5A;
	host_fault(&host, ROM_FAULT_BAD_STATUS, 0)->value = 0xC3;
	host_fault(&host, ROM_FAULT_POLL, 0)->value = 0x123456;
	host_fault(&host, ROM_FAULT_SLOW, ROM_ON_GETSTATUS)->ns = 3000 * ROM_MS;
	host_fault(&host, ROM_FAULT_SHORT_UPLOAD, 0)->value = 3;
	fault = host_fault(&host, ROM_FAULT_WRONG_DATA, 0);
	fault->has_address = true;
	fault->address = 0x08000002;
	fault->bit = 7;
	host_fault(&host, ROM_FAULT_LONG_UPLOAD, 0)->nth = 2;
	host_plug(&host);
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	assert_int_equal(host.result.ns, 3000 * ROM_MS + 150000);
	assert_int_equal(host.state, 0x5A);
	assert_int_equal(host.status, 0xC3);
	assert_int_equal(host.poll, 0x123456);
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	assert_int_equal(host.state, 2);
	assert_int_equal(host_in(&host, UPLOAD, 2, 32), ROM_ACK);
	assert_int_equal(host.result.length, 3);
	assert_int_equal(host.result.data[2], 0x7F);
	assert_false(host.result.babble);
	assert_int_equal(host_in(&host, UPLOAD, 2, 32), ROM_ACK);
	assert_true(host.result.babble);
	assert_int_equal(host.result.data[2], 0xFF);
	rom_free(host.rom);
}

static void vanishes_in_the_middle_of_an_erase(void **state)
{
	struct host host = host_new("V9.2");
	struct rom_fault *fault = host_fault(&host, ROM_FAULT_VANISH, ROM_ON_OP_ERASE);

	(void)state;
	fault->ns = 400 * ROM_MS;
	fault->away_ns = 300 * ROM_MS;
	memcpy(fault->port, "1-1.9", 6);
	host.config.contents = ROM_CONTENTS_PATTERN;
	host_plug(&host);
	assert_int_equal(host_out(&host, DNLOAD, 0, (uint8_t[]){0x41, 0, 0, 0, 8}, 5), ROM_ACK);
	assert_int_equal(host_getstatus(&host), ROM_GONE);
	assert_int_equal(host.result.ns, 400 * ROM_MS);
	assert_true(host.result.leaves);
	assert_int_equal(host.result.away_ns, 300 * ROM_MS);
	assert_string_equal(host.result.returns_at, "1-1.9");
	rom_power_on(host.rom, host.now + 300 * ROM_MS);
	assert_true(rom_broken_words(host.rom) > 0);
	assert_int_equal(host_state(&host), 2);
	assert_int_equal(rom_counters(host.rom)->power_cuts, 1);
	rom_free(host.rom);
}

static void another_board_comes_back(void **state)
{
	struct host host = host_new("V9.2");
	uint8_t data[32] = {0}, blank[32];

	(void)state;
	memset(blank, 0xFF, sizeof(blank));
	host_fault(&host, ROM_FAULT_SWAP, ROM_ON_WRITE)->nth = 2;
	host_plug(&host);
	assert_memory_equal(rom_uid(host.rom), host.config.uid, 12);
	assert_int_equal(host_write(&host, 0x08000000, data, 32), 5);
	assert_int_equal(host_out(&host, DNLOAD, 2, data, 32), ROM_GONE);
	rom_power_on(host.rom, host.now);
	assert_memory_not_equal(rom_uid(host.rom), host.config.uid, 12);
	host_read_is(&host, 0x1FF1E800, rom_uid(host.rom), 12);
	host_read_is(&host, 0x08000000, blank, 32);
	rom_free(host.rom);
}

static void operations_fail_or_are_dropped(void **state)
{
	struct host host = host_new("V9.2");
	uint8_t data[32] = {0};
	struct rom_fault *fault;

	(void)state;
	host_fault(&host, ROM_FAULT_DROP, ROM_ON_OP_PROGRAM);
	host_fault(&host, ROM_FAULT_FAIL, ROM_ON_OP_PROGRAM)->nth = 2;
	fault = host_fault(&host, ROM_FAULT_DROP, ROM_ON_OP_MASS);
	fault->has_address = true;
	fault->address = 0x08020000;
	host.config.contents = ROM_CONTENTS_PATTERN;
	host_plug(&host);
	assert_int_equal(host_mass(&host), 5);
	assert_int_equal(host_read(&host, 0x08000000, 4), ROM_ACK);
	assert_int_equal(host.result.data[3], 0xFF);
	assert_int_equal(host_read(&host, 0x08020000, 4), ROM_ACK);
	assert_int_equal(host.result.data[3], 0x08);
	assert_int_equal(host_write(&host, 0x08000000, data, 32), 5);
	assert_int_equal(rom_counters(host.rom)->words_programmed, 0);
	assert_int_equal(host_write(&host, 0x08000000, data, 32), 10);
	assert_int_equal(host.status, 6);
	assert_int_equal(rom_counters(host.rom)->words_programmed, 0);
	rom_free(host.rom);
}

static void triggers(void **state)
{
	struct host host = host_new("V9.2");
	struct rom_fault *fault = host_fault(&host, ROM_FAULT_STALL, ROM_ON_UPLOAD);
	unsigned stalled = 0;

	(void)state;
	fault->has_block = true;
	fault->block = 5;
	fault = host_fault(&host, ROM_FAULT_STALL, ROM_ON_READ);
	fault->has_address = true;
	fault->address = 0x08002000;
	fault->length = 16;
	fault = host_fault(&host, ROM_FAULT_STALL, ROM_ON_GETSTATUS);
	fault->chance = 250000;
	fault->count = 0;
	host_plug(&host);
	for (uint16_t block = 2; block < 20; block++) {
		const enum rom_answer answer = host_in(&host, UPLOAD, block, 1024);

		assert_int_equal(answer, block == 5 || block == 10 ? ROM_STALL : ROM_ACK);
	}
	for (int i = 0; i < 1000; i++)
		stalled += host_getstatus(&host) == ROM_STALL;
	assert_in_range(stalled, 200, 300);
	rom_free(host.rom);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stalls),
		cmocka_unit_test(a_latched_stall_needs_a_power_cut),
		cmocka_unit_test(silence),
		cmocka_unit_test(lies),
		cmocka_unit_test(vanishes_in_the_middle_of_an_erase),
		cmocka_unit_test(another_board_comes_back),
		cmocka_unit_test(operations_fail_or_are_dropped),
		cmocka_unit_test(triggers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
