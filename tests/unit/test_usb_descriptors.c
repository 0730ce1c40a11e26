/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "h7gang/usb/topology.h"
#include "usb/descriptors.h"
#include "usb/sysfs.h"

#define FUNCTIONAL 9, 0x21, 0x0b, 0xff, 0x00, 0x00, 0x04, 0x1a, 0x01

static struct libusb_interface_descriptor alts[12];
static struct libusb_interface interfaces[2];
static struct libusb_config_descriptor config;

static int start(void **state)
{
	(void)state;
	memset(alts, 0, sizeof(alts));
	memset(&config, 0, sizeof(config));
	for (uint8_t i = 0; i < 12; i++) {
		alts[i].bInterfaceNumber = 5;
		alts[i].bAlternateSetting = i;
		alts[i].bInterfaceClass = 0xfe;
		alts[i].bInterfaceSubClass = 1;
		alts[i].bInterfaceProtocol = 2;
		alts[i].iInterface = (uint8_t)(4 + i);
	}
	interfaces[0] = (struct libusb_interface){.altsetting = alts, .num_altsetting = 2};
	config.interface = interfaces;
	config.bNumInterfaces = 1;
	return 0;
}

static void as_an_h743_tells_it(void **state)
{
	(void)state;
	static const unsigned char extra[] = {FUNCTIONAL};
	struct dfu_descriptors found;

	alts[1].extra = extra;
	alts[1].extra_length = sizeof(extra);
	assert_true(usb_find_dfu(&config, &found));
	assert_int_equal(found.interface_number, 5);
	assert_int_equal(found.alt_count, 2);
	assert_int_equal(found.alt[1].setting, 1);
	assert_int_equal(found.alt[1].name_string, 5);
	assert_true(found.has_functional);
	assert_int_equal(found.attributes, 0x0b);
	assert_int_equal(found.detach_ms, 255);
	assert_int_equal(found.transfer_size, 1024);
	assert_int_equal(found.dfu_version, 0x011a);
}

static void only_dfu_mode_is_ours(void **state)
{
	(void)state;
	struct dfu_descriptors found;

	alts[0].bInterfaceProtocol = 1; /* run-time */
	alts[1].bInterfaceClass = 8;
	assert_false(usb_find_dfu(&config, &found));
	config.bNumInterfaces = 0;
	assert_false(usb_find_dfu(&config, &found));
	/* Behind another interface. */
	interfaces[1] = (struct libusb_interface){.altsetting = &alts[2], .num_altsetting = 1};
	config.bNumInterfaces = 2;
	assert_true(usb_find_dfu(&config, &found));
	assert_int_equal(found.alt[0].setting, 2);
	assert_false(found.has_functional);
}

static void no_more_settings_than_there_is_room_for(void **state)
{
	(void)state;
	struct dfu_descriptors found;

	interfaces[0].num_altsetting = 12;
	assert_true(usb_find_dfu(&config, &found));
	assert_int_equal(found.alt_count, DFU_ALTS_MAX);
}

static void lengths_that_lie(void **state)
{
	(void)state;
	static const struct {
		unsigned char bytes[16];
		int length;
		bool found;
	} rows[] = {
		{{FUNCTIONAL}, 9, true},
		{{7, 0x21, 0x0b, 0xff, 0, 0, 4}, 7, true},
		{{3, 0x77, 1, FUNCTIONAL}, 12, true},
		{{FUNCTIONAL}, 8, false},
		{{FUNCTIONAL}, 1, false},
		{{FUNCTIONAL}, 0, false},
		{{0, 0x21, 0x0b, 0xff, 0, 0, 4, 0x1a, 1}, 9, false},
		{{1, 0x21, 0x0b, 0xff, 0, 0, 4, 0x1a, 1}, 9, false},
		{{6, 0x21, 0x0b, 0xff, 0, 0, 0, 0, 0}, 9, false},
		{{200, 0x77, FUNCTIONAL}, 11, false},
		{{2, 0x21, 2, 0x21, 2, 0x21}, 6, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct dfu_descriptors found;

		start(NULL);
		config.extra = rows[i].bytes;
		config.extra_length = rows[i].length;
		assert_true(usb_find_dfu(&config, &found));
		assert_int_equal(found.has_functional, rows[i].found);
		if (found.has_functional)
			assert_int_equal(found.transfer_size, 1024);
	}
}

static void port_names(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"1",
		"1-",
		"usb1",
		"1-0",
		"1-1.",
		"1-.1",
		"-1",
		"1-1-1",
		"1-1.2.3.4.5.6.7.8",
		"1-256",
		"256-1",
		"1-1:1.0",
		"1-1 ",
		" 1-1",
		"1--1",
		"99999999999999999999-1",
	};
	struct usb_ports ports;
	char name[USB_PATH_SIZE];

	assert_true(usb_ports_parse("12-1.4.2", &ports));
	assert_int_equal(ports.bus, 12);
	assert_int_equal(ports.count, 3);
	usb_ports_name(&ports, 3, name);
	assert_string_equal(name, "12-1.4.2");
	usb_ports_name(&ports, 1, name);
	assert_string_equal(name, "12-1");
	usb_ports_name(&ports, 0, name);
	assert_string_equal(name, "usb12");
	assert_true(usb_ports_parse("1-1.2.3.4.5.6.7", &ports));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (usb_ports_parse(bad[i], &ports))
			fail_msg("accepted: %s", bad[i]);
}

/* On a bus that no machine has: the names come from the path, the rest is unknown. */
static void hubs_of_a_bus_that_is_not_there(void **state)
{
	(void)state;
	struct usb_hub hubs[8];
	struct usb_ports ports;
	char domain[USB_PATH_SIZE] = "x", id_path[USB_ID_PATH_SIZE] = "x";

	assert_int_equal(usb_hub_chain("250-1.4.2", hubs, 8), 3);
	assert_string_equal(hubs[0].path, "usb250");
	assert_string_equal(hubs[1].path, "250-1");
	assert_string_equal(hubs[2].path, "250-1.4");
	assert_string_equal(hubs[2].product, "");
	assert_int_equal(hubs[2].speed_mbps, 0);
	assert_int_equal(usb_hub_chain("250-1.4.2", hubs, 2), 2);
	assert_int_equal(usb_hub_chain("nonsense", hubs, 8), 0);
	usb_full_speed_domain("250-1.4.2", domain, sizeof(domain));
	assert_string_equal(domain, "");
	assert_true(usb_ports_parse("250-1.4.2", &ports));
	usb_id_path(&ports, id_path);
	assert_string_equal(id_path, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(as_an_h743_tells_it, start),
		cmocka_unit_test_setup(only_dfu_mode_is_ours, start),
		cmocka_unit_test_setup(no_more_settings_than_there_is_room_for, start),
		cmocka_unit_test_setup(lengths_that_lie, start),
		cmocka_unit_test(port_names),
		cmocka_unit_test(hubs_of_a_bus_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
