/* SPDX-License-Identifier: GPL-2.0-or-later */
static const char help_text[] =
	"h7gang list [--profile FILE] [--identity] [--json]\n"
	"\n"
	"Lists the boards in ROM bootloader mode: port path, part family, flash size, bootloader\n"
	"version, UID, the DFU state in which each was found, and which boards share the 12 "
	"Mbit/s\n"
	"of a full-speed bus. The tree of their hubs follows, with the ports whose power is off\n"
	"and the ports that each hub can switch; --json has them as hubs. list only reads. Use "
	"the\n"
	"port paths in the slots: list of a profile.\n"
	"\n"
	"  --profile FILE  use the profile's USB IDs, show the slot of each board and the "
	"expected\n"
	"                  time of these boards on their hubs; slots without a board are named on\n"
	"                  standard error\n"
	"  --identity      show what each board announces, which of its answers are evidence, and\n"
	"                  which STM32H7 series remain possible. A board of unproven series is\n"
	"                  programmed only if the profile says target: {unidentified: accept}\n"
	"\n"
	"Exit status: 0 success; 2 the profile or an image is wrong; 3 no board, or no USB.\n";

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "h7gang/attempt/board.h"
#include "h7gang/dfu/names.h"
#include "h7gang/base/text.h"
#include "h7gang/usb/port.h"
#include "h7gang/usb/topology.h"
#include "hub_tree.h"
#include "list_json.h"
#include "table.h"
#include "tray_time.h"

#define TEXT_SIZE 256

enum column { SLOT, PATH, PART, FLASH, ROM, UID, STATE, RDP, SERIAL, SHARES, COLUMNS };

static const char *const heads[COLUMNS] = {"SLOT", "PATH",  "PART", "FLASH",  "BOOTLOADER",
					   "UID",  "STATE", "RDP",  "SERIAL", "SHARES WITH"};

struct listing {
	const struct profile *profile; /* NULL: not asked for */
	bool filled[PROFILE_SLOTS_MAX];
	bool failed;             /* no memory */
	struct tray_port *ports; /* of the boards */
	unsigned count;
	unsigned astrays; /* boards in no slot, and their ports */
	char astray[400];
	json_t *json;
	struct table *table;
	struct table *troubles;
	struct table *identities; /* NULL: not asked for */
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
	if (profile && profile->slots) {
		size_t used = strlen(listing->astray);

		snprintf(listing->astray + used, sizeof(listing->astray) - used, "%s%s",
			 listing->astrays++ ? ", " : "", seen->path);
	}
	/* As run has it: without slots each port is one. */
	return profile && profile->slots == 0 ? seen->path : NULL;
}

static bool add_to_tree(struct listing *listing, const char *path, const struct list_hubs *hubs,
			const char *slot, const char *part)
{
	char text[TEXT_SIZE];

	snprintf(text, sizeof(text), "%s%s%s", slot ? slot : "", slot ? "  " : "", part);
	return hub_tree_add(listing->tree, hubs->hub, hubs->count, path, text);
}

/* The conclusion from the answers of a board, as a sentence. */
static bool add_identity(struct listing *listing, const struct board *id)
{
	char text[4 * TEXT_SIZE], layout[TEXT_SIZE], why[TEXT_SIZE];
	const char *cells[2] = {id->seen.path, text};

	if (id->can_be[0] == '\0') { /* not opened: the reason is told on standard error */
		cells[1] = "could not be asked";
		return table_add(listing->identities, cells);
	}
	text_terminal(id->layout, layout, sizeof(layout));
	text_terminal(id->identity_why, why, sizeof(why));
	if (id->proved)
		snprintf(text, sizeof(text), "%s, proved by %s", id->family, id->identity);
	else
		snprintf(text, sizeof(text), "not proved: may be %s%s%s", id->can_be,
			 id->identity[0] ? "; evidence: " : "", id->identity);
	snprintf(text + strlen(text), sizeof(text) - strlen(text), "; announces \"%s\"%s%s%s",
		 layout, id->resident ? "; a program in flash answers, not the ROM bootloader" : "",
		 why[0] ? ": " : "", why);
	return table_add(listing->identities, cells);
}

