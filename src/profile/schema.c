/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of a profile, schema 1. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "loader.h"

#define KEYS(table) table, sizeof(table) / sizeof((table)[0])
#define FIRMWARE_VERSION_MAX 128 /* bytes: a row of the log has 8192 for everything */

static void read_version(struct values *values, const struct tree_node *node, void *into)
{
	int64_t version = 0;

	(void)into;
	if (values_integer(values, node, INT32_MIN, INT32_MAX, &version) && version != 1)
		values_fail(values, node, "schema version %d is not known, only 1 is",
			    (int)version);
}

static void read_name(struct values *values, const struct tree_node *node, void *into)
{
	struct loader *loader = into;

	if (!values_text(values, node, SIZE_MAX))
		return;
	if (profile_name_ok(node->text))
		memcpy(loader->profile->name, node->text, node->length + 1);
	else
		values_fail(
			values, node,
			"must be 1 to 64 of A-Z a-z 0-9 . _ - and begin with a letter or digit");
}

static void read_vid(struct values *values, const struct tree_node *node, void *into)
{
	struct loader *loader = into;
	uint32_t id;

	if (values_u32(values, node, UINT16_MAX, &id))
		loader->profile->usb.vid = (uint16_t)id;
}

static void read_pid(struct values *values, const struct tree_node *node, void *into)
{
	struct loader *loader = into;
	uint32_t id;

	if (values_u32(values, node, UINT16_MAX, &id))
		loader->profile->usb.pid = (uint16_t)id;
}

static void read_usb(struct values *values, const struct tree_node *node, void *into)
{
	static const struct values_key keys[] = {{"vid", false, read_vid},
						 {"pid", false, read_pid}};

	values_map(values, node, KEYS(keys), into);
}

/* Needs the part, which may stand after it. */
static void keep_bootloaders(struct values *values, const struct tree_node *node, void *into)
{
	struct loader *loader = into;

	if (values_list(values, node, 1, PROFILE_ROMS_MAX))
		loader->bootloaders = node;
}

static void read_unidentified(struct values *values, const struct tree_node *node, void *into)
{
	static const char *const names[] = {"refuse", "accept", NULL};
	struct loader *loader = into;
	unsigned choice;

	if (values_choice(values, node, names, &choice))
		loader->profile->accept_unidentified = choice == 1;
}

static void read_resident(struct values *values, const struct tree_node *node, void *into)
{
	static const char *const names[] = {"refuse", "allow", NULL};
	struct loader *loader = into;
	unsigned choice;

	if (values_choice(values, node, names, &choice))
		loader->profile->allow_resident = choice == 1;
}

static void read_target(struct values *values, const struct tree_node *node, void *into)
{
	static const struct values_key keys[] = {
		{"part", true, loader_part},
		{"unidentified", false, read_unidentified},
		{"resident", false, read_resident},
		{"usb", false, read_usb},
		{"bootloaders", false, keep_bootloaders},
	};

	values_map(values, node, KEYS(keys), into);
	loader_bootloaders(into);
}

static void read_firmware_version(struct values *values, const struct tree_node *node, void *into)
{
	struct loader *loader = into;
	char *text = values_copy(values, node, FIRMWARE_VERSION_MAX);

	if (text == NULL)
		return;
	free(loader->profile->firmware_version);
	loader->profile->firmware_version = text;
}

static void read_erase(struct values *values, const struct tree_node *node, void *into)
{
	static const char *const names[] = {
		[PROFILE_ERASE_AUTO] = "auto",   [PROFILE_ERASE_TOUCHED] = "touched",
		[PROFILE_ERASE_MASS] = "mass",   [PROFILE_ERASE_NONE] = "none",
		[PROFILE_ERASE_NONE + 1] = NULL,
	};
	struct loader *loader = into;
	unsigned choice;

	if (values_choice(values, node, names, &choice))
		loader->profile->erase = (enum profile_erase)choice;
}

static void read_verify(struct values *values, const struct tree_node *node, void *into)
{
	static const char *const names[] = {
		[PROFILE_VERIFY_FULL] = "full",
		[PROFILE_VERIFY_IMAGE] = "image",
		[PROFILE_VERIFY_IMAGE + 1] = NULL,
	};
	struct loader *loader = into;
	unsigned choice;

	if (!values_choice(values, node, names, &choice))
		return;
	loader->profile->verify = (enum profile_verify)choice;
	loader->verify_given = true;
}

