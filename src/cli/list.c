/* SPDX-License-Identifier: GPL-2.0-or-later */
static const char help_text[] =
	"h7gang list [--profile FILE] [--json]\n"
	"\n"
	"The boards in ROM DFU that are there now: port path, part family, flash size, bootloader\n"
	"version, UID, the DFU state each was found in, and with whom it shares the 12 Mbit/s of\n"
	"full speed; below, the tree of hubs that they are on. Reads only. The port path is what\n"
	"`slots:` of a profile binds to.\n"
	"With --profile: of the profile's USB ids, and in which of its slots each is; slots\n"
	"without a board are named on standard error.\n"
	"\n"
	"Exit status: 0; 2 the profile or an image is wrong; 3 no target (or no USB at all).\n";

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "h7gang/dfu/names.h"
#include "h7gang/gang/gang.h"
#include "h7gang/ui/text.h"
#include "h7gang/usb/topology.h"
#include "hub_tree.h"
#include "table.h"

#define TEXT_SIZE 256

enum column { SLOT, PATH, PART, FLASH, ROM, UID, STATE, RDP, SERIAL, SHARES, COLUMNS };

static const char *const heads[COLUMNS] = {"SLOT", "PATH",  "PART", "FLASH",  "ROM",
					   "UID",  "STATE", "RDP",  "SERIAL", "SHARES WITH"};

struct listing {
	const struct profile *profile; /* NULL: not asked for */
	bool filled[PROFILE_SLOTS_MAX];
	bool failed; /* no memory */
	json_t *json;
	struct table *table;
	struct table *troubles;
	struct hub_tree *tree;
};

static unsigned first_column(const struct listing *listing)
{
	return listing->profile ? SLOT : PATH;
}

/* The name of the slot that it is in, NULL if it is in none. */
static const char *slot_of(struct listing *listing, const struct usb_seen *seen)
{
	const struct profile *profile = listing->profile;

	for (unsigned i = 0; profile && i < profile->slots; i++) {
		if (profile_slot_holds(&profile->slot[i], seen)) {
			listing->filled[i] = true;
			return profile->slot[i].name;
		}
	}
	/* As run has it: without slots each port is one. */
	return profile && profile->slots == 0 ? seen->path : NULL;
}

static bool add_to_tree(struct listing *listing, const char *path, const char *slot, const char *part)
{
	struct usb_hub hubs[HUB_TREE_TIERS];
	unsigned count = usb_hub_chain(path, hubs, HUB_TREE_TIERS);
	char text[TEXT_SIZE];

	snprintf(text, sizeof(text), "%s%s%s", slot ? slot : "", slot ? "  " : "", part);
	return hub_tree_add(listing->tree, hubs, count, path, text);
}

static bool add_row(struct listing *listing, const struct gang_identity *id)
{
	char domain[USB_PATH_SIZE], serial[TEXT_SIZE], flash[24], rdp[8], rom[24];
	const char *cells[COLUMNS], *slot = slot_of(listing, &id->seen);

	usb_full_speed_domain(id->seen.path, domain, sizeof(domain));
	ui_printable(id->serial, serial, sizeof(serial));
	snprintf(flash, sizeof(flash), id->flash_kib < 0 ? "-" : "%lld KiB",
		 (long long)id->flash_kib);
	snprintf(rdp, sizeof(rdp), id->rdp < 0 ? "-" : "%d", id->rdp);
	snprintf(rom, sizeof(rom), id->bootloader_id < 0 ? "-" : "0x%02x",
		 (unsigned)id->bootloader_id);
	cells[SLOT] = slot ? slot : "-";
	cells[PATH] = id->seen.path;
	cells[PART] = id->family && id->family[0] ? id->family : "-";
	cells[FLASH] = flash;
	cells[ROM] = id->bootloader[0] ? id->bootloader : rom;
	cells[UID] = id->uid[0] ? id->uid : "-";
	cells[STATE] = id->state < 0 ? "-" : dfu_state_name((uint8_t)id->state);
	cells[RDP] = rdp;
	cells[SERIAL] = serial[0] ? serial : "-";
	cells[SHARES] = domain[0] ? domain : "-";
	if (!table_add(listing->table, cells + first_column(listing)) ||
	    !add_to_tree(listing, id->seen.path, slot, cells[PART]))
		return false;
	if (!id->why[0])
		return true;

	char why[2 * TEXT_SIZE];
	const char *trouble[2] = {id->seen.path, why};

	ui_printable(id->why, why, sizeof(why));
	return table_add(listing->troubles, trouble);
}

static json_t *text_or_null(const char *text)
{
	char clean[4 * TEXT_SIZE];

	if (!text || !text[0])
		return json_null();
	ui_well_formed(text, clean, sizeof(clean));
	return json_string(clean);
}

static json_t *number_or_null(int64_t number)
{
	return number < 0 ? json_null() : json_integer(number);
}

static json_t *json_hubs(const char *path)
{
	struct usb_hub hubs[HUB_TREE_TIERS];
	unsigned count = usb_hub_chain(path, hubs, HUB_TREE_TIERS);
	json_t *array = json_array();

	for (unsigned i = 0; i < count; i++)
		json_array_append_new(
			array, json_pack("{s:o, s:o, s:i, s:b}", "path", text_or_null(hubs[i].path),
					 "product", text_or_null(hubs[i].product), "speed_mbps",
					 (int)hubs[i].speed_mbps, "multi_tt", hubs[i].multi_tt));
	return array;
}

