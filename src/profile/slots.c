/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "h7gang/usb/port.h"
#include "loader.h"

#define FIXTURE_MAX 1000 /* rows and columns a fixture may have */

/* A decimal number of at least `least` without leading zeros; returns the text behind it, or
 * NULL. */
static const char *skip_number(const char *text, unsigned least, unsigned most)
{
	unsigned value = 0;

	if (*text < '0' || *text > '9' || (*text == '0' && text[1] >= '0' && text[1] <= '9'))
		return NULL;
	for (; *text >= '0' && *text <= '9'; text++) {
		value = value * 10 + (unsigned)(*text - '0');
		if (value > most)
			return NULL;
	}
	return value >= least ? text : NULL;
}

/* "1.4.2": at most seven tiers below a root port (USB 2.0 §4.1.1), ports from 1 to 255. */
static bool ports_ok(const char *text)
{
	for (unsigned tier = 1; tier <= 7; tier++) {
		text = skip_number(text, 1, UINT8_MAX);
		if (text == NULL || *text == '\0')
			return text != NULL;
		if (*text++ != '.')
			return false;
	}
	return false;
}

/* "1-1.4": bus, dash, ports. */
static bool kernel_path_ok(const char *text)
{
	const char *dash = skip_number(text, 1, 999);

	return strlen(text) < USB_PATH_SIZE && dash != NULL && *dash == '-' && ports_ok(dash + 1);
}

/* "pci-0000:00:14.0-usb-0:1.1": the controller's place, then the bus of that controller and the
 * ports (udev, path_id). */
static bool id_path_ok(const char *text)
{
	const char *usb = strstr(text, "-usb-"), *colon;

	if (strlen(text) >= USB_ID_PATH_SIZE || usb == NULL || usb == text)
		return false;
	for (const char *c = text; *c != '\0'; c++)
		if ((unsigned char)*c <= 0x20 || (unsigned char)*c >= 0x7F)
			return false;
	colon = skip_number(usb + 5, 0, 999);
	return colon != NULL && *colon == ':' && ports_ok(colon + 1);
}

static void read_name(struct values *values, const struct tree_node *node, void *into)
{
	struct loader *loader = into;
	struct profile *profile = loader->profile;

	if (!values_text(values, node, SIZE_MAX))
		return;
	if (!profile_name_ok(node->text)) {
		values_fail(
			values, node,
			"must be 1 to 64 of A-Z a-z 0-9 . _ - and begin with a letter or digit");
		return;
	}
	for (unsigned i = 0; i < profile->slots; i++)
		if (strcmp(profile->slot[i].name, node->text) == 0) {
			values_fail(values, node, "'%s' is already a slot, in line %" PRIu32,
				    node->text, loader->slot_name[i]->place.line);
			return;
		}
	memcpy(profile->slot[profile->slots].name, node->text, node->length + 1);
	loader->slot_name[profile->slots] = node;
}

static void read_path(struct values *values, const struct tree_node *node, void *into)
{
	struct loader *loader = into;
	struct profile *profile = loader->profile;
	struct profile_slot *slot = &profile->slot[profile->slots];

	if (!values_text(values, node, SIZE_MAX))
		return;
	if (!kernel_path_ok(node->text) && !id_path_ok(node->text)) {
		values_fail(values, node,
			    "'%.*s' is no port path; it is written like 1-1.4 or "
			    "pci-0000:00:14.0-usb-0:1.4",
			    profile_shown(node->text), node->text);
		return;
	}
	for (unsigned i = 0; i < profile->slots; i++)
		if (strcmp(profile->slot[i].path, node->text) == 0) {
			values_fail(values, node,
				    "%s is already the path of a slot, in line %" PRIu32,
				    node->text, loader->slot_path[i]->place.line);
			return;
		}
	memcpy(slot->path, node->text, node->length + 1);
	slot->by_id_path = !kernel_path_ok(node->text);
	loader->slot_path[profile->slots] = node;
}

static void read_row(struct values *values, const struct tree_node *node, void *into)
{
	struct loader *loader = into;
	int64_t number;

	if (values_integer(values, node, 1, FIXTURE_MAX, &number))
		loader->profile->slot[loader->profile->slots].row = (unsigned)number;
}

static void read_column(struct values *values, const struct tree_node *node, void *into)
{
	struct loader *loader = into;
	int64_t number;

	if (values_integer(values, node, 1, FIXTURE_MAX, &number))
		loader->profile->slot[loader->profile->slots].column = (unsigned)number;
}

static void read_power(struct values *values, const struct tree_node *node, void *into)
{
	struct loader *loader = into;

	values_flag(values, node, &loader->profile->slot[loader->profile->slots].power);
}

bool profile_slot_holds(const struct profile_slot *slot, const struct usb_seen *seen)
{
	return strcmp(slot->path, slot->by_id_path ? seen->id_path : seen->path) == 0;
}

const struct profile_slot *profile_slot_find(const struct profile *profile, const char *name)
{
	for (unsigned i = 0; i < profile->slots; i++)
		if (strcmp(profile->slot[i].name, name) == 0)
			return &profile->slot[i];
	return NULL;
}

bool profile_slot_port(const struct profile_slot *slot, char port[USB_PATH_SIZE])
{
	if (slot->by_id_path)
		return usb_path_of_id(slot->path, port);
	memcpy(port, slot->path, strnlen(slot->path, USB_PATH_SIZE - 1) + 1);
	port[USB_PATH_SIZE - 1] = '\0';
	return true;
}

bool profile_slot_twins(const struct profile *profile, unsigned *first, unsigned *second)
{
	char port[PROFILE_SLOTS_MAX][USB_PATH_SIZE];
	unsigned by_id = 0;

	for (unsigned i = 0; i < profile->slots; i++)
		by_id += profile->slot[i].by_id_path;
	if (by_id == 0 || by_id == profile->slots)
		return false;
	/* Once a slot: sysfs is asked for it. */
	for (unsigned i = 0; i < profile->slots; i++)
		if (!profile_slot_port(&profile->slot[i], port[i]))
			port[i][0] = '\0';
	for (*second = 1; *second < profile->slots; ++*second)
		for (*first = 0; *first < *second; ++*first)
			if (port[*first][0] &&
			    profile->slot[*first].by_id_path != profile->slot[*second].by_id_path &&
			    strcmp(port[*first], port[*second]) == 0)
				return true;
	return false;
}

void loader_slots(struct values *values, const struct tree_node *node, void *into)
{
	static const struct values_key keys[] = {
		{"name", true, read_name},    {"path", true, read_path},
		{"row", false, read_row},     {"column", false, read_column},
		{"power", false, read_power},
	};
	struct loader *loader = into;

	if (!values_list(values, node, 1, PROFILE_SLOTS_MAX))
		return;
	for (size_t i = 0; i < node->items; i++) {
		values_map(values, node->item[i], keys, sizeof(keys) / sizeof(keys[0]), into);
		loader->profile->slots++;
	}
}
