/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The job of a batch: part, firmware and profile. */
#include "campaign.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#define FLASH_START 0x08000000u
#define BANK_STRIDE 0x00100000u

static const struct part parts[] = {
	{"stm32h7a3xi", 2, 2 << 20, 8 << 10, 1 << 20},
	{"stm32h7b3xi", 2, 2 << 20, 8 << 10, 1 << 20},
	{"stm32h750xb", 0, 128 << 10, 128 << 10, 128 << 10},
	{"stm32h723xg", 1, 1 << 20, 128 << 10, 1 << 20},
	{"stm32h733xg", 1, 1 << 20, 128 << 10, 1 << 20},
	{"stm32h743xg", 0, 1 << 20, 128 << 10, 512 << 10},
	{"stm32h743xi", 0, 2 << 20, 128 << 10, 1 << 20},
	{"stm32h757xi", 0, 2 << 20, 128 << 10, 1 << 20},
	{"stm32h745xg", 0, 1 << 20, 128 << 10, 512 << 10},
	{"stm32h7a3xg", 2, 1 << 20, 8 << 10, 512 << 10},
	{"stm32h723xe", 1, 512 << 10, 128 << 10, 512 << 10},
	{"stm32h735xg", 1, 1 << 20, 128 << 10, 1 << 20},
	{"stm32h742xi", 0, 2 << 20, 128 << 10, 1 << 20},
	{"stm32h730xb", 1, 128 << 10, 128 << 10, 128 << 10},
	{"stm32h7b0xb", 2, 128 << 10, 8 << 10, 128 << 10},
};
enum { PARTS = sizeof(parts) / sizeof(parts[0]), SMALL_PARTS = 3 };

uint32_t batch_address(const struct batch *batch, uint32_t offset)
{
	return FLASH_START + offset / batch->part->bank_bytes * BANK_STRIDE +
	       offset % batch->part->bank_bytes;
}

uint32_t batch_sectors(const struct batch *batch)
{
	return batch->part->flash_bytes / batch->part->sector_bytes;
}

static void fill(uint64_t *dice, uint8_t *bytes, size_t length)
{
	uint32_t kind = below(dice, 10);

	for (size_t i = 0; i < length; i += 8) {
		uint64_t drawn = kind == 0 ? 0 : draw(dice);

		memcpy(bytes + i, &drawn, length - i < 8 ? length - i : 8);
	}
	for (size_t i = 0; kind == 1 && i < length; i++)
		bytes[i] = (uint8_t)i;
	/* Blocks of nothing but 0xFF are not sent; words of them must not be missed elsewhere. */
	for (size_t i = 512; kind > 6 && i < length; i += 1536)
		memset(bytes + i, 0xff, length - i < 512 ? length - i : 512);
}

static bool sha256_of(const char *path, char hex[65])
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	uint8_t bytes[16384];
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	FILE *file = fopen(path, "rb");
	unsigned length = 0;
	size_t got;
	bool good = context && file && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1;

	while (good && (got = fread(bytes, 1, sizeof(bytes), file)) > 0)
		good = EVP_DigestUpdate(context, bytes, got) == 1;
	good = good && EVP_DigestFinal_ex(context, hash, &length) == 1 && length == 32;
	for (unsigned i = 0; good && i < length; i++)
		snprintf(hex + 2 * i, 3, "%02x", hash[i]);
	if (file)
		fclose(file);
	EVP_MD_CTX_free(context);
	return good;
}

/* Writes these bytes of flash as a file of some format, and the profile's entry for it. */
static bool add_file(struct batch *batch, const char *folder, FILE *profile, unsigned index,
		     uint32_t offset, uint32_t length)
{
	static const char *const formats[] = {"bin", "bin", "hex", "srec", NULL};
	const char *format = one_of(&batch->dice, formats);
	uint32_t address = batch_address(batch, offset);
	bool hashed = percent(&batch->dice, 20), good;
	char name[32], path[512], hash[65];

	snprintf(name, sizeof(name), "part%u.%s", index, format);
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fprintf(profile, "  - {file: %s", name);
	if (*format == 'b') {
		fprintf(profile, ", address: 0x%08" PRIx32 "%s", address, raw_words(length));
		good = write_file(path, batch->flash + offset, length);
	} else {
		good = (*format == 'h' ? write_hex : write_srec)(path, address,
								 batch->flash + offset, length);
	}
	if (good && hashed) {
		good = sha256_of(path, hash);
		fprintf(profile, ", sha256: \"%s\"", hash);
	}
	fputs("}\n", profile);
	return good;
}

