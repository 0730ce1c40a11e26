/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROFILE_LOADER_H
#define PROFILE_LOADER_H

#include "values.h"

/* What a firmware entry says where, for messages. */
struct loader_file {
	const struct tree_node *entry, *file, *address, *sha256, *range, *offset;
};

/* What `serial` says where. */
struct loader_serial {
	const struct tree_node *source, *file, *column, *patches;
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

/* The key `firmware`, and then its files (firmware.c). */
void loader_firmware(struct values *values, const struct tree_node *node, void *into);
void loader_images(struct loader *loader);

/* The key `serial`, and then what it says against the rest (serial.c). */
void loader_serial(struct values *values, const struct tree_node *node, void *into);
void loader_serial_check(struct loader *loader);

/* The key `limits` (limits.c). */
void loader_limits(struct values *values, const struct tree_node *node, void *into);

/* The key `store` (store.c). */
void loader_store(struct values *values, const struct tree_node *node, void *into);

/* The key `option_bytes`, and then its fields, which depend on the part (options.c). */
void loader_options(struct values *values, const struct tree_node *node, void *into);
void loader_options_check(struct loader *loader);

/* `file` as seen from the folder of the profile; the caller frees. NULL: no memory. */
char *loader_path(const struct profile *profile, const char *file);

#endif
