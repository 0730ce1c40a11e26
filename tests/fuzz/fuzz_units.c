/* SPDX-License-Identifier: GPL-2.0-or-later */
/* units.csv. Each cell is whole, each row has the head's columns. reads: src/profile/list.c */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz_image.h"
#include "profile/list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int file = memfd_create("units", MFD_CLOEXEC);
	struct profile_list list = {0};
	char path[64], why[200] = "";
	uint32_t line = 0;

	FUZZ_REQUIRE(file >= 0 && write(file, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	if (list_read(path, &list, &line, why, sizeof(why))) {
		size_t bytes = 0;

		FUZZ_REQUIRE(list.columns > 0 && list.columns <= PROFILE_LIST_COLUMNS_MAX);
		for (size_t i = 0; i < (list.rows + 1) * list.columns; i++)
			bytes += strlen(list.cell[i]) + 1;
		/* Two bytes of UTF-16 become at most three. */
		FUZZ_REQUIRE(bytes <= size + size / 2 + 1);
		for (size_t r = 1; r <= list.rows; r++)
			FUZZ_REQUIRE(list.line[r] > list.line[r - 1]);
		for (size_t c = 0; c < list.columns; c++)
			FUZZ_REQUIRE(list_column(&list, list.cell[c], strlen(list.cell[c])) <= c);
		list_free(&list);
	} else {
		FUZZ_REQUIRE(why[0] != '\0');
	}
	close(file);
	return 0;
}