static bool add_row(struct listing *listing, const struct board *id, const struct list_hubs *hubs)
{
	char serial[TEXT_SIZE], flash[24], rdp[8], rom[24];
	const char *cells[COLUMNS], *slot = slot_of(listing, &id->seen);

	text_terminal(id->serial, serial, sizeof(serial));
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
	cells[SHARES] = hubs->domain[0] ? hubs->domain : "-";
	if (!table_add(listing->table, cells + first_column(listing)) ||
	    !add_to_tree(listing, id->seen.path, hubs, slot, cells[PART]))
		return false;
	if (listing->identities && !add_identity(listing, id))
		return false;
	if (!id->why[0])
		return true;

	char why[2 * TEXT_SIZE];
	const char *trouble[2] = {id->seen.path, why};

	text_terminal(id->why, why, sizeof(why));
	return table_add(listing->troubles, trouble);
}

static bool add_json(struct listing *listing, const struct board *id, const struct list_hubs *hubs)
{
	json_t *object = list_json_board(id, slot_of(listing, &id->seen), hubs);

	return object && json_array_append_new(listing->json, object) == 0 &&
	       add_to_tree(listing, id->seen.path, hubs, NULL, "");
}

static bool note_port(struct listing *listing, const char *path, const char *domain)
{
	struct tray_port *more =
		realloc(listing->ports, (listing->count + 1) * sizeof(*listing->ports));

	if (!more)
		return false;
	listing->ports = more;
	tray_port_on(path, domain, &more[listing->count++]);
	return true;
}

