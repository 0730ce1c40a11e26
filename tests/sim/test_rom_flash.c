/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flash words: programmed once, broken, worn, protected, and cut off by a power failure. */
#include "test_rom_host.h"

static void write_twice(struct host *host)
{
	uint8_t data[64];

	host_fill(data, sizeof(data));
	host_plug(host);
	assert_int_equal(host_write(host, 0x08000000, data, 64), 5);
	assert_int_equal(host_write(host, 0x08000020, data, 32), 5);
	assert_int_equal(rom_counters(host->rom)->double_programs, 1);
}

static void twice_breaks_a_word(void **state)
{
	struct host host = host_new("V9.2");
	uint8_t data[64], *copy;

	(void)state;
	host_fill(data, sizeof(data));
	write_twice(&host);
	assert_int_equal(rom_broken_words(host.rom), 1);
	host_read_is(&host, 0x08000000, data, 32);
	assert_int_equal(host_read(&host, 0x08000000, 64), ROM_STALL);
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	assert_int_equal(host.state, 10);
	assert_int_equal(host.status, 0x0B);
	copy = malloc(rom_flash_size(host.rom));
	assert_non_null(copy);
	rom_flash_copy(host.rom, copy);
	assert_int_equal(copy[0x1F], data[0x1F]);
	assert_int_equal(copy[0x20], 0xEE);
	assert_int_equal(copy[0x3F], 0xEE);
	assert_int_equal(copy[0x40], 0xFF);
	free(copy);
	assert_int_equal(host_out(&host, CLRSTATUS, 0, NULL, 0), ROM_ACK);
	assert_int_equal(host_command(&host, 0x41, 0x08000000), 5);
	assert_int_equal(rom_broken_words(host.rom), 0);
	rom_free(host.rom);
}

static void other_ways_of_twice(void **state)
{
	struct host host = host_new("V9.2");
	uint8_t data[64];

	(void)state;
	host_fill(data, sizeof(data));
	host.config.twice = ROM_TWICE_KEEPS;
	write_twice(&host);
	host_read_is(&host, 0x08000000, data, 64);
	rom_free(host.rom);

	host = host_new("V9.2");
	host.config.twice = ROM_TWICE_ANDS;
	write_twice(&host);
	for (int i = 0; i < 32; i++)
		data[32 + i] &= data[i];
	host_read_is(&host, 0x08000000, data, 64);
	rom_free(host.rom);
}

static void all_ones_are_programmed_too(void **state)
{
	struct host host = host_new("V9.2");
	uint8_t data[32];

	(void)state;
	memset(data, 0xFF, sizeof(data));
	host_plug(&host);
	assert_int_equal(host_write(&host, 0x08000000, data, 32), 5);
	assert_int_equal(host_write(&host, 0x08000000, data, 32), 5);
	assert_int_equal(rom_counters(host.rom)->double_programs, 1);
	rom_free(host.rom);
}

static void short_words_are_padded(void **state)
{
	struct host host = host_new("V9.2");
	uint8_t data[32];

	(void)state;
	memset(data, 0x11, 5);
	memset(data + 5, 0xFF, 27);
	host_plug(&host);
	assert_int_equal(host_write(&host, 0x08000000, data, 5), 5);
	host_read_is(&host, 0x08000000, data, 32);
	assert_int_equal(rom_counters(host.rom)->words_programmed, 1);
	rom_free(host.rom);
}

static void broken_words_read(void **state)
{
	static const struct {
		enum rom_broken how;
		enum rom_answer answer;
		bool dead;
	} ways[] = {{ROM_BROKEN_STALLS, ROM_STALL, false},
		    {ROM_BROKEN_SILENT, ROM_SILENT, false},
		    {ROM_BROKEN_HANGS, ROM_SILENT, true},
		    {ROM_BROKEN_GARBAGE, ROM_ACK, false}};

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct host host = host_new("V9.2");

		host.config.broken = ways[i].how;
		host.config.broken_words = 1;
		host.config.broken_at[0] = 0x08100404;
		host_plug(&host);
		assert_int_equal(host_read(&host, 0x08100420, 32), ROM_ACK);
		assert_int_equal(host_read(&host, 0x08100400, 32), ways[i].answer);
		assert_int_equal(host_in(&host, GETSTATE, 0, 1),
				 ways[i].dead ? ROM_SILENT : ROM_ACK);
		if (!ways[i].dead)
			assert_int_equal(host.result.data[0], 2);
		assert_int_equal(rom_counters(host.rom)->broken_reads, 1);
		rom_free(host.rom);
	}
}

static void protected_sectors_ignore_everything(void **state)
{
	struct host host = host_new("V9.2");
	uint8_t data[32] = {0}, blank[32];

	(void)state;
	memset(blank, 0xFF, sizeof(blank));
	host.config.wrp[1][0] = 1 << 1;
	host.config.contents = ROM_CONTENTS_PATTERN;
	host_plug(&host);
	assert_int_equal(host_command(&host, 0x41, 0x08120000), 5);
	assert_int_equal(host_mass(&host), 5);
	assert_int_equal(host_read(&host, 0x08120000, 4), ROM_ACK);
	assert_memory_equal(host.result.data, ((uint8_t[]){0x00, 0x00, 0x12, 0x08}), 4);
	host_read_is(&host, 0x08100000, blank, 32);
	assert_int_equal(host_write(&host, 0x08120000, data, 32), 5);
	assert_int_equal(host_read(&host, 0x08120000, 4), ROM_ACK);
	assert_int_equal(host.result.data[2], 0x12);
	assert_int_equal(rom_counters(host.rom)->words_programmed, 0);
	rom_free(host.rom);
}

