/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Endpoint 0 and the DFU state machine. */
#include "test_rom_host.h"

static void string_is(struct host *host, uint8_t index, const char *text)
{
	assert_int_equal(host_setup(host, 0x80, 6, (uint16_t)(0x0300 | index), NULL, 255), ROM_ACK);
	assert_int_equal(host->result.length, 2 + 2 * strlen(text));
	assert_int_equal(host->result.data[0], host->result.length);
	for (size_t i = 0; text[i]; i++)
		assert_int_equal(host->result.data[2 + 2 * i], (uint8_t)text[i]);
}

static void enumerates(void **state)
{
	struct host host = host_new("V9.2");
	const uint8_t functional[9] = {9, 0x21, 0x0B, 0xFF, 0, 0x00, 0x04, 0x1A, 0x01};

	(void)state;
	host_plug(&host);
	assert_int_equal(host_setup(&host, 0x80, 6, 0x0100, NULL, 18), ROM_ACK);
	assert_memory_equal(host.result.data + 8, ((uint8_t[]){0x83, 0x04, 0x11, 0xDF, 0, 2}), 6);
	assert_int_equal(host_setup(&host, 0x80, 6, 0x0200, NULL, 9), ROM_ACK);
	assert_int_equal(host.result.length, 9);
	assert_int_equal(host.result.data[2], 9 + 2 * 9 + 9);
	assert_int_equal(host_setup(&host, 0x80, 6, 0x0200, NULL, 255), ROM_ACK);
	assert_int_equal(host.result.length, 36);
	assert_memory_equal(host.result.data + 27, functional, sizeof(functional));
	string_is(&host, 3, "200364500000");
	string_is(&host, 6, "@Internal Flash   /0x08000000/16*128Kg");
	string_is(&host, 7, "@Option Bytes   /0x5200201C/01*128 e");
	assert_int_equal(host_setup(&host, 0x80, 6, 0x0308, NULL, 255), ROM_STALL);
	assert_int_equal(host_setup(&host, 0x01, 11, 1, NULL, 0), ROM_ACK);
	assert_int_equal(host_setup(&host, 0x81, 10, 0, NULL, 1), ROM_ACK);
	assert_int_equal(host.result.data[0], 1);
	assert_int_equal(host_setup(&host, 0x01, 11, 2, NULL, 0), ROM_STALL);
	assert_int_equal(host_setup(&host, 0x40, 1, 0, NULL, 0), ROM_STALL);
	rom_free(host.rom);
}

static void an_overlong_serial_is_cut(void **state)
{
	struct host host = host_new("V9.2");

	(void)state;
	memset(host.config.serial, 'x', sizeof(host.config.serial) - 1);
	host_plug(&host);
	assert_int_equal(host_setup(&host, 0x80, 6, 0x0303, NULL, 255), ROM_ACK);
	assert_int_equal(host.result.length, 254);
	assert_int_equal(host.result.data[0], 254);
	rom_free(host.rom);
}

static void takes_the_time_of_the_wire(void **state)
{
	struct host host = host_new("V9.2");
	uint8_t data[1024] = {0};

	(void)state;
	host_plug(&host);
	assert_int_equal(host_out(&host, DNLOAD, 2, data, 1024), ROM_ACK);
	assert_int_equal(host.result.ns, 1500000);
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	assert_int_equal(host.result.ns, 150000 + 32 * 100000);
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	assert_int_equal(host.result.ns, 150000);
	rom_free(host.rom);
}

static void programs_and_reads_back(void **state)
{
	struct host host = host_new("V9.2");
	uint8_t data[1024], blank[1024], *copy;

	(void)state;
	host_fill(data, sizeof(data));
	memset(blank, 0xFF, sizeof(blank));
	host_plug(&host);
	assert_int_equal(host_write(&host, 0x08000000, data, 1024), 5);
	assert_int_equal(host_group(&host, 3, data, 1024), 5);
	assert_int_equal(host_write(&host, 0x08100000, data, 32), 5);
	host_read_is(&host, 0x08000000, data, 1024);
	host_read_is(&host, 0x08000400, data, 1024);
	host_read_is(&host, 0x08000800, blank, 1024);
	host_read_is(&host, 0x08100000, data, 32);
	assert_int_equal(rom_flash_size(host.rom), 0x200000);
	copy = malloc(0x200000);
	assert_non_null(copy);
	rom_flash_copy(host.rom, copy);
	assert_memory_equal(copy + 0x100000, data, 32);
	assert_int_equal(copy[0x100020], 0xFF);
	free(copy);
	host_innocent(&host);
	assert_int_equal(rom_counters(host.rom)->words_programmed, 65);
	rom_free(host.rom);
}

