/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Firmware files as other tools write them. */
#include "campaign.h"

#include <stdio.h>

bool write_file(const char *path, const uint8_t *bytes, size_t length)
{
	FILE *file = fopen(path, "wb");
	bool good;

	if (!file)
		return false;
	good = fwrite(bytes, 1, length, file) == length;
	return fclose(file) == 0 && good;
}

void put_hex(FILE *file, const char *end, uint8_t type, uint16_t address, const uint8_t *bytes,
	     uint8_t length)
{
	uint8_t sum = (uint8_t)(length + (address >> 8) + address + type);

	fprintf(file, ":%02X%04X%02X", length, address, type);
	for (uint8_t i = 0; i < length; i++) {
		fprintf(file, "%02X", bytes[i]);
		sum = (uint8_t)(sum + bytes[i]);
	}
	fprintf(file, "%02X%s", (uint8_t)-sum, end);
}

bool write_hex(const char *path, uint32_t address, const uint8_t *bytes, size_t length)
{
	static const uint8_t width[] = {16, 32, 1, 7, 255};
	FILE *file = fopen(path, "w");
	uint32_t upper = UINT32_MAX;
	uint8_t most = width[length % sizeof(width)];
	bool good;

	if (!file)
		return false;
	for (size_t done = 0; done < length;) {
		uint32_t at = address + (uint32_t)done;
		size_t left = length - done, page = 0x10000 - (at & 0xffff);
		uint8_t step = (uint8_t)(left < most ? left : most);

		if (step > page)
			step = (uint8_t)page;
		if (at >> 16 != upper) {
			const uint8_t high[] = {(uint8_t)(at >> 24), (uint8_t)(at >> 16)};

			upper = at >> 16;
			put_hex(file, "\n", 4, 0, high, 2);
		}
		put_hex(file, "\n", 0, (uint16_t)at, bytes + done, step);
		done += step;
	}
	fputs(":00000001FF\n", file);
	good = !ferror(file);
	return fclose(file) == 0 && good;
}

/* S1, S2 and S3 records have addresses of 2, 3 and 4 bytes. */
void put_srec(FILE *file, const char *end, char type, unsigned address_bytes, uint32_t address,
	      const uint8_t *bytes, uint8_t length)
{
	uint8_t count = (uint8_t)(address_bytes + length + 1), sum = count;

	fprintf(file, "S%c%02X", type, count);
	for (unsigned i = address_bytes; i-- > 0;) {
		uint8_t byte = (uint8_t)(address >> 8 * i);

		fprintf(file, "%02X", byte);
		sum = (uint8_t)(sum + byte);
	}
	for (uint8_t i = 0; i < length; i++) {
		fprintf(file, "%02X", bytes[i]);
		sum = (uint8_t)(sum + bytes[i]);
	}
	fprintf(file, "%02X%s", (uint8_t)~sum, end);
}

bool write_srec(const char *path, uint32_t address, const uint8_t *bytes, size_t length)
{
	static const uint8_t width[] = {16, 32, 1, 28, 250};
	FILE *file = fopen(path, "w");
	uint8_t most = width[length % sizeof(width)];
	bool good;

	if (!file)
		return false;
	put_srec(file, "\n", '0', 2, 0, (const uint8_t *)"campaign", 8);
	for (size_t done = 0; done < length;) {
		size_t left = length - done;
		uint8_t step = (uint8_t)(left < most ? left : most);

		put_srec(file, "\n", '3', 4, address + (uint32_t)done, bytes + done, step);
		done += step;
	}
	put_srec(file, "\n", '7', 4, address, NULL, 0);
	good = !ferror(file);
	return fclose(file) == 0 && good;
}

/* So few bytes at random may look like text, or like the beginning of an archive. */
const char *raw_words(uint32_t length)
{
	return length < 64 ? ", format: raw" : "";
}
