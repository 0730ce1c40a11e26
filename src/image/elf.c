/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ELF executables (System V gABI 4.1, chapters 4 and 5): the contents of the allocated sections
 * inside the loadable segments, at their load address, as objcopy has them. The rest of a segment
 * is not firmware: linkers put the ELF header and the program headers into the first one when the
 * link address is not aligned to the page size. */
#include "h7gang/image/image.h"

#include <gelf.h>
#include <inttypes.h>
#include <libelf.h>
#include <stdlib.h>

#include "build.h"

#define SEGMENTS_MAX 256 /* program headers; linkers make a handful */

/* Where the flash of every STM32H7 is. */
#define FLASH_FIRST 0x08000000u
#define FLASH_LAST 0x081FFFFFu

struct elf_file {
	Elf *elf;
	GElf_Ehdr header;
	uint64_t length; /* of the file */
	const uint8_t *bytes;
	size_t count; /* of loadable segments that hold bytes */
	GElf_Phdr segment[SEGMENTS_MAX];
	size_t number[SEGMENTS_MAX]; /* of the program header, from 0 */
	bool physical;               /* p_paddr counts */
	bool left_out;               /* a section that should be in memory and is in no segment */
	bool contents;               /* a section of memory, other than a note, has bytes */
	bool code_without_bytes;     /* a section of code has none in the file */
	bool used[SEGMENTS_MAX];     /* a section takes bytes of that segment */
	bool cleared[SEGMENTS_MAX];  /* a section without bytes lies in that segment's memory */
	struct image_build build;
};

static const char *elf_type_advice(unsigned type)
{
	if (type == ET_DYN)
		return "link it for a fixed address, without -shared and -pie";
	if (type == ET_CORE)
		return "this is a core dump; name the ELF file of the program";
	return "name the file that the linker wrote";
}

static bool elf_header(struct elf_file *file, struct image_error *error)
{
	if (elf_kind(file->elf) != ELF_K_ELF || gelf_getehdr(file->elf, &file->header) == NULL)
		return image_fail(error, IMAGE_BAD_CONTENT, 0, "not an ELF file");
	if (file->header.e_ident[EI_CLASS] != ELFCLASS32 ||
	    file->header.e_ident[EI_DATA] != ELFDATA2LSB || file->header.e_machine != EM_ARM)
		return image_fail(error, IMAGE_BAD_CONTENT, 0,
				  "not an ELF file for ARM, 32-bit, little-endian; build it with "
				  "arm-none-eabi tools");
	if (file->header.e_type != ET_EXEC)
		return image_fail(
			error, IMAGE_BAD_CONTENT, 0, "not a linked ELF executable (type %u); %s",
			(unsigned)file->header.e_type, elf_type_advice(file->header.e_type));
	return true;
}

static bool elf_segment_ok(const struct elf_file *file, const GElf_Phdr *segment, size_t number,
			   struct image_error *error)
{
	if (segment->p_filesz > segment->p_memsz)
		return image_fail(error, IMAGE_BAD_CONTENT, 0,
				  "program header %zu has more bytes in the file than in memory",
				  number);
	if (segment->p_offset > file->length ||
	    segment->p_filesz > file->length - segment->p_offset)
		return image_fail(error, IMAGE_BAD_CONTENT, 0,
				  "program header %zu reaches past the end of the file", number);
	return true;
}

static bool elf_segments(struct elf_file *file, struct image_error *error)
{
	size_t count;

	if (elf_getphdrnum(file->elf, &count) != 0)
		return image_fail(error, IMAGE_BAD_CONTENT, 0, "bad program headers: %s",
				  elf_errmsg(-1));
	if (count == 0)
		return image_fail(error, IMAGE_BAD_CONTENT, 0, "no program headers");
	if (count > SEGMENTS_MAX)
		return image_fail(error, IMAGE_BAD_CONTENT, 0, "more than %d program headers",
				  SEGMENTS_MAX);
	/* libelf goes by the size that it should be; a file that says otherwise means other
	 * headers. */
	if (file->header.e_phentsize != sizeof(Elf32_Phdr))
		return image_fail(error, IMAGE_BAD_CONTENT, 0,
				  "program headers are not of %zu bytes", sizeof(Elf32_Phdr));
	for (size_t i = 0; i < count; i++) {
		GElf_Phdr *segment = &file->segment[file->count];

		if (gelf_getphdr(file->elf, (int)i, segment) == NULL)
			return image_fail(error, IMAGE_BAD_CONTENT, 0, "program header %zu: %s", i,
					  elf_errmsg(-1));
		if (segment->p_type != PT_LOAD || segment->p_filesz == 0)
			continue;
		if (!elf_segment_ok(file, segment, i, error))
			return false;
		file->physical = file->physical || segment->p_paddr != 0;
		file->number[file->count++] = i;
	}
	return true;
}

