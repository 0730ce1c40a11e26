/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fleet's sysfs, written by a user other than root, as at a developer's desk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sim/proto.h"
#include "sim/server/sysfs.h"

enum { NOT_ROOT = 65534 };

static char folder[] = "/tmp/h7gang-sysfs-XXXXXX";
static char bus[64];
static struct sysfs *sysfs;

static int begin(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	if (getuid() == 0 && (chown(folder, NOT_ROOT, NOT_ROOT) != 0 || seteuid(NOT_ROOT) != 0))
		return -1;
	snprintf(bus, sizeof(bus), "%s/devices", folder);
	sysfs = sysfs_new(bus);
	return sysfs ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	sysfs_free(sysfs);
	return seteuid(getuid()) != 0 || rmdir(folder) != 0 ? -1 : 0;
}

static void add_hub(const char *path, const char *peer)
{
	static const uint8_t config[] = {9, 2, 18, 0, 1, 1, 0, 0xe0, 0,  /* the configuration */
					 9, 4, 0,  0, 1, 9, 0, 0,    0}; /* its interface */
	struct proto_device wire = {.bus = 1, .config_length = sizeof(config), .configured = 1};

	sysfs_add(sysfs, &(struct sysfs_device){.path = path,
						.wire = &wire,
						.config = config,
						.product = "hub",
						.serial = "",
						.ports = 2,
						.peer = peer,
						.switches = true,
						.authorized = true});
}

static void is(const char *name, const char *wanted)
{
	char path[256], text[64] = "";
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", bus, name);
	file = fopen(path, "r");
	if (!file)
		fail_msg("%s is missing", path);
	assert_non_null(fgets(text, sizeof(text), file));
	fclose(file);
	assert_string_equal(text, wanted);
}

static void leads_to(const char *name, const char *wanted)
{
	char path[256], target[128] = "";

	snprintf(path, sizeof(path), "%s/%s", bus, name);
	assert_true(readlink(path, target, sizeof(target) - 1) > 0);
	assert_string_equal(target, wanted);
}

static bool there(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", bus, name);
	return access(path, F_OK) == 0;
}

static void a_state_changes(void **state)
{
	(void)state;
	add_hub("1-1", "");
	is("1-1:1.0/1-1-port2/state", "not attached\n");
	sysfs_port_state(sysfs, "1-1", 2, "configured");
	is("1-1:1.0/1-1-port2/state", "configured\n");
	is("1-1:1.0/1-1-port1/state", "not attached\n");
	sysfs_port_state(sysfs, "1-1", 2, "default");
	is("1-1:1.0/1-1-port2/state", "default\n");
}

static void a_switch_shows_what_is(void **state)
{
	(void)state;
	add_hub("1-1", "");
	is("1-1:1.0/1-1-port1/disable", "0\n");
	sysfs_ports_show(sysfs, "1-1", 2, 1U << 2);
	is("1-1:1.0/1-1-port1/disable", "1\n");
	is("1-1:1.0/1-1-port2/disable", "0\n");
}

static void root_hubs_are_named_as_the_kernel_names_them(void **state)
{
	(void)state;
	add_hub("usb1", "usb2");
	add_hub("1-1", "2-1");
	is("1-0:1.0/bInterfaceClass", "09\n");
	leads_to("1-0:1.0/usb1-port1/peer", "../../2-0:1.0/usb2-port1");
	leads_to("1-1:1.0/1-1-port2/peer", "../../2-1:1.0/2-1-port2");
}

static void what_leaves_takes_its_interfaces_along(void **state)
{
	(void)state;
	add_hub("usb1", "");
	add_hub("1-1", "");
	add_hub("1-1.1", "");
	sysfs_remove(sysfs, "1-1");
	assert_false(there("1-1") || there("1-1:1.0"));
	assert_true(there("1-1.1") && there("1-1.1:1.0"));
	sysfs_remove(sysfs, "usb1");
	assert_false(there("usb1") || there("1-0:1.0"));
}

static int clear(void **state)
{
	(void)state;
	sysfs_remove(sysfs, "1-1");
	sysfs_remove(sysfs, "1-1.1");
	sysfs_remove(sysfs, "usb1");
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_state_changes, clear),
		cmocka_unit_test_teardown(a_switch_shows_what_is, clear),
		cmocka_unit_test_teardown(root_hubs_are_named_as_the_kernel_names_them, clear),
		cmocka_unit_test_teardown(what_leaves_takes_its_interfaces_along, clear),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