static void read_poll(struct values *values, const struct tree_node *node, void *into)
{
	static const char *const names[] = {
		[PROFILE_POLL_ADAPTIVE] = "adaptive",
		[PROFILE_POLL_SPEC] = "spec",
		[PROFILE_POLL_SPEC + 1] = NULL,
	};
	struct loader *loader = into;
	unsigned choice;

	if (values_choice(values, node, names, &choice))
		loader->profile->poll = (enum profile_poll)choice;
}

static void read_upload_window(struct values *values, const struct tree_node *node, void *into)
{
	struct loader *loader = into;
	int64_t number;

	if (values_integer(values, node, 1, DFU_WINDOW_MOST, &number))
		loader->profile->upload_window = (unsigned)number;
}

static void read_leave(struct values *values, const struct tree_node *node, void *into)
{
	static const char *const names[] = {
		[PROFILE_LEAVE_FALSE] = "false",
		[PROFILE_LEAVE_TRUE] = "true",
		[PROFILE_LEAVE_REQUIRED] = "required",
		[PROFILE_LEAVE_REQUIRED + 1] = NULL,
	};
	struct loader *loader = into;
	unsigned choice;

	loader->leave = node;
	if (!values_choice(values, node, names, &choice))
		return;
	if (choice != PROFILE_LEAVE_REQUIRED && !node->plain)
		values_fail(values, node, "write true and false without quotes");
	else
		loader->profile->leave = (enum profile_leave)choice;
}

static void read_attempts(struct values *values, const struct tree_node *node, void *into)
{
	struct loader *loader = into;
	int64_t number;

	if (values_integer(values, node, 1, 9, &number))
		loader->profile->attempts = (unsigned)number;
}

static void read_transfer_ms(struct values *values, const struct tree_node *node, void *into)
{
	struct loader *loader = into;
	int64_t number;

	if (values_integer(values, node, 100, 60000, &number))
		loader->profile->transfer_ms = (uint32_t)number;
}

static void read_unit_s(struct values *values, const struct tree_node *node, void *into)
{
	struct loader *loader = into;
	int64_t number;

	if (values_integer(values, node, 1, 3600, &number))
		loader->profile->unit_s = (uint32_t)number;
}

static void read_parallel(struct values *values, const struct tree_node *node, void *into)
{
	struct loader *loader = into;
	int64_t number;

	if (values_integer(values, node, 1, PROFILE_SLOTS_MAX, &number))
		loader->profile->parallel = (unsigned)number;
}

static void read_stagger_ms(struct values *values, const struct tree_node *node, void *into)
{
	struct loader *loader = into;
	int64_t number;

	if (values_integer(values, node, 0, 60000, &number))
		loader->profile->stagger_ms = (uint32_t)number;
}

static void read_claim_ms(struct values *values, const struct tree_node *node, void *into)
{
	struct loader *loader = into;
	int64_t number;

	if (values_integer(values, node, 0, 60000, &number))
		loader->profile->claim_ms = (uint32_t)number;
}

static void read_timeouts(struct values *values, const struct tree_node *node, void *into)
{
	static const struct values_key keys[] = {
		{"transfer_ms", false, read_transfer_ms},
		{"unit_s", false, read_unit_s},
		{"claim_ms", false, read_claim_ms},
	};

	values_map(values, node, KEYS(keys), into);
}

static void read_require(struct values *values, const struct tree_node *node, void *into)
{
	static const char *const names[] = {"lot", "operator", NULL};
	struct loader *loader = into;
	bool *const flags[] = {&loader->profile->require_lot, &loader->profile->require_operator};
	unsigned choice;

	if (!values_list(values, node, 0, SIZE_MAX))
		return;
	for (size_t i = 0; i < node->items; i++) {
		if (!values_choice(values, node->item[i], names, &choice))
			continue;
		if (*flags[choice])
			values_fail(values, node->item[i], "'%s' again", names[choice]);
		*flags[choice] = true;
	}
}

/* {lot} is replaced when a run begins; no other braces, so that a misspelt one is no file name. */
static bool braces_ok(const char *text)
{
	while ((text = strpbrk(text, "{}")) != NULL) {
		if (strncmp(text, "{lot}", 5) != 0)
			return false;
		text += 5;
	}
	return true;
}