/* Some linkers leave p_paddr out: then a segment is loaded where it runs. */
static uint32_t elf_load_address(const struct elf_file *file, const GElf_Phdr *segment)
{
	return (uint32_t)(file->physical ? segment->p_paddr : segment->p_vaddr);
}

/* Whether a segment holds bytes of the ELF header or of the program headers. */
static bool elf_holds_headers(const struct elf_file *file, const GElf_Phdr *segment)
{
	uint64_t first = file->header.e_phoff;
	uint64_t last = first + (uint64_t)file->header.e_phnum * sizeof(Elf32_Phdr);

	return segment->p_offset < sizeof(Elf32_Ehdr) ||
	       (segment->p_offset < last && segment->p_offset + segment->p_filesz > first);
}

/* A file that has lost its section headers: whole segments, if they hold firmware alone. */
static bool elf_whole_segments(struct elf_file *file, struct image_error *error)
{
	file->build.noun = "program header";
	for (size_t i = 0; i < file->count; i++) {
		const GElf_Phdr *segment = &file->segment[i];

		if (elf_holds_headers(file, segment))
			return image_fail(
				error, IMAGE_BAD_CONTENT, 0,
				"program header %zu loads the ELF file's own headers, and there "
				"are no "
				"section headers that say which bytes are firmware; use the file "
				"before sstrip, or a HEX file made from it",
				file->number[i]);
		file->build.item = (uint32_t)file->number[i];
		if (!image_build_add(&file->build, elf_load_address(file, segment),
				     file->bytes + segment->p_offset, (size_t)segment->p_filesz, 0,
				     error))
			return false;
	}
	return true;
}

static bool is_within(uint64_t at, uint64_t size, uint64_t start, uint64_t bytes)
{
	return at >= start && at - start <= bytes && size <= bytes - (at - start);
}

/* The loadable segment that a section lies in, by its place in the file; of several, the one that
 * also has its address. NULL: none loads it. */
static const GElf_Phdr *elf_segment_of(const struct elf_file *file, const GElf_Shdr *section)
{
	const GElf_Phdr *found = NULL;

	for (size_t i = 0; i < file->count; i++) {
		const GElf_Phdr *segment = &file->segment[i];

		if (!is_within(section->sh_offset, section->sh_size, segment->p_offset,
			       segment->p_filesz))
			continue;
		if (is_within(section->sh_addr, section->sh_size, segment->p_vaddr,
			      segment->p_memsz))
			return segment;
		if (found == NULL)
			found = segment;
	}
	return found;
}

/* Marks the segments in whose memory a section without bytes lies. */
static void elf_mark_cleared(struct elf_file *file, const GElf_Shdr *section)
{
	for (size_t i = 0; i < file->count; i++)
		if (is_within(section->sh_addr, section->sh_size, file->segment[i].p_vaddr,
			      file->segment[i].p_memsz))
			file->cleared[i] = true;
}

/* Whether a segment holds only zeros for RAM: lld writes bytes for a section without any, such as
 * (NOLOAD), where an empty one with bytes follows. */
static bool elf_zeros_of_ram(const struct elf_file *file, size_t index)
{
	const GElf_Phdr *segment = &file->segment[index];
	const uint64_t first = elf_load_address(file, segment);

	if (!file->cleared[index] ||
	    (first <= FLASH_LAST && first + segment->p_filesz > FLASH_FIRST))
		return false;
	for (uint64_t i = 0; i < segment->p_filesz; i++)
		if (file->bytes[segment->p_offset + i] != 0)
			return false;
	return true;
}

