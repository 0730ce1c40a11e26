/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ELF executables: what the program headers load, at its load address (System V ABI, gABI 4.1 ch.
 * 5; p_paddr is the load address as GNU ld and OpenOCD use it). */
#include "h7gang/image/image.h"

#include <gelf.h>
#include <inttypes.h>
#include <libelf.h>

#include "build.h"

static bool elf_kind_ok(Elf *elf, struct image_error *error)
{
	GElf_Ehdr header;

	if (elf_kind(elf) != ELF_K_ELF || gelf_getehdr(elf, &header) == NULL)
		return image_fail(error, IMAGE_BAD_CONTENT, 0, "not an ELF file");
	if (header.e_ident[EI_CLASS] != ELFCLASS32 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
	    header.e_machine != EM_ARM)
		return image_fail(error, IMAGE_BAD_CONTENT, 0,
				  "not an ELF file for ARM, 32-bit, little-endian");
	if (header.e_type != ET_EXEC)
		return image_fail(error, IMAGE_BAD_CONTENT, 0,
				  "not a linked ELF executable (type %u)", (unsigned)header.e_type);
	return true;
}

static bool elf_segments(Elf *elf, const uint8_t *bytes, size_t length, struct image_build *build,
			 struct image_error *error)
{
	GElf_Ehdr elf_header;
	size_t count;

	if (elf_getphdrnum(elf, &count) != 0)
		return image_fail(error, IMAGE_BAD_CONTENT, 0, "bad program headers: %s",
				  elf_errmsg(-1));
	if (count == 0)
		return image_fail(error, IMAGE_BAD_CONTENT, 0, "no program headers");
	/* libelf goes by the size that it should be; a file that says otherwise means other
	 * headers. */
	if (gelf_getehdr(elf, &elf_header) == NULL || elf_header.e_phentsize != sizeof(Elf32_Phdr))
		return image_fail(error, IMAGE_BAD_CONTENT, 0,
				  "program headers are not of %zu bytes", sizeof(Elf32_Phdr));
	for (size_t i = 0; i < count && i <= INT32_MAX; i++) {
		GElf_Phdr header;

		if (gelf_getphdr(elf, (int)i, &header) == NULL)
			return image_fail(error, IMAGE_BAD_CONTENT, 0, "program header %zu: %s", i,
					  elf_errmsg(-1));
		if (header.p_type != PT_LOAD || header.p_filesz == 0)
			continue;
		if (header.p_filesz > header.p_memsz)
			return image_fail(
				error, IMAGE_BAD_CONTENT, 0,
				"program header %zu has more bytes in the file than in memory", i);
		if (header.p_offset > length || header.p_filesz > length - header.p_offset)
			return image_fail(error, IMAGE_BAD_CONTENT, 0,
					  "program header %zu reaches past the end of the file", i);
		if (!image_build_add(build, (uint32_t)header.p_paddr, bytes + header.p_offset,
				     (size_t)header.p_filesz, 0, error))
			return false;
	}
	return true;
}

bool image_parse_elf(const uint8_t *bytes, size_t length, struct image *image,
		     struct image_error *error)
{
	struct image_build build = {0};
	bool ok;
	Elf *elf;

	*image = (struct image){0};
	if (elf_version(EV_CURRENT) == EV_NONE)
		return image_fail(error, IMAGE_BAD_CONTENT, 0, "libelf: %s", elf_errmsg(-1));
	/* libelf only reads it: nothing is updated or written out. */
	elf = elf_memory((char *)(uintptr_t)bytes, length);
	if (elf == NULL)
		return image_fail(error, IMAGE_BAD_CONTENT, 0, "not an ELF file: %s",
				  elf_errmsg(-1));
	ok = elf_kind_ok(elf, error) && elf_segments(elf, bytes, length, &build, error) &&
	     image_build_finish(&build, image, error);
	image_build_free(&build);
	elf_end(elf);
	return ok;
}
