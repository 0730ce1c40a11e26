/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A whole attempt, and its retry, against a target whose every answer may be a lie. The input is
 * the profile, the ROM and a script of oddities. What must hold: PASS only when the target's flash
 * is the image; nothing is erased or written before the attempt is on record; every wait has an
 * end, and the attempt's own deadline is kept. The clock and the usb room are this file's and
 * job_target.c's own: the job is the program's. */
#include "job_target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "h7gang/attempt/attempt.h"
#include "h7gang/base/clock.h"
#include "h7gang/dfu/names.h"
#include "h7gang/profile/profile.h"

#define UNIT_S 300
#define SLACK_MS 6000 /* SET_INTERFACE has 5 s of its own, reset none */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static const struct {
	const char *part; /* and what else of `target:` */
	const char *layout, *keys;
} kinds[] = {
	{"stm32h750xb", "@Internal Flash   /0x08000000/16*128Kg", "erase: auto"},
	{"stm32h750xb", "@Internal Flash   /0x08000000/16*128Kg", "erase: mass\nleave: required"},
	{"stm32h743xi", "@Internal Flash   /0x08000000/16*128Kg", "erase: touched"},
	{"stm32h743xi", "@Internal Flash   /0x08000000/16*128Kg", "erase: none\nverify: image"},
	{"stm32h7a3xi", "@Internal Flash   /0x08000000/256*08Kg", "erase: touched\npoll: spec"},
	{"stm32h743xi, bootloaders: [V9.0, V9.2]", "@Internal Flash   /0x08000000/16*128Kg",
	 "erase: touched\noption_bytes: {unprotect: true}"},
	{"stm32h723xg", "@Internal Flash   /0x08000000/8*128Kg", "erase: touched\nleave: false"},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static struct profile *profiles[KINDS];

static void make_profile(const char *folder, size_t kind)
{
	struct profile_problems problems;
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%zu.yaml", folder, kind);
	file = fopen(path, "w");
	if (!file)
		abort();
	fprintf(file,
		"profile: 1\nname: fuzz\ntarget: {part: %s}\n"
		"firmware:\n  - {file: low.bin, address: 0x08000000}\n%s"
		"timeouts: {transfer_ms: 1000, unit_s: %d}\n%s\n",
		kinds[kind].part,
		strstr(kinds[kind].part, "h743") || strstr(kinds[kind].part, "h7a3")
			? "  - {file: high.bin, address: 0x08100100}\n"
			: "",
		UNIT_S, kinds[kind].keys);
	if (fclose(file) != 0)
		abort();
	profiles[kind] = profile_load(path, &problems);
	for (size_t i = 0; i < problems.count; i++)
		fprintf(stderr, "%s:%u: %s\n", path, problems.problem[i].line,
			problems.problem[i].what);
	if (!profiles[kind])
		abort();
	unlink(path);
}

static void make_file(const char *folder, const char *name, size_t length)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	/* A vector table at 0x08000000: stack pointer 0x20020000, reset handler 0x08000008. */
	if (file && strcmp(name, "low.bin") == 0)
		fwrite("\0\0\2\x20\x9\0\0\x8", 1, 8, file);
	for (size_t i = 0; file && i < length; i++)
		fputc((int)((i * 7 + i / 256) & 0xFF), file);
	if (!file || fclose(file) != 0)
		abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char folder[] = "/tmp/fuzz-job.XXXXXX", path[128];

	(void)argc;
	(void)argv;
	if (!mkdtemp(folder))
		abort();
	make_file(folder, "low.bin", 3000);
	make_file(folder, "high.bin", 1500);
	for (size_t k = 0; k < KINDS; k++)
		make_profile(folder, k);
	snprintf(path, sizeof(path), "%s/low.bin", folder);
	unlink(path);
	snprintf(path, sizeof(path), "%s/high.bin", folder);
	unlink(path);
	rmdir(folder);
	return 0;
}

static bool yes(void *user)
{
	(void)user;
	return true;
}

static bool begin(void *user)
{
	(void)user;
	target.may_touch = true;
	return true;
}

static bool stop(void *user)
{
	(void)user;
	return false;
}

static void phase(void *user, enum job_phase now)
{
	(void)user;
	(void)now;
}

static void started_over(void *user)
{
	(void)user;
}

static bool enter(void *user, char *why, size_t why_size)
{
	(void)user;
	snprintf(why, why_size, "no command");
	return false;
}

static void waits(void *user, int64_t ns)
{
	(void)user, (void)ns;
}

static void progress(void *user, unsigned permille)
{
	(void)user;
	if (permille > 1000)
		abort();
}