static void take(void *user, const struct board *identity)
{
	struct listing *listing = user;
	const char *path = identity->seen.path;
	struct list_hubs hubs;
	bool done;

	hubs.count = usb_hub_chain(path, hubs.hub, HUB_TREE_TIERS);
	usb_full_speed_domain_of(path, hubs.hub, hubs.count, hubs.domain, sizeof(hubs.domain));
	done = note_port(listing, path, hubs.domain) &&
	       (listing->json ? add_json(listing, identity, &hubs)
			      : add_row(listing, identity, &hubs));
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

/* False: no board. */
static bool expect(const struct listing *listing, double *blank_s, double *dirty_s)
{
	if (listing->count == 0)
		return false;
	*blank_s = tray_time(listing->profile, listing->ports, listing->count, false);
	*dirty_s = tray_time(listing->profile, listing->ports, listing->count, true);
	return true;
}

static void show_json(const struct listing *listing)
{
	double blank_s, dirty_s;
	json_t *object = json_pack("{s:i, s:O}", "v", 1, "targets", listing->json);
	char *text;

	if (object && json_object_set_new(object, "hubs", hub_tree_json(listing->tree)) != 0) {
		json_decref(object);
		object = NULL;
	}
	if (object && listing->profile)
		json_object_set_new(object, "empty", json_empty(listing));
	if (object && listing->profile && expect(listing, &blank_s, &dirty_s))
		json_object_set_new(object, "tray",
				    tray_time_json("here", listing->count, blank_s, dirty_s));
	text = object ? json_dumps(object, JSON_COMPACT) : NULL;
	if (text) {
		text_json_document(stdout, text);
		putchar('\n');
	}
	free(text);
	json_decref(object);
}

/* Slots without a board, with the devices at their ports; and boards without a slot. */
static void show_slots(const struct listing *listing)
{
	const struct profile *profile = listing->profile;
	unsigned first, second;

	for (unsigned i = 0; profile && i < profile->slots; i++) {
		const struct profile_slot *slot = &profile->slot[i];
		char what[2 * TEXT_SIZE];

		if (listing->filled[i])
			continue;
		usb_port_tell(slot->path, &profile->usb, what, sizeof(what));
		if (strcmp(what, "nothing") == 0)
			cli_say("slot %s is empty (%s)", slot->name, slot->path);
		else
			cli_say("slot %s is empty (%s): %s", slot->name, slot->path, what);
	}
	if (listing->astrays)
		cli_say("%u board%s at %s %s in no slot: h7gang slots --learn", listing->astrays,
			listing->astrays == 1 ? "" : "s", listing->astray,
			listing->astrays == 1 ? "is" : "are");
	if (profile && profile_slot_twins(profile, &first, &second))
		cli_say("slots %s and %s name the same port: %s is %s", profile->slot[first].name,
			profile->slot[second].name, profile->slot[first].path,
			profile->slot[second].path);
}

static void print_time(const struct listing *listing)
{
	double blank_s, dirty_s;

	if (expect(listing, &blank_s, &dirty_s))
		printf("\nexpected time of these boards on these hubs: about %.0f s blank, %.0f s "
		       "with other firmware in flash\n",
		       blank_s, dirty_s);
}

static bool is_alone(const struct table *table, size_t row, size_t column)
{
	for (size_t i = 0; i < table_rows(table); i++)
		if (i != row &&
		    strcmp(table_cell(table, i, column), table_cell(table, row, column)) == 0)
			return false;
	return true;
}

/* A board that has its wire for itself shares it with none. Without memory, the wire is named. */
static void leave_out_alone(struct listing *listing)
{
	size_t column = SHARES - first_column(listing);

	for (size_t i = 0; i < table_rows(listing->table); i++)
		if (is_alone(listing->table, i, column) &&
		    !table_set(listing->table, i, column, "-"))
			return;
}

static void show(struct listing *listing)
{
	leave_out_alone(listing);
	if (table_rows(listing->table)) {
		table_print(listing->table, stdout);
		putchar('\n');
	}
	if (!hub_tree_empty(listing->tree))
		hub_tree_print(listing->tree, stdout);
	if (listing->profile)
		print_time(listing);
	for (size_t i = 0; listing->identities && i < table_rows(listing->identities); i++)
		printf("%s%s: %s\n", i ? "" : "\n", table_cell(listing->identities, i, 0),
		       table_cell(listing->identities, i, 1));
	for (size_t i = 0; i < table_rows(listing->troubles); i++)
		cli_say("%s: %s", table_cell(listing->troubles, i, 0),
			table_cell(listing->troubles, i, 1));
	show_slots(listing);
}

static void ignore(void *user, enum usb_change change, const struct usb_seen *seen)
{
	(void)user;
	(void)change;
	(void)seen;
}

/* The power of the hubs' ports, as the hubs report it. */
static bool ask_hubs(struct listing *listing, const struct usb_filter *wanted)
{
	char why[TEXT_SIZE];
	struct usb_bus *bus = usb_bus_open(wanted, ignore, NULL, why, sizeof(why));
	bool good = !bus || hub_tree_ask_power(listing->tree, bus);

	if (bus)
		usb_bus_close(bus);
	return good;
}

static enum h7_exit list(const struct cli_options *options, const struct profile *profile)
{
	static const struct usb_filter rom = {.vid = USB_VID_ST, .pid = USB_PID_ST_DFU};
	const struct usb_filter *wanted = profile ? &profile->usb : &rom;
	struct listing listing = {.profile = profile};
	enum h7_exit status = H7_EXIT_INTERNAL;
	char why[TEXT_SIZE] = "";
	int count;

	if (options->given[CLI_JSON])
		listing.json = json_array();
	listing.table = table_new(COLUMNS - first_column(&listing), heads + first_column(&listing));
	listing.troubles = table_new(2, NULL);
	listing.tree = hub_tree_new();
	if (options->given[CLI_IDENTITY])
		listing.identities = table_new(2, NULL);
	if (!listing.table || !listing.troubles || !listing.tree ||
	    (options->given[CLI_IDENTITY] && !listing.identities) ||
	    (options->given[CLI_JSON] && !listing.json)) {
		cli_say("no memory");
		goto out;
	}
	count = boards_ask(wanted, take, &listing, why, sizeof(why));
	if (listing.failed || (count >= 0 && !ask_hubs(&listing, wanted))) {
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
		cli_say("no board is in its bootloader (%04x:%04x): put BOOT0 high and reset the "
			"board, or run h7gang doctor",
			wanted->vid, wanted->pid);
	status = count > 0 ? H7_EXIT_OK : H7_EXIT_NO_TARGET;
out:
	hub_tree_free(listing.tree);
	table_free(listing.identities);
	table_free(listing.troubles);
	table_free(listing.table);
	json_decref(listing.json);
	free(listing.ports);
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
	.summary = "list the connected boards and their ports",
	.help = help_text,
	.accepts = CLI_LIST(CLI_PROFILE, CLI_IDENTITY, CLI_JSON),
	.any_profile = true,
	.run = run,
};
