/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An erase with each bootloader version. */
#include "test_rom_host.h"

static struct host dirty(const char *part, const char *bootloader)
{
	struct host host;

	host_config(&host, part, bootloader);
	host.config.contents = ROM_CONTENTS_PATTERN;
	return host;
}

static bool is_blank(struct host *host, uint32_t address)
{
	assert_int_equal(host_read(host, address, 4), ROM_ACK);
	return memcmp(host->result.data, "\xFF\xFF\xFF\xFF", 4) == 0;
}

static void v9_2_erases_inside_the_first_getstatus(void **state)
{
	struct host host = dirty("h743xi", "V9.2");

	(void)state;
	host_plug(&host);
	assert_int_equal(host_out(&host, DNLOAD, 0, (uint8_t[]){0x41, 0, 0, 0x10, 8}, 5), ROM_ACK);
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	assert_int_equal(host.result.ns, 900 * ROM_MS + 150000);
	assert_int_equal(host.state, 4);
	assert_int_equal(host.poll, 1000);
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	assert_int_equal(host.result.ns, 150000);
	assert_int_equal(host.state, 5);
	assert_true(is_blank(&host, 0x08100000));
	assert_true(is_blank(&host, 0x0811FFFC));
	assert_false(is_blank(&host, 0x08120000));
	assert_false(is_blank(&host, 0x080FFFFC));
	assert_int_equal(rom_counters(host.rom)->sector_erases, 1);
	host_innocent(&host);
	rom_free(host.rom);
}

static void mass_erase_runs_in_the_second(void **state)
{
	struct host host = dirty("h743xi", "V9.0");

	(void)state;
	host_plug(&host);
	assert_int_equal(host_out(&host, DNLOAD, 0, (uint8_t[]){0x41}, 1), ROM_ACK);
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	assert_int_equal(host.result.ns, 150000);
	assert_int_equal(host.poll, 100);
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	assert_int_equal(host.result.ns, 10000 * ROM_MS + 150000);
	assert_int_equal(host.state, 5);
	assert_true(is_blank(&host, 0x08000000));
	assert_true(is_blank(&host, 0x081FFFFC));
	host_innocent(&host);
	rom_free(host.rom);
}

static void v9_0_wedges_in_bank_2(void **state)
{
	struct host host = dirty("h743xi", "V9.0");

	(void)state;
	host_plug(&host);
	assert_int_equal(host_command(&host, 0x41, 0x08000000), 5);
	assert_int_equal(host_command(&host, 0x41, 0x08100000), 4);
	host.now += 3600 * 1000 * ROM_MS;
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	assert_int_equal(host.state, 4);
	assert_int_equal(host_out(&host, DNLOAD, 2, (uint8_t[]){0, 0}, 2), ROM_STALL);
	assert_int_equal(host_out(&host, ABORT, 0, NULL, 0), ROM_STALL);
	assert_int_equal(host_out(&host, CLRSTATUS, 0, NULL, 0), ROM_ACK);
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	assert_int_equal(host.state, 10);
	assert_int_equal(host.status, 0x0E);
	assert_int_equal(host_out(&host, CLRSTATUS, 0, NULL, 0), ROM_ACK);
	assert_int_equal(host_state(&host), 2);
	assert_true(is_blank(&host, 0x08100000));
	assert_int_equal(rom_counters(host.rom)->busy_touches, 0);
	rom_free(host.rom);
}

static void v9_0_unwedged_too_soon_counts(void **state)
{
	struct host host = dirty("h743xi", "V9.0");

	(void)state;
	host_plug(&host);
	assert_int_equal(host_command(&host, 0x41, 0x08100000), 4);
	host.now += 3900 * ROM_MS;
	assert_int_equal(host_out(&host, CLRSTATUS, 0, NULL, 0), ROM_ACK);
	assert_int_equal(host_out(&host, CLRSTATUS, 0, NULL, 0), ROM_ACK);
	assert_true(is_blank(&host, 0x08100000));
	assert_int_equal(rom_counters(host.rom)->busy_touches, 1);
	assert_int_equal(rom_counters(host.rom)->hung, 0);
	rom_free(host.rom);
}

static void v9_1_hangs_when_touched(void **state)
{
	struct host host = dirty("h743xi", "V9.1");

	(void)state;
	host_plug(&host);
	assert_int_equal(host_command(&host, 0x41, 0x08120000), 5);
	assert_true(host.now < 20 * ROM_MS);
	assert_int_equal(host_read(&host, 0x08000000, 64), ROM_SILENT);
	assert_int_equal(rom_counters(host.rom)->busy_touches, 1);
	assert_int_equal(rom_counters(host.rom)->hung, 1);
	host.now += 60000 * ROM_MS;
	assert_int_equal(host_setup(&host, 0x80, 6, 0x0100, NULL, 18), ROM_SILENT);
	rom_bus_reset(host.rom, host.now);
	assert_int_equal(host_in(&host, GETSTATE, 0, 1), ROM_SILENT);
	rom_power_off(host.rom, host.now);
	rom_power_on(host.rom, host.now);
	assert_true(is_blank(&host, 0x08120000));
	rom_free(host.rom);
}

static void v9_1_settles(void **state)
{
	struct host host = dirty("h743xi", "V9.1");

	(void)state;
	host_plug(&host);
	assert_int_equal(host_command(&host, 0x41, 0x08120000), 5);
	host.now += 4000 * ROM_MS;
	assert_true(is_blank(&host, 0x08120000));
	assert_int_equal(host_mass(&host), 5);
	host.now += 26000 * ROM_MS;
	assert_true(is_blank(&host, 0x08000000));
	assert_true(is_blank(&host, 0x081E0000));
	host_innocent(&host);
	rom_free(host.rom);
}

