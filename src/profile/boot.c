/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys `enter` and `boot`: into the bootloader, and out of it. */
#include <stdlib.h>
#include <string.h>

#include "h7gang/usb/port.h"
#include "loader.h"

#define KEYS(table) table, sizeof(table) / sizeof((table)[0])
#define WITHIN_MAX_S 60
#define ENTER_S 10
#define BOOT_S 5
#define SERIAL_MARK "{serial}"

static void read_seconds(struct values *values, const struct tree_node *node, uint32_t *seconds)
{
	int64_t number;

	if (values_integer(values, node, 1, WITHIN_MAX_S, &number))
		*seconds = (uint32_t)number;
}

static void read_id(struct values *values, const struct tree_node *node, uint16_t *id)
{
	uint32_t number;

	if (values_u32(values, node, UINT16_MAX, &number))
		*id = (uint16_t)number;
}

static void read_enter_vid(struct values *values, const struct tree_node *node, void *into)
{
	read_id(values, node, &((struct loader *)into)->profile->enter.usb.vid);
}

static void read_enter_pid(struct values *values, const struct tree_node *node, void *into)
{
	read_id(values, node, &((struct loader *)into)->profile->enter.usb.pid);
}

static void read_enter_usb(struct values *values, const struct tree_node *node, void *into)
{
	static const struct values_key keys[] = {{"vid", true, read_enter_vid},
						 {"pid", true, read_enter_pid}};

	values_map(values, node, KEYS(keys), into);
}

static void read_enter_by(struct values *values, const struct tree_node *node, void *into)
{
	static const char *const names[] = {"detach", "touch", "command", NULL};
	struct loader *loader = into;
	unsigned choice;

	if (values_choice(values, node, names, &choice))
		loader->profile->enter.by = (enum profile_enter_by)(PROFILE_ENTER_DETACH + choice);
}

static void read_enter_command(struct values *values, const struct tree_node *node, void *into)
{
	struct loader *loader = into;

	loader_command(values, node, loader, &loader->profile->enter.command);
}

static void read_enter_within(struct values *values, const struct tree_node *node, void *into)
{
	read_seconds(values, node, &((struct loader *)into)->profile->enter.within_s);
}

void loader_enter(struct values *values, const struct tree_node *node, void *into)
{
	static const struct values_key keys[] = {
		{"usb", true, read_enter_usb},
		{"by", true, read_enter_by},
		{"command", false, read_enter_command},
		{"within_s", false, read_enter_within},
	};
	struct loader *loader = into;
	struct profile_enter *enter = &loader->profile->enter;

	loader->enter = node;
	enter->within_s = ENTER_S;
	values_map(values, node, KEYS(keys), into);
	if (enter->by == PROFILE_ENTER_COMMAND && !enter->command.argv)
		values_fail(values, node, "'by: command' needs 'command'");
	if (enter->by != PROFILE_ENTER_COMMAND && enter->command.argv)
		values_fail(values, node, "'command' goes with 'by: command' only");
}

static void read_boot_vid(struct values *values, const struct tree_node *node, void *into)
{
	read_id(values, node, &((struct loader *)into)->profile->boot.usb.vid);
}

static void read_boot_pid(struct values *values, const struct tree_node *node, void *into)
{
	read_id(values, node, &((struct loader *)into)->profile->boot.usb.pid);
}

static void read_boot_product(struct values *values, const struct tree_node *node, void *into)
{
	struct loader *loader = into;

	loader->profile->boot.product = values_copy(values, node, USB_TEXT_SIZE - 1);
}

static void read_boot_serial(struct values *values, const struct tree_node *node, void *into)
{
	struct loader *loader = into;
	const char *brace;

	if (!values_text(values, node, USB_TEXT_SIZE - 1))
		return;
	for (brace = node->text; (brace = strpbrk(brace, "{}")); brace += strlen(SERIAL_MARK))
		if (strncmp(brace, SERIAL_MARK, strlen(SERIAL_MARK)) != 0) {
			values_fail(values, node, "braces stand only in " SERIAL_MARK);
			return;
		}
	loader->boot_serial = node;
	loader->profile->boot.serial = values_copy(values, node, USB_TEXT_SIZE - 1);
}

static void read_boot_usb(struct values *values, const struct tree_node *node, void *into)
{
	static const struct values_key keys[] = {
		{"vid", true, read_boot_vid},
		{"pid", true, read_boot_pid},
		{"product", false, read_boot_product},
		{"serial", false, read_boot_serial},
	};

	values_map(values, node, KEYS(keys), into);
}

static void read_boot_within(struct values *values, const struct tree_node *node, void *into)
{
	read_seconds(values, node, &((struct loader *)into)->profile->boot.within_s);
}

void loader_boot(struct values *values, const struct tree_node *node, void *into)
{
	static const struct values_key keys[] = {{"usb", true, read_boot_usb},
						 {"within_s", false, read_boot_within}};
	struct loader *loader = into;

	loader->boot = node;
	loader->profile->boot.given = true;
	loader->profile->boot.within_s = BOOT_S;
	values_map(values, node, KEYS(keys), into);
}

static bool same_ids(const struct usb_filter *a, const struct usb_filter *b)
{
	return a->vid == b->vid && a->pid == b->pid;
}

static bool starts(const struct profile *profile)
{
	return profile->leave != PROFILE_LEAVE_FALSE ||
	       (profile->power.cycle & PROFILE_CYCLE_AFTER_PASS);
}

void loader_boot_check(struct loader *loader)
{
	const struct profile *profile = loader->profile;
	struct values *values = &loader->values;

	if (loader->enter) {
		values->key = "enter";
		if (profile->slots == 0)
			values_fail(values, loader->enter,
				    "needs 'slots': other devices may have the same IDs");
		if (same_ids(&profile->enter.usb, &profile->usb))
			values_fail(values, loader->enter,
				    "'usb' has the IDs of the bootloader; the application's are "
				    "wanted");
	}
	if (loader->boot) {
		values->key = "boot";
		if (!starts(profile))
			values_fail(values, loader->boot,
				    "nothing starts the application: 'leave: false', and "
				    "power.cycle without after_pass");
		if (same_ids(&profile->boot.usb, &profile->usb))
			values_fail(values, loader->boot,
				    "'usb' has the IDs of the bootloader; the application's are "
				    "wanted");
	}
	if (loader->boot_serial &&
	    strstr(profile->boot.serial ? profile->boot.serial : "", SERIAL_MARK)) {
		values->key = "serial";
		if (!profile->serial)
			values_fail(values, loader->boot_serial,
				    SERIAL_MARK " needs the key 'serial' of the profile");
		else
			loader_column_hidden(loader, loader->boot_serial, &SERIAL_MARK[1],
					     sizeof(SERIAL_MARK) - 3);
	}
}

void loader_boot_free(struct profile *profile)
{
	loader_command_free(&profile->enter.command);
	free(profile->boot.product);
	free(profile->boot.serial);
}
