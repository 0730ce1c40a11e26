/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/stm32/series.h"

#include <stddef.h>

/* Addresses: the reference manuals' "Device electronic signature" (RM0433, RM0399; RM0468; RM0455);
 * the bootloader ID: AN2606 t.3. CONTRIBUTING.md lists what else a new series needs. */
static const struct stm32_series_row rows[] = {
	[STM32_H74X] = {.series = STM32_H74X,
			.name = "STM32H74x/75x",
			.part = "stm32h743xi",
			.device_id = 0x450,
			.uid_address = 0x1FF1E800u,
			.size_address = 0x1FF1E880u,
			.id_address = 0x1FF1E7FEu,
			.serial = STM32_SERIAL_DEVICE_ID},
	[STM32_H72X] = {.series = STM32_H72X,
			.name = "STM32H72x/73x",
			.part = "stm32h723xg",
			.device_id = 0x483,
			.uid_address = 0x1FF1E800u,
			.size_address = 0x1FF1E880u,
			.id_address = 0x1FF1E7FEu,
			.serial = STM32_SERIAL_UID},
	[STM32_H7AX] = {.series = STM32_H7AX,
			.name = "STM32H7A3/7B3",
			.part = "stm32h7a3xi",
			.device_id = 0x480,
			.uid_address = 0x08FFF800u,
			.size_address = 0x08FFF80Cu,
			.id_address = 0x1FF13FFEu,
			.serial = STM32_SERIAL_UID},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))
_Static_assert(ROWS == STM32_SERIES_COUNT, "a row for each series");

const struct stm32_series_row *stm32_series_row(enum stm32_series series)
{
	return &rows[series];
}

const struct stm32_series_row *stm32_series_at(unsigned index)
{
	return index < ROWS ? &rows[index] : NULL;
}

/* UID and flash size of other chips that lie where one of the series above has its own (CMSIS
 * device headers). */
static const struct {
	const char *chip;
	uint32_t uid_address, size_address;
} others[] = {
	{"STM32H5", 0x08FFF800u, 0x08FFF80Cu},
	{"STM32H7R/S", 0x08FFF800u, 0x08FFF80Cu}, /* there the package word */
};

bool stm32_register_shared(uint32_t address)
{
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (others[i].uid_address == address || others[i].size_address == address)
			return true;
	return false;
}