static bool elf_section(struct elf_file *file, Elf_Scn *handle, struct image_error *error)
{
	const GElf_Phdr *segment;
	GElf_Shdr section;

	if (gelf_getshdr(handle, &section) == NULL)
		return image_fail(error, IMAGE_BAD_CONTENT, 0, "section header %zu: %s",
				  elf_ndxscn(handle), elf_errmsg(-1));
	if (!(section.sh_flags & SHF_ALLOC) || section.sh_type == SHT_NULL || section.sh_size == 0)
		return true;
	if (section.sh_type == SHT_NOBITS) {
		file->code_without_bytes |= (section.sh_flags & SHF_EXECINSTR) != 0;
		elf_mark_cleared(file, &section);
		return true;
	}
	file->contents |= section.sh_type != SHT_NOTE;
	segment = elf_segment_of(file, &section);
	if (segment == NULL) {
		file->left_out = true;
		return true;
	}
	file->used[segment - file->segment] = true;
	file->build.item = (uint32_t)elf_ndxscn(handle);
	return image_build_add(&file->build,
			       elf_load_address(file, segment) +
				       (uint32_t)(section.sh_offset - segment->p_offset),
			       file->bytes + section.sh_offset, (size_t)section.sh_size, 0, error);
}

static bool elf_sections(struct elf_file *file, struct image_error *error)
{
	Elf_Scn *section = NULL;

	file->build.noun = "section";
	while ((section = elf_nextscn(file->elf, section)) != NULL)
		if (!elf_section(file, section, error))
			return false;
	/* objcopy --only-keep-debug keeps notes, whose few bytes would be the whole image. */
	if (file->code_without_bytes && !file->contents)
		return image_fail(error, IMAGE_BAD_CONTENT, 0,
				  "holds debug information alone, its code has no bytes; name the "
				  "ELF file that it was made from");
	/* lld writes a segment that has only headers, so that they are visible at run time. */
	for (size_t i = 0; i < file->count; i++)
		if (!file->used[i] && !elf_holds_headers(file, &file->segment[i]) &&
		    !elf_zeros_of_ram(file, i))
			return image_fail(error, IMAGE_BAD_CONTENT, 0,
					  "program header %zu loads bytes that belong to no "
					  "section; use the file as the linker wrote it, or a HEX "
					  "file made from it with arm-none-eabi-objcopy -O ihex",
					  file->number[i]);
	return true;
}

static bool elf_read(struct elf_file *file, struct image *image, struct image_error *error)
{
	size_t sections;

	if (!elf_header(file, error) || !elf_segments(file, error))
		return false;
	if (elf_getshdrnum(file->elf, &sections) != 0)
		return image_fail(error, IMAGE_BAD_CONTENT, 0, "bad section headers: %s",
				  elf_errmsg(-1));
	if (sections == 0 && file->header.e_shoff != 0)
		return image_fail(error, IMAGE_BAD_CONTENT, 0,
				  "its section headers are missing: the file is cut off");
	if (!(sections > 0 ? elf_sections : elf_whole_segments)(file, error))
		return false;
	if (!image_build_finish(&file->build, image, error))
		return false;
	if (file->left_out)
		image->warning = "the ELF file has an allocated section that no program header "
				 "loads; it is left out (see readelf -lS)";
	return true;
}

bool image_parse_elf(const uint8_t *bytes, size_t length, struct image *image,
		     struct image_error *error)
{
	struct elf_file *file;
	bool ok;

	*image = (struct image){0};
	if (elf_version(EV_CURRENT) == EV_NONE)
		return image_fail(error, IMAGE_BAD_CONTENT, 0, "libelf: %s", elf_errmsg(-1));
	file = calloc(1, sizeof(*file));
	if (file == NULL)
		return image_fail(error, IMAGE_BAD_FILE, 0, "not enough memory");
	file->bytes = bytes;
	file->length = length;
	/* libelf only reads it: nothing is updated or written out. */
	file->elf = elf_memory((char *)(uintptr_t)bytes, length);
	if (file->elf != NULL)
		ok = elf_read(file, image, error);
	else
		ok = image_fail(error, IMAGE_BAD_CONTENT, 0, "not an ELF file: %s", elf_errmsg(-1));
	image_build_free(&file->build);
	elf_end(file->elf);
	free(file);
	return ok;
}