/* Every byte in scope: as the profile's verify says. */
static bool flash_is_right(const struct profile *profile)
{
	const struct image_flash *flash = &profile->flash;

	for (unsigned s = 0; s < stm32_part_sectors(profile->part); s++) {
		uint32_t offset = s * profile->part->sector_bytes;

		if ((profile->verify == PROFILE_VERIFY_FULL || flash->touched[s]) &&
		    memcmp(target.flash + offset, flash->bytes + offset,
			   profile->part->sector_bytes) != 0)
			return false;
	}
	return true;
}

static void judge(const struct profile *profile, const struct job *job, int64_t deadline)
{
	if (fuzz_now > deadline + SLACK_MS * CLOCK_MS)
		abort();
	if (strlen(job->detail) >= sizeof(job->detail) ||
	    strlen(job->layout) >= sizeof(job->layout) ||
	    strlen(job->serial) >= sizeof(job->serial))
		abort();
	if (job->error != H7_OK)
		return;
	for (unsigned b = 0; b < profile->part->banks; b++)
		if (job->bank[b].result == AUDIT_BANK_FAIL ||
		    job->bank[b].result == AUDIT_BANK_UNREACHED)
			abort();
	if (!target.lied && !flash_is_right(profile))
		abort();
}

static void attempt(const struct profile *profile, struct job_memory *memory, bool reads_only)
{
	static struct job job;

	job = (struct job){
		.profile = profile,
		.part = profile->part,
		.verify_only = reads_only,
		.watch = {.identified = yes,
			  .release = yes,
			  .admit = yes,
			  .begin = begin,
			  .stop = stop,
			  .phase = phase,
			  .progress = progress,
			  .waits = waits,
			  .started_over = started_over,
			  .enter = enter},
		.memory = memory,
		.link = {.path = "1-1",
			 .targets = 1,
			 .limits = {.transfer_ms = profile->transfer_ms,
				    .sector_ms = STM32_SECTOR_WORST_MS,
				    .mass_ms = STM32_MASS_WORST_MS,
				    .write_ms = 1000,
				    .flash_word = profile->part->flash_word,
				    .window = 4,
				    .poll = profile->poll == PROFILE_POLL_SPEC ? DFU_POLL_SPEC
									       : DFU_POLL_ADAPTIVE},
			 .deadline = clock_after_ms(UNIT_S * 1000),
			 .stop = stop},
	};
	job.link.session.fell_back = memory->fell_back;
	target.may_touch = false;
	attempt_run(&job);
	judge(profile, &job, job.link.deadline);
	if (job.bank[0].result != AUDIT_BANK_NONE && reads_only && target.may_touch)
		abort();
}

static void set_up(struct script *script, size_t kind)
{
	static uint8_t room[2u << 20];
	static const uint8_t ids[] = {0x92, 0x90, 0x91, 0xD2, 0xD3, 0x93, 0x55};
	uint8_t how = script_byte(script);

	target = (struct target){.part = profiles[kind]->part, .layout = kinds[kind].layout};
	target.id = ids[script_byte(script) % sizeof(ids)];
	target.rom = stm32_rom_find(target.part->series, target.id);
	target.refuses = how & 1;
	target.rdp = how & 2 ? 0x55 : 0xAA;
	target.flash = room;
	target.flash_bytes = stm32_part_bytes(target.part);
	memset(room, 0xFF, target.flash_bytes);
	if (how & 4) /* not blank */
		memset(room, 0x5A, 300);
	if (how & 8)
		memset(room + target.flash_bytes / 2 + 0x200, 0x00, 100);
	if (how & 16) /* the image, or nearly */
		memcpy(room, profiles[kind]->flash.bytes, target.flash_bytes);
	target.present = true;
	target.back_at = CLOCK_NEVER;
	target_power();
	if (how & 32) { /* found as an earlier host left it, with an erase that may still run */
		target.state = script_byte(script) % 12;
		if ((target.state == DFU_DNBUSY || target.state == DFU_DNLOAD_IDLE) &&
		    stm32_series_lingers(target.part->series))
			target.busy_until = fuzz_now + script_byte(script) * 100 * CLOCK_MS;
	}
	if (how & 64)
		target.size = script_byte(script) & 7;
	target.script = *script;
	target.script.gap = script_byte(&target.script);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct script script = {data, data + size, 0};
	struct unit_image image;
	struct job_memory memory = {.image = &image};
	size_t kind = script_byte(&script) % KINDS;
	uint8_t command = script_byte(&script);

	fuzz_now = 1000 * CLOCK_MS;
	set_up(&script, kind);
	unit_image_init(&image, &profiles[kind]->flash);
	attempt(profiles[kind], &memory, command == 0xFF);
	if (command & 1)
		attempt(profiles[kind], &memory, command == 0xFF);
	unit_image_free(&image);
	return 0;
}
