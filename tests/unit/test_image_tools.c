/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of other tools are read byte for byte: generated images with holes, odd lengths, every
 * address width and both banks go through srec_cat, objcopy, ld, dfuse-pack and dfu-suffix. */
#include "h7gang/image/image.h"

#include <fcntl.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define ROUNDS 50 /* of each tool; IMAGE_ROUNDS= takes more, as tests/long/image-tools.sh does */
#define PARTS_MAX 6
#define BYTES_MAX 700

extern char **environ;

static unsigned rounds = ROUNDS;

static char start[] = "/tmp/test_tools_XXXXXX";

/* A fixed sequence, so that a failure can be seen again. */
static uint32_t rolled = 1;

static uint32_t roll(uint32_t below)
{
	rolled ^= rolled << 13;
	rolled ^= rolled >> 17;
	rolled ^= rolled << 5;
	return rolled % below;
}

struct part {
	uint32_t address, length;
	uint8_t bytes[BYTES_MAX];
	char file[24], offset[16];
};

struct model {
	unsigned width; /* bytes of an address */
	unsigned parts;
	struct part part[PARTS_MAX];
};

static void write_file(const char *name, const void *bytes, size_t length)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

/* Some parts with holes between them, each in a file of its own. */
static void generate(struct model *model, unsigned width)
{
	uint32_t at = width == 4 ? 0x08000000 : 0;

	model->width = width;
	model->parts = 1 + roll(PARTS_MAX);
	for (unsigned i = 0; i < model->parts; i++) {
		struct part *part = &model->part[i];

		at += 1 + roll(width == 2 ? 8000 : 0x20000);
		if (width == 4 && i == model->parts / 2)
			at = 0x08100000 + roll(0x10000) - (i > 0 ? 0 : 0x8000);
		if (width > 2 && roll(3) == 0)
			at = (at | 0xFFFF) - roll(300); /* over the edge of 64 KiB */
		part->address = at;
		part->length = 1 + roll(roll(4) == 0 ? BYTES_MAX : 40);
		for (uint32_t b = 0; b < part->length; b++)
			part->bytes[b] = (uint8_t)(roll(5) == 0 ? 0xFF : roll(256));
		at += part->length;
		snprintf(part->file, sizeof(part->file), "part%u.bin", i);
		snprintf(part->offset, sizeof(part->offset), "0x%08X", part->address);
		write_file(part->file, part->bytes, part->length);
	}
}

static unsigned long images, holes, odd, widths[5], second_bank;

static void count(const struct model *model)
{
	images++;
	holes += model->parts - 1;
	widths[model->width]++;
	for (unsigned i = 0; i < model->parts; i++) {
		odd += model->part[i].length % 2;
		second_bank += model->part[i].address >= 0x08100000;
	}
}

/* The last tests read files of every kind. */
static void tell(const char *tools, bool all_widths)
{
	print_message(
		"# %s: %lu images read byte for byte: %lu holes, %lu odd lengths, addresses of "
		"16, 24 and 32 bits: %lu, %lu, %lu; %lu parts in bank 2\n",
		tools, images, holes, odd, widths[2], widths[3], widths[4], second_bank);
	assert_true(images >= rounds);
	assert_true(odd > 0 && widths[4] > 0);
	if (all_widths)
		assert_true(widths[2] > 0 && widths[3] > 0);
	images = holes = odd = second_bank = 0;
	memset(widths, 0, sizeof(widths));
}

static void check(const struct model *model, const char *path, bool raw, unsigned round)
{
	struct image_error error = {0};
	char sha256[SHA256_HEX_SIZE];
	struct image image;

	const struct image_ask ask = {IMAGE_AUTO, raw, model->part[0].address, IMAGE_ANY_ALTERNATE};

	if (!image_read(path, &ask, NULL, &image, sha256, &error))
		fail_msg("round %u: %s:%u: %s", round, path, error.line, error.why);
	if (image.count != model->parts)
		fail_msg("round %u: %s: %zu segments, not %u", round, path, image.count,
			 model->parts);
	for (unsigned i = 0; i < model->parts; i++) {
		assert_int_equal(image.segment[i].address, model->part[i].address);
		assert_int_equal(image.segment[i].length, model->part[i].length);
		assert_memory_equal(image.segment[i].bytes, model->part[i].bytes,
				    model->part[i].length);
	}
	image_free(&image);
	count(model);
}

