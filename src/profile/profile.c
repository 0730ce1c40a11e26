/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/profile/profile.h"

#include <stdlib.h>
#include <string.h>

#include "h7gang/audit/overrides.h"
#include "h7gang/usb/power.h"
#include "loader.h"

static const struct profile_place nowhere = {0, 0};

/* Everything at its default value. */
static struct profile *profile_new(const char *path)
{
	struct profile *profile = calloc(1, sizeof(*profile));

	if (profile == NULL)
		return NULL;
	profile->usb = (struct usb_filter){.vid = USB_VID_ST, .pid = USB_PID_ST_DFU};
	profile->erase = PROFILE_ERASE_AUTO;
	profile->verify = PROFILE_VERIFY_FULL;
	profile->poll = PROFILE_POLL_ADAPTIVE;
	profile->upload_window = DFU_WINDOW_USUAL;
	profile->leave = PROFILE_LEAVE_TRUE;
	profile->attempts = 2;
	profile->store = (struct profile_store){.lease_size = 50, .places = 8};
	profile->transfer_ms = 5000;
	profile->claim_ms = 2000;
	profile->unit_s = 300;
	profile->power.off_ms = USB_CYCLE_OFF_MS;
	profile->audit_seal_every = 100;
	profile->path = strdup(path);
	profile->firmware_version = strdup("");
	if (profile->path != NULL && profile->firmware_version != NULL)
		return profile;
	profile_free(profile);
	return NULL;
}

static void check(struct profile *profile, const uint8_t *bytes, size_t length, bool verifies,
		  struct profile_problems *problems)
{
	struct loader *loader = calloc(1, sizeof(*loader));
	struct tree_node *root = NULL;

	if (loader == NULL) {
		profile_problem_add(problems, profile->path, nowhere, "not enough memory");
		return;
	}
	loader->profile = profile;
	loader->verifies = verifies;
	loader->values = (struct values){.file = profile->path, .problems = problems};
	root = tree_read(bytes, length, profile->path, problems);
	if (root != NULL) {
		loader_schema(loader, root);
		loader_images(loader);
		loader_serial_check(loader);
		loader_options_check(loader);
		loader_start_check(loader);
		loader_power_check(loader);
		loader_boot_check(loader);
	} else if (problems->count == 0) {
		profile_problem_add(problems, profile->path, (struct profile_place){1, 1},
				    "the profile is empty");
	}
	tree_free(root);
	free(loader);
}

static struct profile *load(const char *path, bool verifies, struct profile_problems *problems)
{
	struct profile *profile = profile_new(path);
	struct image_error error = {0};
	uint8_t *bytes = NULL;
	size_t length = 0;

	*problems = (struct profile_problems){0};
	if (profile == NULL)
		profile_problem_add(problems, path, nowhere, "not enough memory");
	else if (!image_file_bytes(path, PROFILE_SIZE_MAX, "name the profile, not another file",
				   &bytes, &length, &error))
		profile_problem_add(problems, path, nowhere, "%s", error.why);
	else if (sha256_hex(bytes, length, profile->sha256) != 0)
		profile_problem_add(problems, path, nowhere, "its SHA-256 could not be computed");
	else
		check(profile, bytes, length, verifies, problems);
	free(bytes);
	if (problems->count == 0 && !problems->lost)
		return profile;
	profile_problems_sort(problems);
	profile_free(profile);
	return NULL;
}

struct profile *profile_load(const char *path, struct profile_problems *problems)
{
	return load(path, false, problems);
}

struct profile *profile_load_to_verify(const char *path, struct profile_problems *problems)
{
	return load(path, true, problems);
}

unsigned profile_overrides(const struct profile *profile)
{
	return profile->start.unchecked ? AUDIT_OVERRIDE_START_CHECK : 0;
}

bool profile_has_counters(const struct profile *profile)
{
	return profile->serial || profile->limits.lot_quantity || profile->limits.once_per_lot;
}

void profile_free(struct profile *profile)
{
	if (profile == NULL)
		return;
	for (unsigned i = 0; i < profile->files; i++) {
		free(profile->file[i].file);
		free(profile->file[i].path);
	}
	loader_hooks_free(profile);
	loader_boot_free(profile);
	loader_remarks_free(profile);
	loader_scan_free(profile);
	loader_control_free(profile);
	image_flash_free(&profile->flash);
	profile_serial_free(profile->serial);
	free(profile->store_url);
	free(profile->audit_key);
	free(profile->audit_file);
	free(profile->state_dir);
	free(profile->publish.positions);
	free(profile->firmware_version);
	free(profile->path);
	free(profile);
}