static bool add_json(struct listing *listing, const struct gang_identity *id)
{
	char domain[USB_PATH_SIZE], vid[8], pid[8];
	json_t *object;

	usb_full_speed_domain(id->seen.path, domain, sizeof(domain));
	snprintf(vid, sizeof(vid), "0x%04x", id->seen.vid);
	snprintf(pid, sizeof(pid), "0x%04x", id->seen.pid);
	object = json_pack(
		"{s:o, s:o, s:o, s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:o}", "slot",
		text_or_null(slot_of(listing, &id->seen)), "path", text_or_null(id->seen.path), "id_path", text_or_null(id->seen.id_path), "vid", vid,
		"pid", pid, "opened", id->opened, "why", text_or_null(id->why), "part",
		text_or_null(id->family), "layout", text_or_null(id->layout), "serial",
		text_or_null(id->serial), "state",
		id->state < 0 ? json_null() : json_string(dfu_state_name((uint8_t)id->state)));
	if (!object)
		return false;
	if (json_object_set_new(object, "bootloader_id", number_or_null(id->bootloader_id)) != 0 ||
	    json_object_set_new(object, "bootloader", text_or_null(id->bootloader)) != 0 ||
	    json_object_set_new(object, "uid", text_or_null(id->uid)) != 0 ||
	    json_object_set_new(object, "flash_kib", number_or_null(id->flash_kib)) != 0 ||
	    json_object_set_new(object, "rdp", number_or_null(id->rdp)) != 0 ||
	    json_object_set_new(object, "full_speed_domain", text_or_null(domain)) != 0 ||
	    json_object_set_new(object, "hubs", json_hubs(id->seen.path)) != 0) {
		json_decref(object);
		return false;
	}
	return json_array_append_new(listing->json, object) == 0;
}

static void take(void *user, const struct gang_identity *identity)
{
	struct listing *listing = user;
	bool done = listing->json ? add_json(listing, identity) : add_row(listing, identity);

	listing->failed |= !done;
}

static json_t *json_empty(const struct listing *listing)
{
	json_t *array = json_array();

	for (unsigned i = 0; listing->profile && i < listing->profile->slots; i++)
		if (!listing->filled[i])
			json_array_append_new(array, json_string(listing->profile->slot[i].name));
	return array;
}

static void show_json(const struct listing *listing)
{
	json_t *object = json_pack("{s:i, s:O}", "v", 1, "targets", listing->json);
	char *text;

	if (object && listing->profile)
		json_object_set_new(object, "empty", json_empty(listing));
	text = object ? json_dumps(object, JSON_COMPACT) : NULL;
	if (text)
		puts(text);
	free(text);
	json_decref(object);
}

static void show(const struct listing *listing)
{
	if (table_rows(listing->table)) {
		table_print(listing->table, stdout);
		putchar('\n');
		hub_tree_print(listing->tree, stdout);
	}
	for (size_t i = 0; i < table_rows(listing->troubles); i++)
		cli_say("%s: %s", table_cell(listing->troubles, i, 0),
			table_cell(listing->troubles, i, 1));
	for (unsigned i = 0; listing->profile && i < listing->profile->slots; i++)
		if (!listing->filled[i])
			cli_say("slot %s is empty (%s)", listing->profile->slot[i].name,
				listing->profile->slot[i].path);
}

static enum h7_exit list(const struct cli_options *options, const struct profile *profile)
{
	static const struct usb_filter rom = {.vid = 0x0483, .pid = 0xdf11}; /* AN2606 */
	const struct usb_filter *wanted = profile ? &profile->usb : &rom;
	struct listing listing = {.profile = profile};
	enum h7_exit status = H7_EXIT_INTERNAL;
	char why[TEXT_SIZE] = "";
	int count;

	if (options->given & CLI_JSON)
		listing.json = json_array();
	listing.table = table_new(COLUMNS - first_column(&listing), heads + first_column(&listing));
	listing.troubles = table_new(2, NULL);
	listing.tree = hub_tree_new();
	if (!listing.table || !listing.troubles || !listing.tree ||
	    ((options->given & CLI_JSON) && !listing.json)) {
		cli_say("no memory");
		goto out;
	}
	count = gang_identify_all(wanted, take, &listing, why, sizeof(why));
	if (listing.failed) {
		cli_say("no memory");
		goto out;
	}
	if (listing.json)
		show_json(&listing);
	else
		show(&listing);
	if (count < 0)
		cli_say("no USB: %s", why);
	else if (count == 0)
		cli_say("no target in ROM DFU (%04x:%04x)", wanted->vid, wanted->pid);
	status = count > 0 ? H7_EXIT_OK : H7_EXIT_NO_TARGET;
out:
	hub_tree_free(listing.tree);
	table_free(listing.troubles);
	table_free(listing.table);
	json_decref(listing.json);
	return status;
}

static enum h7_exit run(const struct cli_options *options)
{
	struct profile_problems problems = {0};
	struct profile *profile = NULL;
	enum h7_exit status = H7_EXIT_USAGE;

	if (!options->profile)
		return list(options, NULL);
	profile = cli_profile(options->profile, &problems);
	if (profile)
		status = list(options, profile);
	profile_free(profile);
	profile_problems_free(&problems);
	return status;
}

const struct cli_command cli_list = {
	.name = "list",
	.summary = "the boards that are there, and where",
	.help = help_text,
	.accepts = CLI_PROFILE | CLI_JSON,
	.any_profile = true,
	.run = run,
};
