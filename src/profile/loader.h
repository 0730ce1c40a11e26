/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROFILE_LOADER_H
#define PROFILE_LOADER_H

#include "values.h"

/* The nodes of a firmware entry, for messages. */
struct loader_file {
	const struct tree_node *entry, *file, *address, *sha256, *range, *offset, *alternate;
};

/* The nodes of `serial`. */
struct loader_serial {
	const struct tree_node *source, *file, *state, *column, *patches, *on_fail;
	const struct tree_node *entry[PROFILE_PATCHES_MAX]; /* NULL: something is wrong with it */
	const struct tree_node *address[PROFILE_PATCHES_MAX], *value[PROFILE_PATCHES_MAX];
};

/* A profile while it is being read. */
struct loader {
	struct values values;
	struct profile *profile;
	bool verify_given;
	const struct tree_node *bootloaders;
	struct loader_file file[PROFILE_FILES_MAX];
	struct loader_serial serial;
	const struct tree_node *option_bytes, *options[2]; /* expect and set */
	const struct tree_node *leave, *start;             /* the keys' values; NULL: not stated */
	bool verifies; /* nothing is programmed: implausible firmware is a remark */
	bool laid;     /* every image was read and laid out */
	const struct tree_node *scan_pattern[PROFILE_SCAN_KINDS];
	const struct tree_node *power_cycle, *enter, *boot, *boot_serial; /* NULL: not stated */
	const struct tree_node *slot_name[PROFILE_SLOTS_MAX], *slot_path[PROFILE_SLOTS_MAX];
};

/* Reads everything that the profile itself says (schema.c). */
void loader_schema(struct loader *loader, const struct tree_node *root);

/* The keys `bootloaders` and `slots` (target.c, slots.c). */
void loader_part(struct values *values, const struct tree_node *node, void *into);
void loader_bootloaders(struct loader *loader);
void loader_slots(struct values *values, const struct tree_node *node, void *into);

/* The key `hooks` (hooks.c). */
void loader_hooks(struct values *values, const struct tree_node *node, void *into);
void loader_hooks_free(struct profile *profile);
/* A list of words, of which the first is found in PATH or beside the profile. */
void loader_command(struct values *values, const struct tree_node *node, struct loader *loader,
		    struct profile_hook *hook);
void loader_command_free(struct profile_hook *hook);

/* Reads the key `power`, then checks it against the slots (power.c). */
void loader_power(struct values *values, const struct tree_node *node, void *into);
void loader_power_check(struct loader *loader);

/* The keys `enter` and `boot`, and then their checks against the rest (boot.c). */
void loader_enter(struct values *values, const struct tree_node *node, void *into);
void loader_boot(struct values *values, const struct tree_node *node, void *into);
void loader_boot_check(struct loader *loader);
void loader_boot_free(struct profile *profile);

/* The key `firmware`, and then its files (firmware.c). */
void loader_firmware(struct values *values, const struct tree_node *node, void *into);
void loader_images(struct loader *loader);

/* The key `start`, and then the vector tables there (start.c). */
void loader_start(struct values *values, const struct tree_node *node, void *into);
void loader_start_check(struct loader *loader);

/* Adds a remark; without memory for it there is none. */
void loader_remark(struct loader *loader, bool warning, struct profile_place place,
		   const char *format, ...) __attribute__((format(printf, 4, 5)));
void loader_remarks_free(struct profile *profile);

/* The key `serial`, and then its checks against the rest (serial.c). */
void loader_serial(struct values *values, const struct tree_node *node, void *into);
void loader_serial_check(struct loader *loader);

/* The key `scan` (scan.c), and `stop`, `on_change` and `bell` (operation.c). */
void loader_scan(struct values *values, const struct tree_node *node, void *into);
void loader_scan_free(struct profile *profile);
void loader_stop(struct values *values, const struct tree_node *node, void *into);
void loader_on_change(struct values *values, const struct tree_node *node, void *into);
void loader_bell(struct values *values, const struct tree_node *node, void *into);

/* Complains at `node` if {NAME}, which is no column, is the name of a column of the list, too
 * (serial_check.c). */
void loader_column_hidden(struct loader *loader, const struct tree_node *node, const char *name,
			  size_t length);

/* The key `control` (control.c). */
void loader_control(struct values *values, const struct tree_node *node, void *into);
void loader_control_free(struct profile *profile);

/* The key `publish` (publish.c). */
void loader_publish(struct values *values, const struct tree_node *node, void *into);

/* The key `limits` (limits.c). */
void loader_limits(struct values *values, const struct tree_node *node, void *into);

/* The key `store` (store.c). */
void loader_store(struct values *values, const struct tree_node *node, void *into);

/* The key `option_bytes`, and then its fields, which depend on the part (options.c). */
void loader_options(struct values *values, const struct tree_node *node, void *into);
void loader_options_check(struct loader *loader);

/* `file` as seen from the folder of the profile; the caller frees. NULL: no memory. */
char *loader_path(const struct profile *profile, const char *file);

/* Adds the problem that the file which `node` names cannot be opened: its path as written and as
 * resolved (`path`), `error` (an errno value) and the rule of resolving. `what` is "firmware". */
void loader_unreadable(const struct loader *loader, const struct tree_node *node, const char *what,
		       const char *path, int error);

#endif