static void only_getstatus_starts_a_command(void **state)
{
	struct host host = host_new("V9.2");
	uint8_t data[32] = {0};

	(void)state;
	host_plug(&host);
	assert_int_equal(host_out(&host, DNLOAD, 2, data, 32), ROM_ACK);
	assert_int_equal(host_state(&host), 3);
	assert_int_equal(host_out(&host, ABORT, 0, NULL, 0), ROM_ACK);
	assert_int_equal(rom_counters(host.rom)->words_programmed, 0);
	assert_int_equal(host_out(&host, DNLOAD, 2, data, 32), ROM_ACK);
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	assert_int_equal(host.state, 4);
	assert_int_equal(host.poll, 5);
	/* a download in dfuDNBUSY is stalled, and the state stays */
	assert_int_equal(host_out(&host, DNLOAD, 3, data, 32), ROM_STALL);
	assert_int_equal(host_state(&host), 4);
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	assert_int_equal(host.state, 5);
	assert_int_equal(rom_counters(host.rom)->stray_downloads, 1);
	/* short and numbered */
	assert_int_equal(host_group(&host, 3, data, 32), 5);
	assert_int_equal(rom_counters(host.rom)->short_numbered, 2); /* the refused one too */
	/* reading needs an ABORT before */
	assert_int_equal(host_in(&host, UPLOAD, 2, 32), ROM_STALL);
	assert_int_equal(host_state(&host), 10);
	assert_int_equal(host_out(&host, ABORT, 0, NULL, 0), ROM_STALL);
	assert_int_equal(host_out(&host, CLRSTATUS, 0, NULL, 0), ROM_ACK);
	assert_int_equal(host_state(&host), 2);
	assert_int_equal(host_out(&host, CLRSTATUS, 0, NULL, 0), ROM_STALL);
	rom_free(host.rom);
}

static void block_one_does_nothing(void **state)
{
	struct host host = host_new("V9.2");
	uint8_t data[32] = {0};

	(void)state;
	host_plug(&host);
	assert_int_equal(host_group(&host, 1, data, 32), 5);
	assert_int_equal(rom_counters(host.rom)->value_one, 1);
	assert_int_equal(rom_counters(host.rom)->words_programmed, 0);
	rom_free(host.rom);
}

static void strides(void **state)
{
	struct host host = host_new("V9.2");
	uint8_t data[64];

	(void)state;
	host_fill(data, sizeof(data));
	host_plug(&host);
	assert_int_equal(host_group(&host, 3, data, 64), 5);
	host_read_is(&host, 0x08000040, data, 64);
	rom_free(host.rom);

	host = host_new("V9.2");
	host.config.stride = ROM_STRIDE_CONSTANT;
	host_plug(&host);
	assert_int_equal(host_group(&host, 3, data, 64), 5);
	host_read_is(&host, 0x08000400, data, 64);
	rom_free(host.rom);
}

static void lists_its_commands(void **state)
{
	struct host host = host_new("V9.2");

	(void)state;
	host_plug(&host);
	assert_int_equal(host_in(&host, UPLOAD, 0, 16), ROM_ACK);
	assert_int_equal(host.result.length, 4);
	assert_memory_equal(host.result.data, ((uint8_t[]){0, 0x21, 0x41, 0x92}), 4);
	assert_int_equal(host_state(&host), 9);
	rom_free(host.rom);
}

static void bad_addresses(void **state)
{
	struct host host = host_new("V9.2");
	uint8_t data[32] = {0};

	(void)state;
	host_plug(&host);
	assert_int_equal(host_command(&host, 0x21, 0x08200000), 10);
	assert_int_equal(host.status, 1);
	assert_int_equal(host_out(&host, CLRSTATUS, 0, NULL, 0), ROM_ACK);
	assert_int_equal(host_command(&host, 0x41, 0x1FF00000), 10);
	assert_int_equal(host_out(&host, CLRSTATUS, 0, NULL, 0), ROM_ACK);
	assert_int_equal(host_command(&host, 0x21, 0x081FFFE0), 5);
	assert_int_equal(host_group(&host, 3, data, 32), 10);
	assert_int_equal(rom_counters(host.rom)->outside, 2);
	rom_free(host.rom);
}

