/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STM32_BOOTLOADER_H
#define STM32_BOOTLOADER_H

#include "h7gang/stm32/evidence.h"

/* Fills in resident, resident_why and not_dfuse; `flash` must be known. */
void stm32_judge_bootloader(const struct stm32_answers *answers, struct stm32_evidence *evidence);

#endif
