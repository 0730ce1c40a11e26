/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/audit/overrides.h"
#include "plan.h"

/* The word that a profile would hold, out of the sentence that begins with it. */
static json_t *word(const char *sentence)
{
	size_t length = 0;

	while (sentence[length] && sentence[length] != ':')
		length++;
	return json_stringn(sentence, length);
}

static json_t *json_files(const struct profile *profile)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < profile->files; i++) {
		const struct profile_file *file = &profile->file[i];

		json_array_append_new(
			list,
			json_pack("{s:o, s:s, s:I, s:I, s:I, s:s}", "file", plan_text(file->file),
				  "format", image_format_name(file->format), "bytes",
				  (json_int_t)file->used, "lowest", (json_int_t)file->lowest,
				  "highest", (json_int_t)file->highest, "sha256", file->actual));
	}
	return list;
}

static json_t *json_sectors(const struct profile *profile, unsigned bank)
{
	const struct stm32_part *part = profile->part;
	unsigned base = bank ? part->bank[0].sectors : 0;
	json_t *list = json_array();

	for (unsigned s = 0; s < part->bank[bank].sectors; s++)
		if (profile->flash.touched[base + s])
			json_array_append_new(
				list, json_pack("{s:i, s:I, s:I}", "sector", (int)s, "address",
						(json_int_t)part->bank[bank].base +
							s * part->sector_bytes,
						"used",
						(json_int_t)profile->flash.sector_used[base + s]));
	return list;
}

static json_t *json_banks(const struct profile *profile)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < profile->part->banks; i++)
		json_array_append_new(
			list, json_pack("{s:i, s:I, s:I, s:I, s:I, s:o}", "bank", (int)i + 1,
					"address", (json_int_t)profile->part->bank[i].base, "bytes",
					(json_int_t)stm32_bank_bytes(profile->part, i), "sectors",
					(json_int_t)profile->part->bank[i].sectors,
					"sectors_touched", (json_int_t)plan_touched(profile, i),
					"touched", json_sectors(profile, i)));
	return list;
}

static json_t *json_roms(const struct profile *profile)
{
	const struct stm32_rom *rom;
	json_t *list = json_array();

	for (unsigned i = 0; (rom = stm32_rom_at(i)); i++) {
		if (rom->series != profile->part->series)
			continue;
		json_array_append_new(
			list,
			json_pack("{s:s, s:o, s:b, s:s, s:s, s:s, s:b, s:s}", "version",
				  rom->version, "id",
				  rom->id < 0 ? json_null() : json_integer(rom->id), "allowed",
				  plan_allowed(profile, rom), "erase_bank1",
				  plan_sector_erase(rom->sector[0]), "erase_bank2",
				  profile->part->banks > 1 ? plan_sector_erase(rom->sector[1]) : "",
				  "mass_erase", plan_mass_erase(rom->mass), "leaves", rom->leaves,
				  "warning", plan_warning(profile, rom)));
	}
	return list;
}

static json_t *json_slots(const struct profile *profile)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < profile->slots; i++)
		json_array_append_new(list, json_pack("{s:s, s:o}", "name", profile->slot[i].name,
						      "path", plan_text(profile->slot[i].path)));
	return list;
}

static json_t *json_hooks(const struct profile *profile)
{
	json_t *object = json_object();

	for (unsigned i = 0; i < PROFILE_HOOKS; i++) {
		const struct profile_hook *hook = &profile->hook[i];
		json_t *words;

		if (!hook->program)
			continue;
		words = json_array();
		for (char **word = hook->argv; *word; word++)
			json_array_append_new(words, plan_text(*word));
		json_object_set_new(object, profile_hook_name((enum profile_hook_time)i),
				    json_pack("{s:o, s:o, s:I}", "command", words, "program",
					      plan_text(hook->program), "timeout_s",
					      (json_int_t)hook->timeout_s));
	}
	return object;
}

static json_t *json_audit(const struct profile *profile)
{
	return json_pack("{s:o, s:o, s:i, s:i, s:b}", "file",
			 profile->audit_file ? plan_text(profile->audit_file) : json_null(), "key",
			 profile->audit_key ? plan_text(profile->audit_key) : json_null(),
			 "seal_every", (int)profile->audit_seal_every, "rotate_mb",
			 (int)profile->audit_rotate_mb, "rotate_lot", profile->audit_rotate_lot);
}

json_t *plan_json(const struct profile *profile, const struct plan_store *store)
{
	char overrides[AUDIT_OVERRIDES_SIZE];
	json_t *object = json_pack("{s:i, s:b, s:s, s:s, s:s, s:o, s:s, s:I, s:o, s:o}", "v", 1,
				   "ok", 1, "profile", profile->name, "profile_sha256",
				   profile->sha256, "part", profile->part->name, "firmware_version",
				   plan_text(profile->firmware_version), "image_sha256",
				   profile->flash.sha256, "bytes", (json_int_t)profile->flash.used,
				   "firmware", json_files(profile), "banks", json_banks(profile));
	json_t *job = json_pack(
		"{s:o, s:o, s:o, s:s, s:i, s:i, s:I, s:I, s:I, s:b, s:b, s:o, s:o, s:o, s:o, s:o, "
		"s:I, s:b, s:o, s:o, s:o, s:I}",
		"erase", word(plan_erase(profile)), "verify", word(plan_verify(profile)), "leave",
		word(plan_leave(profile)), "poll", plan_poll(profile), "upload_window",
		(int)profile->upload_window, "attempts", (int)profile->attempts, "transfer_ms",
		(json_int_t)profile->transfer_ms, "unit_s", (json_int_t)profile->unit_s, "claim_ms",
		(json_int_t)profile->claim_ms, "require_lot", profile->require_lot,
		"require_operator", profile->require_operator, "audit_file",
		profile->audit_file ? plan_text(profile->audit_file) : json_null(), "slots",
		json_slots(profile), "hooks", json_hooks(profile), "bootloaders",
		json_roms(profile), "serial", plan_json_serial(profile), "lot_quantity",
		(json_int_t)profile->limits.lot_quantity, "once_per_lot",
		profile->limits.once_per_lot, "audit", json_audit(profile), "store",
		plan_json_store(profile, store), "parallel",
		profile->parallel ? json_integer(profile->parallel) : json_null(), "stagger_ms",
		(json_int_t)profile->stagger_ms);
	json_t *map = plan_json_map(profile);

	audit_overrides_text(plan_overrides(profile), overrides);
	if (!object || !job || !map ||
	    json_object_set_new(object, "overrides", json_string(overrides)) != 0 ||
	    json_object_update(object, map) != 0 || json_object_update(object, job) != 0) {
		json_decref(object);
		object = NULL;
	}
	json_decref(job);
	json_decref(map);
	return object;
}
