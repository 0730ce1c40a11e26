/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fleet files: their results, and messages about their errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/fleet/fleet.h"

static char why[256];

static struct fleet *load(const char *text, unsigned count)
{
	char path[] = "/tmp/h7gang-fleet-XXXXXX";
	const int fd = mkstemp(path);
	struct fleet *fleet;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	why[0] = '\0';
	fleet = fleet_load(path, count, why, sizeof(why));
	unlink(path);
	return fleet;
}

/* The message without the file's name. */
static void fails(const char *text, const char *expected)
{
	struct fleet *fleet = load(text, 0);
	const char *colon = strchr(why, ':');

	assert_null(fleet);
	assert_non_null(colon);
	assert_string_equal(colon + 1, expected);
}

static void the_default_fleet(void **state)
{
	struct fleet *fleet = fleet_default(120, why, sizeof(why));

	(void)state;
	assert_non_null(fleet);
	assert_int_equal(fleet_targets(fleet), 120);
	assert_string_equal(fleet_path(fleet, 0), "1-1.1");
	assert_string_equal(fleet_path(fleet, 15), "1-1.16");
	assert_string_equal(fleet_path(fleet, 16), "1-2.1");
	assert_string_equal(fleet_path(fleet, 96), "2-1.1");
	assert_string_equal(fleet_name(fleet, 3), "1-1.4");
	for (unsigned i = 0; i < 120; i++) {
		assert_string_equal(fleet_target(fleet, i)->serial, "200364500000");
		assert_int_equal(fleet_target(fleet, i)->id, 0x92);
		for (unsigned j = 0; j < i; j++) {
			assert_string_not_equal(fleet_path(fleet, i), fleet_path(fleet, j));
			assert_memory_not_equal(fleet_target(fleet, i)->uid,
						fleet_target(fleet, j)->uid, 12);
		}
	}
	fleet_free(fleet);
}

static void defaults_and_repeats(void **state)
{
	struct fleet *fleet =
		load("seed: 4\n"
		     "defaults: {bootloader: V9.0, contents: random, faults: [{fault: stall}]}\n"
		     "targets:\n"
		     "- {name: a, path: 1-2.3, repeat: 2, contents: blank}\n"
		     "- {part: h7a3xi, id: 0x42, sector_ms: 2.5, rdp: 1}\n"
		     "- faults:\n"
		     "  - {fault: vanish, on: [read, write], nth: 3, away_ms: forever}\n",
		     0);
	const struct rom_config *config;

	(void)state;
	assert_non_null(fleet);
	assert_int_equal(fleet_targets(fleet), 4);
	assert_string_equal(fleet_name(fleet, 0), "a-1");
	assert_string_equal(fleet_path(fleet, 1), "1-2.4");
	assert_string_equal(fleet_path(fleet, 2), "1-1.1");
	config = fleet_target(fleet, 0);
	assert_int_equal(config->id, 0x90);
	assert_int_equal(config->sector_erase[1], ROM_SECTOR_WEDGES);
	assert_int_equal(config->contents, ROM_CONTENTS_BLANK);
	assert_int_equal(config->faults, 1);
	config = fleet_target(fleet, 2);
	assert_string_equal(config->part.name, "stm32h7a3xi");
	assert_int_equal(config->id, 0x42);
	assert_int_equal(config->refuse, ROM_REFUSE_SIZE); /* the series' own V9.0 */
	assert_int_equal(config->sector_ns, 2500000);
	assert_int_equal(config->rdp, 0x55);
	config = fleet_target(fleet, 3);
	assert_int_equal(config->faults, 2);
	assert_int_equal(config->fault[1].kind, ROM_FAULT_VANISH);
	assert_int_equal(config->fault[1].on, ROM_ON_READ | ROM_ON_WRITE);
	assert_int_equal(config->fault[1].nth, 3);
	assert_int_equal(config->fault[1].count, 1);
	assert_true(config->fault[1].away_ns == ROM_FOR_EVER);
	fleet_free(fleet);
}

static void more_targets_than_written(void **state)
{
	struct fleet *fleet =
		load("targets: [{name: x, bootloader: V9.1}, {bootloader: V13.3}]", 5);

	(void)state;
	assert_non_null(fleet);
	assert_int_equal(fleet_targets(fleet), 5);
	assert_int_equal(fleet_target(fleet, 2)->id, 0x91);
	assert_int_equal(fleet_target(fleet, 3)->id, 0xD3);
	assert_string_equal(fleet_name(fleet, 4), "x.3");
	assert_memory_not_equal(fleet_target(fleet, 0)->uid, fleet_target(fleet, 2)->uid, 12);
	fleet_free(fleet);
	fleet = load("targets: [{}, {}, {}]", 2);
	assert_non_null(fleet);
	assert_int_equal(fleet_targets(fleet), 2);
	fleet_free(fleet);
}