static bool have(const char *tool)
{
	const char *path = getenv("PATH");
	char name[512];

	while (path != NULL && *path != '\0') {
		size_t length = strcspn(path, ":");

		snprintf(name, sizeof(name), "%.*s/%s", (int)length, path, tool);
		if (access(name, X_OK) == 0)
			return true;
		path += length + (path[length] == ':');
	}
	print_message("%s is not there\n", tool);
	return false;
}

static void run(const char **arguments)
{
	posix_spawn_file_actions_t actions;
	int status = -1;
	pid_t pid;

	assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
	assert_int_equal(posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0),
			 0);
	assert_int_equal(posix_spawnp(&pid, arguments[0], &actions, NULL,
				      (char **)(uintptr_t)arguments, environ),
			 0);
	posix_spawn_file_actions_destroy(&actions);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status != 0)
		fail_msg("%s failed", arguments[0]);
}

/* `format` of srec_cat, with a random number of bytes a record. */
static void srec_cat(const struct model *model, const char *output, const char *format)
{
	const char *arguments[4 * PARTS_MAX + 12];
	char width[32], block[32];
	unsigned n = 0;

	snprintf(width, sizeof(width), "-address-length=%u", model->width);
	snprintf(block, sizeof(block), "-Output_Block_Size=%u", 1 + roll(roll(2) ? 32 : 250));
	arguments[n++] = "srec_cat";
	for (unsigned i = 0; i < model->parts; i++) {
		arguments[n++] = model->part[i].file;
		arguments[n++] = "-binary";
		arguments[n++] = "-offset";
		arguments[n++] = model->part[i].offset;
	}
	arguments[n++] = "-o";
	arguments[n++] = output;
	arguments[n++] = format;
	arguments[n++] = width;
	arguments[n++] = block;
	arguments[n] = NULL;
	run(arguments);
}

static void srec_cat_formats(void **state)
{
	static struct model model;

	(void)state;
	if (!have("srec_cat"))
		skip();
	for (unsigned round = 0; round < rounds; round++) {
		generate(&model, 2 + round % 3);
		srec_cat(&model, "out.hex", "-intel");
		check(&model, "out.hex", false, round);
		srec_cat(&model, "out.s19", "-motorola");
		check(&model, "out.s19", false, round);
	}
	tell("srec_cat, Intel HEX and S-record", true);
}

static void objcopy_formats(void **state)
{
	static const char *const lengths[] = {"--srec-len=1", "--srec-len=16", "--srec-len=200"};
	static struct model model;

	(void)state;
	if (!have("srec_cat") || !have("arm-none-eabi-objcopy"))
		skip();
	for (unsigned round = 0; round < rounds; round++) {
		const char *to_ihex[] = {"arm-none-eabi-objcopy",
					 "-I",
					 "srec",
					 "-O",
					 "ihex",
					 "in.s19",
					 "out.hex",
					 NULL};
		const char *to_srec[] = {"arm-none-eabi-objcopy",
					 "-I",
					 "ihex",
					 "-O",
					 "srec",
					 lengths[round % 3],
					 "out.hex",
					 "out.s19",
					 round % 5 ? NULL : "--srec-forceS3",
					 NULL};

		generate(&model, 2 + round % 3);
		srec_cat(&model, "in.s19", "-motorola");
		run(to_ihex);
		check(&model, "out.hex", false, round);
		run(to_srec);
		check(&model, "out.s19", false, round);
	}
	tell("objcopy, Intel HEX and S-record", true);
}

/* Each part is a section and a segment; some are linked to run elsewhere than where they are
 * loaded. */
