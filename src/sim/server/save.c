/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "save.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/fleet/fleet.h"
#include "sim/rom/rom.h"
#include "server.h"
#include "tray.h"

static bool save_flash(const struct rom *rom, const char *path)
{
	size_t size = rom_flash_size(rom);
	uint8_t *bytes = malloc(size ? size : 1);
	FILE *file = bytes ? fopen(path, "wb") : NULL;
	bool good = false;

	if (file) {
		rom_flash_copy(rom, bytes);
		good = fwrite(bytes, 1, size, file) == size;
		good = fclose(file) == 0 && good;
	}
	free(bytes);
	return good;
}

/* A byte for each page, enum rom_page, then the data of the changed pages. */
static bool save_pages(const struct rom *rom, const char *path)
{
	uint32_t pages = (uint32_t)(rom_flash_size(rom) / ROM_PAGE_BYTES);
	uint8_t *bytes = malloc(pages + rom_flash_size(rom));
	FILE *file = bytes ? fopen(path, "wb") : NULL;
	size_t length = pages;
	bool good = false;

	if (file) {
		for (uint32_t i = 0; i < pages; i++) {
			bytes[i] = (uint8_t)rom_flash_page(rom, i, bytes + length);
			if (bytes[i] == ROM_PAGE_DATA)
				length += ROM_PAGE_BYTES;
		}
		good = fwrite(bytes, 1, length, file) == length;
		good = fclose(file) == 0 && good;
	}
	free(bytes);
	return good;
}

static void put_text(FILE *file, const char *name, const char *text)
{
	fprintf(file, "  \"%s\": \"", name);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\' || c < 0x20)
			fprintf(file, "\\u%04x", c);
		else
			putc(c, file);
	}
	fputs("\",\n", file);
}

static void put_counters(FILE *file, const struct rom_counters *counters)
{
	const struct {
		const char *name;
		uint64_t value;
	} rows[] = {
		{"busy_touches", counters->busy_touches},
		{"double_programs", counters->double_programs},
		{"stray_downloads", counters->stray_downloads},
		{"value_one", counters->value_one},
		{"short_numbered", counters->short_numbered},
		{"outside", counters->outside},
		{"requests", counters->requests},
		{"sector_erases", counters->sector_erases},
		{"mass_erases", counters->mass_erases},
		{"words_programmed", counters->words_programmed},
		{"bytes_uploaded", counters->bytes_uploaded},
		{"resets", counters->resets},
		{"stalls", counters->stalls},
		{"hung", counters->hung},
		{"left", counters->left},
		{"started_at", counters->started_at},
		{"faults_struck", counters->faults_struck},
		{"early_polls", counters->early_polls},
		{"broken_reads", counters->broken_reads},
		{"wedged_asks", counters->wedged_asks},
		{"power_cuts", counters->power_cuts},
		{"dnloads", counters->dnloads},
		{"uploads", counters->uploads},
		{"getstatuses", counters->getstatuses},
		{"erases_sent", counters->erases_sent},
		{"writes_sent", counters->writes_sent},
		{"flash_ns", counters->flash_ns},
		{"wire_ns", counters->wire_ns},
	};
	size_t count = sizeof(rows) / sizeof(rows[0]);

	fputs("  \"counters\": {\n", file);
	for (size_t i = 0; i < count; i++)
		fprintf(file, "    \"%s\": %" PRIu64 "%s\n", rows[i].name, rows[i].value,
			i + 1 < count ? "," : "");
	fputs("  }\n", file);
}

static void put_options(FILE *file, const struct rom *rom)
{
	size_t length;
	const uint8_t *bytes = rom_option_bytes(rom, &length);

	fprintf(file, "  \"optsr\": \"0x%08x\",\n  \"option_bytes\": \"",
		(unsigned)rom_option_status(rom));
	for (size_t i = 0; i < length; i++)
		fprintf(file, "%02x", bytes[i]);
	fputs("\",\n", file);
}

