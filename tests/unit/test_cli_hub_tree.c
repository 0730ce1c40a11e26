/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tree that list draws. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "cli/hub_tree.h"

static const struct usb_hub root = {
	.path = "usb1", .product = "xHCI Host Controller", .speed_mbps = 480};
static const struct usb_hub single = {.path = "1-1", .product = "Hub \033[2J", .speed_mbps = 480};
static const struct usb_hub many = {
	.path = "1-2", .product = "", .speed_mbps = 480, .multi_tt = true};
static const struct usb_hub slow = {.path = "1-1.4", .product = "", .speed_mbps = 12};
static const struct usb_hub unknown = {.path = "usb2"};

static void boards_stand_below_their_hubs(void **state)
{
	struct hub_tree *tree = hub_tree_new();
	char *text = NULL;
	size_t length = 0;
	FILE *to = open_memstream(&text, &length);

	(void)state;
	assert_non_null(tree);
	assert_non_null(to);
	assert_true(hub_tree_add(tree, (struct usb_hub[]){root, single}, 2, "1-1.1", "A1"));
	assert_true(hub_tree_add(tree, (struct usb_hub[]){unknown}, 1, "2-3", ""));
	assert_true(hub_tree_add(tree, (struct usb_hub[]){root, many}, 2, "1-2.1", "B1"));
	assert_true(hub_tree_add(tree, (struct usb_hub[]){root, single, slow}, 3, "1-1.4.1", "A4"));
	assert_true(hub_tree_add(tree, (struct usb_hub[]){root, single}, 2, "1-1.2", "A2"));
	assert_true(hub_tree_add(tree, NULL, 0, "9-9", "C1")); /* no hub is known */
	hub_tree_print(tree, to);
	fclose(to);
	assert_string_equal(text, "usb1  480 Mbit/s  xHCI Host Controller\n"
				  "  1-1  480 Mbit/s, one translator for all ports  Hub \\x1b[2J\n"
				  "    1-1.1  A1\n"
				  "    1-1.4  12 Mbit/s\n"
				  "      1-1.4.1  A4\n"
				  "    1-1.2  A2\n"
				  "  1-2  480 Mbit/s, a translator for each port\n"
				  "    1-2.1  B1\n"
				  "usb2\n"
				  "  2-3  -\n"
				  "9-9  C1\n");
	free(text);
	hub_tree_free(tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(boards_stand_below_their_hubs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