/* One piece of firmware within one sector, or all of it. */
static bool add_segment(struct batch *batch, const char *folder, FILE *profile, unsigned index)
{
	uint64_t *dice = &batch->dice;
	uint32_t bytes = batch->part->sector_bytes;
	uint32_t sector = below(dice, batch_sectors(batch));
	uint32_t offset = 0, length = bytes;
	bool whole = percent(dice, bytes > PAGE_BYTES ? 3 : 15);

	if (batch->touched[sector])
		return true;
	if (!whole) {
		offset = percent(dice, 50) ? 0 : below(dice, bytes);
		length = any_size(dice, 4096);
		if (length > bytes - offset)
			length = bytes - offset;
	}
	start_adjust(sector, &offset, &length);
	batch->touched[sector] = true;
	fill(dice, batch->flash + sector * bytes + offset, length);
	start_lay(batch, sector * bytes + offset, length);
	if (batch->wider.on) {
		wider_cut(batch, sector * bytes + offset, length);
		return true;
	}
	return add_file(batch, folder, profile, index, sector * bytes + offset, length);
}

static bool full_image(struct batch *batch, const char *folder, FILE *profile)
{
	const struct part *part = batch->part;

	for (uint32_t bank = 0; bank < part->flash_bytes / part->bank_bytes; bank++) {
		uint32_t length = part->bank_bytes - below(&batch->dice, 1000);

		fill(&batch->dice, batch->flash + bank * part->bank_bytes, length);
		start_lay(batch, bank * part->bank_bytes, length);
		if (batch->wider.on)
			wider_cut(batch, bank * part->bank_bytes, length);
		else if (!add_file(batch, folder, profile, bank, bank * part->bank_bytes, length))
			return false;
	}
	memset(batch->touched, true, batch_sectors(batch));
	return true;
}

static bool write_firmware(struct batch *batch, const char *folder, FILE *profile)
{
	bool large = batch->part->sector_bytes > PAGE_BYTES;
	unsigned segments = 1;
	bool good = true;

	fputs("firmware:\n", profile);
	memset(batch->flash, 0xff, sizeof(batch->flash));
	if (batch->full)
		return full_image(batch, folder, profile);
	/* A sector of 128 KiB takes as long as 16 of 8 KiB. */
	if (!large || percent(&batch->dice, 20))
		segments += below(&batch->dice, large ? 4 : 6);
	for (unsigned i = 0; good && i < segments; i++)
		good = add_segment(batch, folder, profile, i);
	return good;
}

static void choose_erase(struct batch *batch)
{
	uint32_t way = below(&batch->dice, 1000);
	bool one_sector = batch_sectors(batch) == 1;

	batch->erase = way < 890   ? ERASE_TOUCHED
		       : way < 980 ? ERASE_NONE
		       : way < 992 ? ERASE_AUTO
				   : ERASE_MASS;
	if (one_sector || batch->full)
		batch->erase = (enum erase)below(&batch->dice, 4);
	batch->verify_all = batch->erase == ERASE_AUTO || batch->erase == ERASE_MASS;
	/* A sector that is never erased cannot be required blank. */
	if (one_sector)
		batch->verify_all = percent(&batch->dice, 50);
}

/* The first draws alone decide how many boards there are. */
static void choose_size(struct batch *batch)
{
	uint64_t *dice = &batch->dice;
	bool any;

	*dice = batch->seed * UINT64_C(0xD1342543DE82EF95) + batch->number;
	batch->full = below(dice, 1000) < 30;
	any = batch->full || percent(dice, 45);
	batch->part = &parts[below(dice, any ? PARTS : SMALL_PARTS)];
	if (batch->full)
		batch->boards = 8;
	else
		batch->boards = batch->part->sector_bytes > PAGE_BYTES ? 24 : 32;
}

unsigned batch_boards(uint64_t seed, unsigned number)
{
	static struct batch batch;

	batch.seed = seed;
	batch.number = number;
	choose_size(&batch);
	return batch.boards;
}