static void read_audit_file(struct values *values, const struct tree_node *node, void *into)
{
	struct loader *loader = into;

	if (!values_text(values, node, PATH_MAX - 1))
		return;
	if (!braces_ok(node->text)) {
		values_fail(values, node, "braces stand only in {lot}");
		return;
	}
	loader->profile->audit_file = loader_path(loader->profile, node->text);
	if (loader->profile->audit_file == NULL)
		values_fail(values, node, "not enough memory");
}

static void read_audit_key(struct values *values, const struct tree_node *node, void *into)
{
	struct loader *loader = into;

	if (!values_text(values, node, PATH_MAX - 1))
		return;
	loader->profile->audit_key = loader_path(loader->profile, node->text);
	if (loader->profile->audit_key == NULL)
		values_fail(values, node, "not enough memory");
}

static void read_seal_every(struct values *values, const struct tree_node *node, void *into)
{
	struct loader *loader = into;
	int64_t number;

	if (values_integer(values, node, 1, 1000000, &number))
		loader->profile->audit_seal_every = (unsigned)number;
}

static void read_rotate_mb(struct values *values, const struct tree_node *node, void *into)
{
	struct loader *loader = into;
	int64_t number;

	if (values_integer(values, node, 1, 1000000, &number))
		loader->profile->audit_rotate_mb = (unsigned)number;
}

static void read_rotate_lot(struct values *values, const struct tree_node *node, void *into)
{
	static const char *const names[] = {"false", "true", NULL};
	struct loader *loader = into;
	unsigned choice;

	if (!values_choice(values, node, names, &choice))
		return;
	if (!node->plain)
		values_fail(values, node, "write true and false without quotes");
	else
		loader->profile->audit_rotate_lot = choice;
}

static void read_state_dir(struct values *values, const struct tree_node *node, void *into)
{
	struct loader *loader = into;

	if (!values_text(values, node, PATH_MAX - 1))
		return;
	loader->profile->state_dir = loader_path(loader->profile, node->text);
	if (loader->profile->state_dir == NULL)
		values_fail(values, node, "not enough memory");
}

static void read_station(struct values *values, const struct tree_node *node, void *into)
{
	static const struct values_key keys[] = {
		{"state_dir", false, read_state_dir},
	};

	values_map(values, node, keys, sizeof(keys) / sizeof(keys[0]), into);
}

static void read_audit(struct values *values, const struct tree_node *node, void *into)
{
	static const struct values_key keys[] = {
		{"file", true, read_audit_file},        {"key", false, read_audit_key},
		{"seal_every", false, read_seal_every}, {"rotate_mb", false, read_rotate_mb},
		{"rotate_lot", false, read_rotate_lot},
	};

	values_map(values, node, KEYS(keys), into);
}

void loader_schema(struct loader *loader, const struct tree_node *root)
{
	static const struct values_key keys[] = {
		{"profile", true, read_version},
		{"name", true, read_name},
		{"target", true, read_target},
		{"firmware_version", false, read_firmware_version},
		{"firmware", true, loader_firmware},
		{"erase", false, read_erase},
		{"verify", false, read_verify},
		{"poll", false, read_poll},
		{"upload_window", false, read_upload_window},
		{"leave", false, read_leave},
		{"start", false, loader_start},
		{"attempts", false, read_attempts},
		{"timeouts", false, read_timeouts},
		{"require", false, read_require},
		{"slots", false, loader_slots},
		{"audit", false, read_audit},
		{"station", false, read_station},
		{"serial", false, loader_serial},
		{"limits", false, loader_limits},
		{"store", false, loader_store},
		{"option_bytes", false, loader_options},
		{"hooks", false, loader_hooks},
		{"power", false, loader_power},
		{"enter", false, loader_enter},
		{"boot", false, loader_boot},
		{"scan", false, loader_scan},
		{"stop", false, loader_stop},
		{"on_change", false, loader_on_change},
		{"parallel", false, read_parallel},
		{"stagger_ms", false, read_stagger_ms},
		{"bell", false, loader_bell},
		{"control", false, loader_control},
		{"publish", false, loader_publish},
	};
	struct profile *profile = loader->profile;

	loader->values.key = "profile";
	values_map(&loader->values, root, KEYS(keys), loader);
	/* A part that is erased as a whole is also read back as a whole. */
	if (!loader->verify_given &&
	    (profile->erase == PROFILE_ERASE_TOUCHED || profile->erase == PROFILE_ERASE_NONE))
		profile->verify = PROFILE_VERIFY_IMAGE;
}