/* Asks the ROM as a host would, after all else of it is saved. */
static void put_state(FILE *file, struct tray *tray, unsigned target)
{
	const uint8_t getstate[8] = {0xa1, 5, 0, 0, 0, 0, 1, 0}; /* DFU 1.1 6.1.5 */
	struct rom_result *result = calloc(1, sizeof(*result));

	if (result && tray_plugged(tray, target))
		rom_control(tray_rom(tray, target), tray_now(tray), getstate, NULL, 0, result);
	if (result && result->answer == ROM_ACK && result->length == 1)
		fprintf(file, "  \"dfu_state\": %u,\n", result->data[0]);
	else
		fputs("  \"dfu_state\": null,\n", file);
	free(result);
}

static bool save_facts(const struct fleet *fleet, struct tray *tray, unsigned target, bool ended,
		       const char *path)
{
	const struct rom_config *config = fleet_target(fleet, target);
	const struct rom_counters counters = *rom_counters(tray_rom(tray, target));
	const uint8_t *uid = rom_uid(tray_rom(tray, target));
	FILE *file = fopen(path, "w");
	bool good;

	if (!file)
		return false;
	fputs("{\n", file);
	put_text(file, "name", fleet_name(fleet, target));
	put_text(file, "path", tray_path(tray, target));
	fprintf(file, "  \"plugged\": %s,\n", tray_plugged(tray, target) ? "true" : "false");
	put_text(file, "part", config->part.name);
	fprintf(file, "  \"bootloader_id\": \"0x%02X\",\n  \"uid\": \"", config->id);
	for (size_t i = 0; i < sizeof(config->uid); i++)
		fprintf(file, "%02x", uid[i]);
	fputs("\",\n", file);
	fprintf(file, "  \"broken_words\": %zu,\n", rom_broken_words(tray_rom(tray, target)));
	put_options(file, tray_rom(tray, target));
	if (ended)
		put_state(file, tray, target);
	fprintf(file, "  \"longest_request_ns\": %" PRIu64 ",\n", tray_longest(tray, target));
	put_counters(file, &counters);
	fputs("}\n", file);
	good = !ferror(file);
	return fclose(file) == 0 && good;
}

bool save_fleet(const struct fleet *fleet, struct tray *tray, const char *folder, bool pages,
		bool ended, char *why, size_t why_size)
{
	char path[PATH_MAX];

	if (mkdir(folder, 0777) < 0 && errno != EEXIST) {
		snprintf(why, why_size, "%s: %s", folder, strerror(errno));
		return false;
	}
	for (unsigned i = 0; i < fleet_targets(fleet); i++) {
		const char *name = fleet_name(fleet, i);

		/* No name of the fleet file may lead out of the folder. */
		if (strchr(name, '/') ||
		    snprintf(path, sizeof(path), "%s/%s.json", folder, name) >= (int)sizeof(path)) {
			snprintf(why, why_size, "%s: not a file name", name);
			return false;
		}
		if (tray_plugged(tray, i))
			rom_settle(tray_rom(tray, i), tray_now(tray));
		if (!save_facts(fleet, tray, i, ended, path))
			goto failed;
		snprintf(path, sizeof(path), "%s/%s.%s", folder, name, pages ? "pages" : "bin");
		if (!(pages ? save_pages : save_flash)(tray_rom(tray, i), path))
			goto failed;
	}
	return true;
failed:
	snprintf(why, why_size, "%s: %s", path, strerror(errno));
	return false;
}

bool save_left(const struct server_left *left, const char *folder, char *why, size_t why_size)
{
	char path[PATH_MAX];
	FILE *file = NULL;
	bool good = snprintf(path, sizeof(path), "%s/LEFT", folder) < (int)sizeof(path);

	file = good ? fopen(path, "w") : NULL;
	good = file && fprintf(file, "{\"handles\": %u, \"claims\": %u, \"requests\": %u}\n",
			       left->handles, left->claims, left->requests) > 0;
	if (file)
		good = fclose(file) == 0 && good;
	if (!good)
		snprintf(why, why_size, "%s: %s", path, strerror(errno));
	return good;
}