static void choose_profile(struct batch *batch)
{
	static const char *const polls[] = {"adaptive", "adaptive", "spec", NULL};
	static const char *const leaves[] = {"true", "true", "false", "required", NULL};
	static const unsigned transfers[] = {5000, 5000, 5000, 3000, 8000};
	uint64_t *dice = &batch->dice;

	choose_erase(batch);
	batch->attempts = 1 + below(dice, 3);
	batch->unit_s = percent(dice, 90) ? UNIT_S : 20 + below(dice, 60);
	batch->transfer_ms = transfers[below(dice, 5)];
	batch->poll = one_of(dice, polls);
	batch->leave = one_of(dice, leaves);
	batch->json = percent(dice, 25);
	batch->trace = percent(dice, 8);
	batch->sanitized = below(dice, 60) < 3 && !batch->full;
	batch->allowed[0] = batch->allowed[1] = NULL;
	if (percent(dice, 3)) {
		const char *const *versions = part_versions(batch->part);

		uint32_t first = below(dice, 3);

		batch->allowed[0] = versions[first];
		batch->allowed[1] = versions[(first + 1 + below(dice, 2)) % 3];
	}
	batch->slots = percent(dice, 6);
	batch->serial = percent(dice, 12);
	batch->counter_too = percent(dice, 50);
	batch->by_uid = percent(dice, 30);
}

static void write_serial(struct batch *batch, FILE *file)
{
	uint32_t sector = 0, inside;

	if (!batch->serial)
		return;
	while (!batch->touched[sector])
		sector++;
	inside = below(&batch->dice, batch->part->sector_bytes - SERIAL_BYTES - 4) & ~3u;
	batch->serial_at = sector * batch->part->sector_bytes + inside;
	start_patched(batch);
	fprintf(file, "serial:\n  source: {counter: {file: sn.state, start: 1, end: 99999, format: "
		      "\"S{:06d}\"}}\n");
	batch->keeps = !percent(&batch->dice, 50);
	fprintf(file, "  on_fail: %s\n", batch->keeps ? "keep" : "burn");
	if (batch->by_uid)
		fputs("  unique_by: uid\n", file);
	fprintf(file,
		"  patch:\n    - {address: 0x%08" PRIx32
		", encode: ascii, value: \"{serial}\", length: %d}\n",
		batch_address(batch, batch->serial_at), SERIAL_BYTES);
	if (batch->counter_too)
		fprintf(file,
			"    - {address: 0x%08" PRIx32 ", encode: u32le, value: \"{counter}\"}\n",
			batch_address(batch, batch->serial_at) + SERIAL_BYTES);
}

static bool write_profile(struct batch *batch, const char *folder)
{
	static const char *const erase[] = {"auto", "touched", "mass", "none"};
	char path[512];
	FILE *file;
	bool good;

	snprintf(path, sizeof(path), "%s/profile.yaml", folder);
	file = fopen(path, "w");
	if (!file)
		return false;
	fprintf(file, "profile: 1\nname: campaign\ntarget:\n  part: %s\n", batch->part->name);
	if (batch->allowed[0])
		fprintf(file, "  bootloaders: [%s, %s]\n", batch->allowed[0], batch->allowed[1]);
	fprintf(file, "erase: %s\nverify: %s\npoll: %s\n", erase[batch->erase],
		batch->verify_all ? "full" : "image", batch->poll);
	fprintf(file, "upload_window: %u\n", 1 + below(&batch->dice, 16));
	fprintf(file, "attempts: %u\ntimeouts: {transfer_ms: %u, unit_s: %u}\n", batch->attempts,
		batch->transfer_ms, batch->unit_s);
	fprintf(file, "audit: {file: log.csv}\n");
	good = write_firmware(batch, folder, file) &&
	       (!batch->wider.on || wider_files(batch, folder, file));
	start_profile(batch, file);
	write_serial(batch, file);
	for (unsigned i = 0; batch->slots && i < batch->boards; i++)
		fprintf(file, "%s  - {name: A%u, path: %s}\n", i ? "" : "slots:\n", i,
			batch->board[i].path);
	if (batch->wider.on)
		wider_profile(batch, file);
	return fclose(file) == 0 && good;
}

bool batch_make(struct batch *batch, const char *folder)
{
	bool image = false;
	char path[512];

	memset(batch->touched, 0, sizeof(batch->touched));
	choose_size(batch);
	choose_profile(batch);
	start_choose(batch);
	if (batch->wider.on)
		wider_choose(batch);
	choose_paths(batch);
	if (!write_profile(batch, folder))
		return false;
	for (unsigned i = 0; i < batch->boards; i++) {
		make_board(batch, i);
		if (batch->wider.on)
			wider_board(batch, i);
		windows_board(batch, i);
		manners_board(batch, i, &batch->board[i]);
		image = image || batch->board[i].contents == CONTENTS_IMAGE;
	}
	snprintf(path, sizeof(path), "%s/wanted.bin", folder);
	return write_fleet(batch, folder) && (!batch->wider.on || wider_scripts(batch, folder)) &&
	       (!image || write_file(path, batch->flash, batch->part->flash_bytes));
}