static void write_sources(const struct model *model)
{
	FILE *script = fopen("link.ld", "w"), *source = fopen("parts.s", "w");
	uint32_t ram = 0x20000000;

	assert_non_null(script);
	assert_non_null(source);
	fprintf(script, "PHDRS\n{\n");
	for (unsigned i = 0; i < model->parts; i++)
		fprintf(script, "p%u PT_LOAD;\n", i);
	fprintf(script, "}\nSECTIONS\n{\n");
	for (unsigned i = 0; i < model->parts; i++) {
		fprintf(source, ".section .s%u, \"a\"\n.incbin \"%s\"\n", i, model->part[i].file);
		fprintf(script, ".s%u 0x%08X : AT(0x%08X) { *(.s%u) } :p%u\n", i,
			roll(2) ? ram : model->part[i].address, model->part[i].address, i, i);
		ram += 0x1000;
	}
	fprintf(script, "}\n");
	assert_int_equal(fclose(script), 0);
	assert_int_equal(fclose(source), 0);
}

static void linked_elf(void **state)
{
	static struct model model;
	const char *assemble[] = {"arm-none-eabi-as", "parts.s", "-o", "parts.o", NULL};
	const char *link[] = {"arm-none-eabi-ld",
			      "--no-warn-rwx-segments",
			      "-T",
			      "link.ld",
			      "parts.o",
			      "-o",
			      "out.elf",
			      NULL};

	(void)state;
	if (!have("arm-none-eabi-as") || !have("arm-none-eabi-ld"))
		skip();
	for (unsigned round = 0; round < rounds; round++) {
		generate(&model, 4);
		write_sources(&model);
		run(assemble);
		run(link);
		check(&model, "out.elf", false, round);
	}
	tell("ld, ELF", false);
}

static void packed_dfuse(void **state)
{
	static struct model model;

	(void)state;
	if (!have("dfuse-pack"))
		skip();
	for (unsigned round = 0; round < rounds; round++) {
		const char *arguments[2 * PARTS_MAX + 3] = {"dfuse-pack"};
		char pair[PARTS_MAX][40];
		unsigned n = 1;

		generate(&model, 4);
		for (unsigned i = 0; i < model.parts; i++) {
			snprintf(pair[i], sizeof(pair[i]), "%s:%s", model.part[i].offset,
				 model.part[i].file);
			arguments[n++] = "-b";
			arguments[n++] = pair[i];
		}
		arguments[n] = "out.dfu";
		run(arguments);
		check(&model, "out.dfu", false, round);
	}
	tell("dfuse-pack, DfuSe", false);
}

static void suffixed_dfu(void **state)
{
	static struct model model;

	(void)state;
	if (!have("dfu-suffix"))
		skip();
	for (unsigned round = 0; round < rounds; round++) {
		const char *arguments[] = {"dfu-suffix", "-v", "0483",      "-p",
					   "df11",       "-a", "part0.bin", NULL};

		generate(&model, 4);
		model.parts = 1;
		run(arguments);
		check(&model, "part0.bin", true, round);
	}
	tell("dfu-suffix, DFU", false);
}

static int enter(void **state)
{
	(void)state;
	return mkdtemp(start) == NULL || chdir(start) != 0;
}

static int leave(void **state)
{
	static const char *const made[] = {"out.hex", "out.s19", "in.s19",  "link.ld",
					   "parts.s", "parts.o", "out.elf", "out.dfu"};
	char name[32];

	(void)state;
	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++)
		unlink(made[i]);
	for (unsigned i = 0; i < PARTS_MAX; i++) {
		snprintf(name, sizeof(name), "part%u.bin", i);
		unlink(name);
	}
	return chdir("/") != 0 || rmdir(start) != 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(srec_cat_formats), cmocka_unit_test(objcopy_formats),
		cmocka_unit_test(linked_elf),       cmocka_unit_test(packed_dfuse),
		cmocka_unit_test(suffixed_dfu),
	};

	if (getenv("IMAGE_ROUNDS"))
		rounds = (unsigned)strtoul(getenv("IMAGE_ROUNDS"), NULL, 10);
	return cmocka_run_group_tests_name("image/tools", tests, enter, leave);
}