static void power_cut_while_programming(void **state)
{
	struct host host = host_new("V9.2");
	uint8_t data[1024], blank[32];

	(void)state;
	host_fill(data, sizeof(data));
	memset(blank, 0xFF, sizeof(blank));
	host_plug(&host);
	assert_int_equal(host_out(&host, DNLOAD, 2, data, 1024), ROM_ACK);
	const uint64_t before = host.now;
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	rom_power_off(host.rom, before + 1050000); /* in the 11th word */
	rom_power_on(host.rom, host.now);
	assert_int_equal(rom_counters(host.rom)->power_cuts, 1);
	assert_int_equal(rom_broken_words(host.rom), 1);
	host_read_is(&host, 0x08000000, data, 320);
	assert_int_equal(host_read(&host, 0x08000140, 32), ROM_STALL);
	assert_int_equal(host_out(&host, CLRSTATUS, 0, NULL, 0), ROM_ACK);
	host_read_is(&host, 0x08000160, blank, 32);
	rom_free(host.rom);
}

static void power_cut_while_erasing(void **state)
{
	struct host host = host_new("V9.2");

	(void)state;
	host.config.contents = ROM_CONTENTS_PATTERN;
	host_plug(&host);
	assert_int_equal(host_out(&host, DNLOAD, 0, (uint8_t[]){0x41, 0, 0, 0, 8}, 5), ROM_ACK);
	const uint64_t before = host.now;
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	rom_power_off(host.rom, before + 400 * ROM_MS);
	rom_power_on(host.rom, host.now);
	assert_in_range(rom_broken_words(host.rom), 500, 1500); /* of 4096, a quarter */
	assert_int_equal(host_command(&host, 0x41, 0x08000000), 5);
	assert_int_equal(rom_broken_words(host.rom), 0);
	assert_int_equal(host_read(&host, 0x08000000, 1024), ROM_ACK);
	for (int i = 0; i < 1024; i++)
		assert_int_equal(host.result.data[i], 0xFF);
	rom_free(host.rom);
}

static void contents_are_reproducible(void **state)
{
	struct host a = host_new("V9.2"), b = host_new("V9.2");

	(void)state;
	a.config.contents = b.config.contents = ROM_CONTENTS_RANDOM;
	host_plug(&a);
	host_plug(&b);
	assert_int_equal(host_read(&a, 0x08000000, 1024), ROM_ACK);
	assert_int_equal(host_read(&b, 0x081FFC00, 1024), ROM_ACK); /* pages in another order */
	assert_int_equal(host_read(&b, 0x08000000, 1024), ROM_ACK);
	assert_memory_equal(a.result.data, b.result.data, 1024);
	rom_free(a.rom);
	rom_free(b.rom);

	a = host_new("V9.2");
	a.config.contents = ROM_CONTENTS_HALF;
	host_plug(&a);
	assert_in_range(rom_broken_words(a.rom), 512, 2048); /* of 65536, one in 64 */
	rom_free(a.rom);
}

static void an_image_lies_where_it_should(void **state)
{
	struct host host = host_new("V9.2");
	uint8_t image[100], expected[128];

	(void)state;
	host_fill(image, sizeof(image));
	memset(expected, 0xFF, sizeof(expected));
	memcpy(expected, image, sizeof(image));
	host.config.contents = ROM_CONTENTS_IMAGE;
	host.config.contents_start = 0x08100000;
	host.config.image = image;
	host.config.image_bytes = sizeof(image);
	host_plug(&host);
	host_read_is(&host, 0x08100000, expected, 128);
	assert_int_equal(host_read(&host, 0x08000000, 1), ROM_ACK);
	assert_int_equal(host.result.data[0], 0xFF);
	rom_free(host.rom);
}

static void worn_bits(void **state)
{
	struct host host = host_new("V9.2");
	uint8_t data[64];
	struct rom_fault *fault = host_fault(&host, ROM_FAULT_STUCK, 0);

	(void)state;
	memset(data, 0x00, sizeof(data));
	fault->has_address = true;
	fault->address = 0x08000021;
	fault->bit = 3;
	fault->value = 1;
	fault->count = 0;
	fault = host_fault(&host, ROM_FAULT_FLIP, 0);
	fault->has_address = true;
	fault->address = 0x08000002;
	host_plug(&host);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(host_write(&host, 0x08000000, data, 64), 5);
		assert_int_equal(host_read(&host, 0x08000000, 64), ROM_ACK);
		assert_int_equal(host.result.data[0x21], 0x08);
		assert_int_equal(host.result.data[2], round == 0 ? 0x01 : 0x00);
		assert_int_equal(host_command(&host, 0x41, 0x08000000), 5);
	}
	assert_int_equal(rom_counters(host.rom)->faults_struck, 3);
	rom_free(host.rom);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(twice_breaks_a_word),
		cmocka_unit_test(other_ways_of_twice),
		cmocka_unit_test(all_ones_are_programmed_too),
		cmocka_unit_test(short_words_are_padded),
		cmocka_unit_test(broken_words_read),
		cmocka_unit_test(protected_sectors_ignore_everything),
		cmocka_unit_test(power_cut_while_programming),
		cmocka_unit_test(power_cut_while_erasing),
		cmocka_unit_test(contents_are_reproducible),
		cmocka_unit_test(an_image_lies_where_it_should),
		cmocka_unit_test(worn_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