static void hostile_setups(void **state)
{
	struct host host = host_new("V9.2");
	uint64_t random = 1;
	uint8_t out[ROM_DATA_MAX] = {0x41};

	(void)state;
	host_plug(&host);
	assert_int_equal(host_setup(&host, 0xA1, DNLOAD, 0, NULL, 5), ROM_STALL);
	assert_int_equal(host_setup(&host, 0x21, DNLOAD, 2, out, 2048), ROM_STALL);
	for (int i = 0; i < 20000; i++) {
		random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
		const uint16_t length = (uint16_t)(random >> 33) % (ROM_DATA_MAX + 1);
		const uint8_t type =
			(uint8_t)((random >> 50 & 1 ? 0x80 : 0) | (random >> 51 & 1 ? 0x21 : 0x00));

		out[0] = (uint8_t)(random >> 20);
		host_setup(&host, type, (uint8_t)(random >> 40) % 12, (uint16_t)(random >> 17), out,
			   length);
		assert_true(host.result.length <= ROM_DATA_MAX);
	}
	rom_free(host.rom);
}

static void leaves(void **state)
{
	struct host host = host_new("V9.2");

	(void)state;
	host.config.boot0_high = true;
	host_plug(&host);
	assert_int_equal(host_command(&host, 0x21, 0x08000000), 5);
	assert_int_equal(host_out(&host, DNLOAD, 0, NULL, 0), ROM_ACK);
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	assert_int_equal(host.state, 7);
	assert_true(host.result.leaves);
	assert_int_equal(host.result.away_ns, 50 * ROM_MS);
	assert_int_equal(rom_counters(host.rom)->left, 1);
	rom_power_on(host.rom, host.now);
	assert_int_equal(host_state(&host), 2);
	rom_free(host.rom);
}

static void identity(void **state)
{
	struct host host = host_new("V9.0");

	(void)state;
	host_plug(&host);
	host_read_is(&host, 0x1FF1E7FE, (const uint8_t[]){0x90}, 1);
	host_read_is(&host, 0x1FF1E800, host.config.uid, 12);
	host_read_is(&host, 0x1FF1E880, (const uint8_t[]){0x00, 0x08}, 2);
	assert_int_equal(host_read(&host, 0x5200201C, 128), ROM_ACK);
	assert_memory_equal(host.result.data, ((uint8_t[]){0xF0, 0xAA, 0xC6, 0x1B}), 4);
	assert_int_equal(host_read(&host, 0x5200201C, 4), ROM_STALL);
	rom_free(host.rom);

	host = host_new("unknown");
	host_plug(&host);
	assert_int_equal(host_read(&host, 0x1FF1E7FE, 1), ROM_STALL);
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	assert_int_equal(host.status, 1);
	rom_free(host.rom);
}

static void read_protection(void **state)
{
	struct host host = host_new("V9.2");

	(void)state;
	host.config.rdp = 0x55;
	host.config.contents = ROM_CONTENTS_RANDOM;
	host_plug(&host);
	assert_int_equal(host_read(&host, 0x08000000, 1024), ROM_STALL);
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	assert_int_equal(host.status, 0x0B);
	assert_int_equal(host.state, 10);
	assert_int_equal(host_out(&host, CLRSTATUS, 0, NULL, 0), ROM_ACK);
	assert_int_equal(host_command(&host, 0x41, 0x08000000), 10);
	assert_int_equal(host_out(&host, CLRSTATUS, 0, NULL, 0), ROM_ACK);
	assert_int_equal(host_out(&host, DNLOAD, 0, (const uint8_t[]){0x92}, 1), ROM_ACK);
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	assert_false(host.result.leaves); /* AN3156: older families' ROMs do */
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	assert_int_equal(host.state, 5);
	assert_int_equal(host_out(&host, ABORT, 0, NULL, 0), ROM_ACK);
	assert_int_equal(host_read(&host, 0x08000000, 1024), ROM_ACK);
	assert_int_equal(host.result.data[5], 0xFF);
	rom_free(host.rom);
}

