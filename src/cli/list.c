/* SPDX-License-Identifier: GPL-2.0-or-later */
static const char help_text[] =
	"h7gang list [--json]\n"
	"\n"
	"The boards in ROM DFU that are there now: port path, part family, bootloader version, "
	"UID,\n"
	"flash size, the DFU state each was found in, the hubs above it and with whom it shares "
	"the\n"
	"12 Mbit/s of full speed. Reads only. The port path is what `slots:` of a profile binds "
	"to;\n"
	"which slot a board sits in is told by run, which knows the profile.\n"
	"\n"
	"Exit status: 0; 3 no target (or no USB at all).\n";

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "h7gang/dfu/names.h"
#include "h7gang/gang/gang.h"
#include "h7gang/ui/text.h"
#include "h7gang/usb/topology.h"
#include "table.h"

#define HUBS_MAX 7 /* USB 2.0 4.1.1: tiers */
#define TEXT_SIZE 256

enum column { PATH, PART, FLASH, ROM, UID, STATE, RDP, SERIAL, SHARES, HUBS, COLUMNS };

static const char *const heads[COLUMNS] = {"PATH",  "PART", "FLASH",  "ROM",	     "UID",
					   "STATE", "RDP",  "SERIAL", "SHARES WITH", "HUBS"};

struct listing {
	bool failed; /* no memory */
	json_t *json;
	struct table *table;
	struct table *troubles;
};

static void hub_text(const char *path, char *text, size_t size)
{
	struct usb_hub hubs[HUBS_MAX];
	unsigned count = usb_hub_chain(path, hubs, HUBS_MAX);
	size_t used = 0;

	text[0] = 0;
	for (unsigned i = 0; i < count && used < size; i++) {
		char product[TEXT_SIZE];

		ui_printable(hubs[i].product, product, sizeof(product));
		used += (size_t)snprintf(text + used, size - used, "%s%s%s%s%s", i ? " > " : "",
					 hubs[i].path, product[0] ? " (" : "", product,
					 product[0] ? ")" : "");
	}
}

static bool add_row(struct listing *listing, const struct gang_identity *id)
{
	char domain[USB_PATH_SIZE], hubs[2 * TEXT_SIZE], serial[TEXT_SIZE], flash[24], rdp[8],
		rom[24];
	const char *cells[COLUMNS];

	usb_full_speed_domain(id->seen.path, domain, sizeof(domain));
	hub_text(id->seen.path, hubs, sizeof(hubs));
	ui_printable(id->serial, serial, sizeof(serial));
	snprintf(flash, sizeof(flash), id->flash_kib < 0 ? "-" : "%lld KiB",
		 (long long)id->flash_kib);
	snprintf(rdp, sizeof(rdp), id->rdp < 0 ? "-" : "%d", id->rdp);
	snprintf(rom, sizeof(rom), id->bootloader_id < 0 ? "-" : "0x%02x",
		 (unsigned)id->bootloader_id);
	cells[PATH] = id->seen.path;
	cells[PART] = id->family && id->family[0] ? id->family : "-";
	cells[FLASH] = flash;
	cells[ROM] = id->bootloader[0] ? id->bootloader : rom;
	cells[UID] = id->uid[0] ? id->uid : "-";
	cells[STATE] = id->state < 0 ? "-" : dfu_state_name((uint8_t)id->state);
	cells[RDP] = rdp;
	cells[SERIAL] = serial[0] ? serial : "-";
	cells[SHARES] = domain[0] ? domain : "-";
	cells[HUBS] = hubs[0] ? hubs : "-";
	if (!table_add(listing->table, cells))
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
	struct usb_hub hubs[HUBS_MAX];
	unsigned count = usb_hub_chain(path, hubs, HUBS_MAX);
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
		"{s:n, s:o, s:o, s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:o}", "slot", "path",
		text_or_null(id->seen.path), "id_path", text_or_null(id->seen.id_path), "vid", vid,
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

static void show(const struct listing *listing)
{
	if (listing->json) {
		json_t *object = json_pack("{s:i, s:O}", "v", 1, "targets", listing->json);
		char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;

		if (text)
			puts(text);
		free(text);
		json_decref(object);
		return;
	}
	table_print(listing->table, stdout);
	for (size_t i = 0; i < table_rows(listing->troubles); i++)
		cli_say("%s: %s", table_cell(listing->troubles, i, 0),
			table_cell(listing->troubles, i, 1));
}

static enum h7_exit run(const struct cli_options *options)
{
	const struct usb_filter rom = {.vid = 0x0483, .pid = 0xdf11}; /* AN2606 */
	struct listing listing = {0};
	enum h7_exit status = H7_EXIT_INTERNAL;
	char why[TEXT_SIZE] = "";
	int count;

	if (options->given & CLI_JSON)
		listing.json = json_array();
	listing.table = table_new(COLUMNS, heads);
	listing.troubles = table_new(2, NULL);
	if (!listing.table || !listing.troubles || ((options->given & CLI_JSON) && !listing.json)) {
		cli_say("no memory");
		goto out;
	}
	count = gang_identify_all(&rom, take, &listing, why, sizeof(why));
	if (listing.failed) {
		cli_say("no memory");
		goto out;
	}
	if (count > 0 || listing.json)
		show(&listing);
	if (count < 0)
		cli_say("no USB: %s", why);
	else if (count == 0)
		cli_say("no target in ROM DFU (0483:df11)");
	status = count > 0 ? H7_EXIT_OK : H7_EXIT_NO_TARGET;
out:
	table_free(listing.troubles);
	table_free(listing.table);
	json_decref(listing.json);
	return status;
}

const struct cli_command cli_list = {
	.name = "list",
	.summary = "the boards that are there, and where",
	.help = help_text,
	.accepts = CLI_JSON,
	.run = run,
};