static void v13_3_mass_erases_nothing(void **state)
{
	struct host host = dirty("h743xi", "V13.3");

	(void)state;
	host_plug(&host);
	assert_int_equal(host_mass(&host), 5);
	assert_false(is_blank(&host, 0x08000000));
	assert_int_equal(host_command(&host, 0x41, 0x08000000), 5);
	assert_true(is_blank(&host, 0x08000000));
	rom_free(host.rom);
}

static void other_mass_erases(void **state)
{
	struct host host = dirty("h743xi", "V9.2");

	(void)state;
	host.config.mass_erase = ROM_MASS_BANK1;
	host_plug(&host);
	assert_int_equal(host_mass(&host), 5);
	assert_true(is_blank(&host, 0x080FFFFC));
	assert_false(is_blank(&host, 0x08100000));
	rom_free(host.rom);

	host = dirty("h743xi", "V9.2");
	host.config.mass_erase = ROM_MASS_PARTIAL;
	host_plug(&host);
	assert_int_equal(host_mass(&host), 5);
	unsigned left = 0;
	for (uint32_t s = 0; s < 16; s++)
		left += !is_blank(&host, 0x08000000 + s * 0x20000);
	assert_in_range(left, 1, 15);
	rom_free(host.rom);

	host = dirty("h743xi", "V9.2");
	host.config.mass_erase = ROM_MASS_STALLS;
	host_plug(&host);
	assert_int_equal(host_out(&host, DNLOAD, 0, (uint8_t[]){0x41}, 1), ROM_STALL);
	assert_int_equal(host_state(&host), 10);
	rom_free(host.rom);
}

static void v13_2_stays(void **state)
{
	struct host host = dirty("h743xi", "V13.2");

	(void)state;
	host_plug(&host);
	assert_int_equal(host_out(&host, DNLOAD, 0, NULL, 0), ROM_ACK);
	assert_int_equal(host_getstatus(&host), ROM_ACK);
	assert_false(host.result.leaves);
	assert_int_equal(host_state(&host), 8);
	rom_bus_reset(host.rom, host.now);
	assert_int_equal(host_state(&host), 2);
	rom_free(host.rom);
}

static void h7a3_has_small_sectors_and_words(void **state)
{
	struct host host = dirty("stm32h7a3xi", "V9.0");
	uint8_t data[32];

	(void)state;
	host_fill(data, sizeof(data));
	host_plug(&host);
	assert_int_equal(host_command(&host, 0x41, 0x08102000), 5);
	assert_true(host.now < 12 * ROM_MS);
	assert_false(is_blank(&host, 0x08101FFC));
	assert_true(is_blank(&host, 0x08102000));
	assert_true(is_blank(&host, 0x08103FFC));
	assert_false(is_blank(&host, 0x08104000));
	assert_int_equal(host_write(&host, 0x08102000, data, 32), 5);
	assert_int_equal(rom_counters(host.rom)->words_programmed, 2);
	host_read_is(&host, 0x08FFF800, host.config.uid, 12);
	host_read_is(&host, 0x1FF13FFE, (const uint8_t[]){0x90}, 1);
	assert_int_equal(host_read(&host, 0x08FFF80C, 2), ROM_STALL);
	rom_free(host.rom);
}

static void every_part_and_version(void **state)
{
	static const char *const parts[] = {"h742xi", "h747xg", "h750xb",
					    "h723xg", "h733xg", "h7b3xi"};
	static const char *const versions[] = {"V13.2", "V13.3", "V9.0",   "V9.1",
					       "V9.2",  "V9.3",  "unknown"};
	struct host host;
	unsigned known = 0;

	(void)state;
	for (size_t p = 0; p < 6; p++) {
		for (size_t v = 0; v < 7; v++) {
			host_config(&host, parts[p], "V9.2");
			if (!rom_config_bootloader(&host.config, versions[v]))
				continue;
			known++;
			host_plug(&host);
			assert_int_equal(rom_flash_size(host.rom),
					 host.config.part.flash_kib * 1024u);
			assert_int_equal(host_mass(&host), 5);
			rom_free(host.rom);
		}
	}
	assert_int_equal(known, 3 * 6 + 2 * 4 + 4);
	assert_false(rom_config_part(&host.config, "stm32f407"));
}

static void xg_has_a_gap(void **state)
{
	struct host host;

	(void)state;
	host_config(&host, "h743xg", "V9.2");
	host_plug(&host);
	assert_int_equal(host_command(&host, 0x21, 0x0807FFE0), 5);
	assert_int_equal(host_command(&host, 0x21, 0x08100000), 5);
	assert_int_equal(host_command(&host, 0x21, 0x08080000), 10);
	rom_free(host.rom);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(v9_2_erases_inside_the_first_getstatus),
		cmocka_unit_test(mass_erase_runs_in_the_second),
		cmocka_unit_test(v9_0_wedges_in_bank_2),
		cmocka_unit_test(v9_0_unwedged_too_soon_counts),
		cmocka_unit_test(v9_1_hangs_when_touched),
		cmocka_unit_test(v9_1_settles),
		cmocka_unit_test(v13_3_mass_erases_nothing),
		cmocka_unit_test(other_mass_erases),
		cmocka_unit_test(v13_2_stays),
		cmocka_unit_test(h7a3_has_small_sectors_and_words),
		cmocka_unit_test(every_part_and_version),
		cmocka_unit_test(xg_has_a_gap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