static void a_part_that_resets_itself(void **state)
{
	struct host host = host_new("V9.2");

	(void)state;
	host.config.rdp = 0x55;
	host.config.option_reset = true;
	host_plug(&host);
	assert_int_equal(host_out(&host, DNLOAD, 0, (const uint8_t[]){0x92}, 1), ROM_ACK);
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	assert_true(host.result.leaves);
	rom_power_on(host.rom, host.now);
	assert_int_equal(host_read(&host, 0x08000000, 1024), ROM_ACK);
	rom_free(host.rom);
}

static void swapped_banks(void **state)
{
	struct host host = host_new("V9.2");
	uint8_t expected[4];

	(void)state;
	host.config.swap_bank = true;
	host.config.contents = ROM_CONTENTS_PATTERN;
	host_plug(&host);
	memcpy(expected, ((uint8_t[]){0x20, 0x00, 0x10, 0x08}), 4); /* bank 2 stands first */
	host_read_is(&host, 0x08000020, expected, 4);
	rom_free(host.rom);
}

static void found_in_any_state(void **state)
{
	struct host host = host_new("V9.2");

	(void)state;
	host.config.contents = ROM_CONTENTS_PATTERN;
	host.config.initial_state = 4;
	host.config.initial_address = 0x08020000;
	host.config.initial_busy_ns = 700 * ROM_MS;
	host_plug(&host);
	rom_bus_reset(host.rom, host.now); /* enumeration */
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	assert_int_equal(host.result.ns, 700 * ROM_MS + 150000);
	assert_int_equal(host.state, 5);
	assert_int_equal(host_read(&host, 0x08020000, 4), ROM_ACK);
	assert_int_equal(host.result.data[3], 0xFF);
	assert_int_equal(host_read(&host, 0x08040000, 4), ROM_ACK);
	assert_int_equal(host.result.data[3], 0x08);
	host_innocent(&host);
	rom_free(host.rom);

	host = host_new("V9.2");
	host.config.contents = ROM_CONTENTS_PATTERN;
	host.config.initial_state = 3;
	host.config.initial_command = 0x41;
	host.config.initial_address = 0x08000000;
	host_plug(&host);
	assert_int_equal(host_out(&host, ABORT, 0, NULL, 0), ROM_ACK);
	assert_int_equal(host_read(&host, 0x08000000, 4), ROM_ACK);
	assert_int_equal(host.result.data[3], 0x08);
	rom_free(host.rom);
}

static void a_bus_reset_goes_idle(void **state)
{
	struct host host = host_new("V9.2");

	(void)state;
	host_plug(&host);
	assert_int_equal(host_in(&host, UPLOAD, 2, 64), ROM_ACK);
	assert_int_equal(host_state(&host), 9);
	rom_bus_reset(host.rom, host.now);
	assert_int_equal(host_state(&host), 2);
	assert_int_equal(rom_counters(host.rom)->resets, 1);
	rom_free(host.rom);
}

static void early_polls(void **state)
{
	struct host host = host_new("V9.2");
	uint8_t data[32] = {0};

	(void)state;
	host.config.early_poll_stalls = true;
	host_plug(&host);
	assert_int_equal(host_out(&host, DNLOAD, 2, data, 32), ROM_ACK);
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	assert_int_equal(host_getstatus(&host), ROM_STALL);
	assert_int_equal(host_state(&host), 4);
	host.now += 5 * ROM_MS;
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	assert_int_equal(host.state, 5);
	assert_int_equal(rom_counters(host.rom)->early_polls, 1);
	rom_free(host.rom);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(enumerates),
		cmocka_unit_test(an_overlong_serial_is_cut),
		cmocka_unit_test(takes_the_time_of_the_wire),
		cmocka_unit_test(programs_and_reads_back),
		cmocka_unit_test(only_getstatus_starts_a_command),
		cmocka_unit_test(block_one_does_nothing),
		cmocka_unit_test(strides),
		cmocka_unit_test(lists_its_commands),
		cmocka_unit_test(bad_addresses),
		cmocka_unit_test(hostile_setups),
		cmocka_unit_test(leaves),
		cmocka_unit_test(identity),
		cmocka_unit_test(read_protection),
		cmocka_unit_test(a_part_that_resets_itself),
		cmocka_unit_test(swapped_banks),
		cmocka_unit_test(found_in_any_state),
		cmocka_unit_test(a_bus_reset_goes_idle),
		cmocka_unit_test(early_polls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