static void the_same_seed_the_same_fleet(void **state)
{
	struct fleet *a = load("seed: 9\ntargets: [{repeat: 3}]", 0);
	struct fleet *b = load("seed: 9\ntargets: [{repeat: 3}]", 0);
	struct fleet *c = load("seed: 99\ntargets: [{repeat: 3}]", 0);

	(void)state;
	assert_true(a && b && c);
	for (unsigned i = 0; i < 3; i++) {
		assert_memory_equal(fleet_target(a, i)->uid, fleet_target(b, i)->uid, 12);
		assert_true(fleet_target(a, i)->seed == fleet_target(b, i)->seed);
		assert_true(fleet_target(a, i)->seed != fleet_target(c, i)->seed);
	}
	fleet_free(a);
	fleet_free(b);
	fleet_free(c);
}

static void errors_name_their_place(void **state)
{
	(void)state;
	fails("", "1:1: the file is empty");
	fails("targets: 3", "1:10: targets: a list is wanted");
	fails("targets: []", "1:1: a fleet has 1 to 1024 targets");
	fails("target: []", "1:1: target: unknown key");
	fails("targets:\n- {name: a}\n- {nam: b}", "3:4: nam: unknown key of a target");
	fails("targets: [{name: a, name: b}]", "1:21: name: repeated");
	fails("targets: [{part: stm32f407}]", "1:18: part: not one of those modelled");
	fails("targets: [{bootloader: V7.0}]", "1:24: bootloader: no such version of this series");
	fails("targets: [{path: 1.1}]", "1:18: path: 1.1 is no port path like 1-1.4");
	fails("targets: [{path: 1-1.254, repeat: 3}]",
	      "1:18: path: 1-1.256 is no port path like 1-1.4");
	fails("targets: [{path: 1-1}, {path: 1-1}]", "1:1: two targets at path 1-1");
	fails("targets: [{uid: 12}]", "1:17: uid: 24 hexadecimal digits are wanted");
	fails("targets: [{id: 256}]", "1:16: id: at most 255");
	fails("targets: [{id: -1}]", "1:16: id: a number is wanted");
	fails("targets: [{sector_ms: nan}]", "1:23: sector_ms: milliseconds are wanted");
	fails("targets: [{mass_erase: often}]",
	      "1:24: mass_erase: often is not one of those known, such as works");
	fails("targets: [{faults: [{on: read}]}]",
	      "1:21: fault: which one? (the key fault is missing)");
	fails("targets: [{faults: [{fault: gremlin}]}]", "1:29: fault: there is none of that name");
	fails("targets: [{faults: [{fault: stall, chance: 2}]}]",
	      "1:44: chance: a chance from 0 to 1 is wanted");
	fails("targets: [{contents: {file: /nowhere/x}}]",
	      "1:29: contents: /nowhere/x: No such file or directory");
	fails("defaults: {path: 1-1}\ntargets: [{}]", "1:12: path: belongs to a target");
	assert_null(load("targets: [}", 0));
	assert_non_null(strstr(why, ":1:11: "));
	assert_null(fleet_load("/nowhere/fleet.yaml", 0, why, sizeof(why)));
	assert_string_equal(why, "/nowhere/fleet.yaml: No such file or directory");
}

static void the_examples_load(void **state)
{
	static const char *const names[] = {"healthy8", "all-roms", "mixed", "swap", "faults"};
	char path[64];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct fleet *fleet;

		snprintf(path, sizeof(path), "profiles/fleets/%s.yaml", names[i]);
		fleet = fleet_load(path, 0, why, sizeof(why));
		if (!fleet)
			fail_msg("%s", why);
		for (unsigned t = 0; t < fleet_targets(fleet); t++) {
			struct rom *rom = rom_new(fleet_target(fleet, t));

			assert_non_null(rom);
			rom_free(rom);
		}
		fleet_free(fleet);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_default_fleet),
		cmocka_unit_test(defaults_and_repeats),
		cmocka_unit_test(more_targets_than_written),
		cmocka_unit_test(the_same_seed_the_same_fleet),
		cmocka_unit_test(errors_name_their_place),
		cmocka_unit_test(the_examples_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
