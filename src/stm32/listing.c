/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Layouts that DFU bootloaders announce: public listings (dfu-util -l and the like) and ST's
 * documents. Only addresses, sector sizes and counts are compared; letters and names are not. */
#include <stddef.h>

#include "h7gang/stm32/series.h"

#define H7_OPTION_88 "@Option Bytes   /0x5200201C/01*88 e"
#define H7_OPTION_128 "@Option Bytes   /0x5200201C/01*128 e"
#define H7_OPTION_297 "@Option Bytes   /0x5200201C/01*297 e"

/* The ROM bootloader is one program for all parts of a series, so that it announces the largest. A
 * part that announces its own geometry is right, too, and needs no row. */
#define ROM(series, id, flash, second)                                                             \
	{                                                                                          \
		NULL, series, id, flash, second                                                    \
	}
#define OTHER(chip, flash, second)                                                                 \
	{                                                                                          \
		chip, -1, STM32_LISTING_ANY, flash, second                                         \
	}

static const struct stm32_listing listings[] = {
	/* Listings of H743, H750, H745. */
	ROM(STM32_H74X, STM32_LISTING_ANY, "@Internal Flash   /0x08000000/16*128Kg", H7_OPTION_128),
	/* Listings of H723. */
	ROM(STM32_H72X, STM32_LISTING_ANY, "@Internal Flash   /0x08000000/8*128Kg", H7_OPTION_88),
	/* AN2606 t.134: V9.1 announces a wrong size; it does not say which. */
	ROM(STM32_H72X, 0x91, "@Internal Flash   /0x08000000/0*128Kg", H7_OPTION_88),
	/* Listings of H7A3 from V9.1 on. */
	ROM(STM32_H7AX, STM32_LISTING_ANY, "@Internal Flash   /0x08000000/256*08Kg", H7_OPTION_297),
	/* AN2606 t.138: V9.0 announces sectors of 2 KiB where there are sectors of 8 KiB; the
	 * option bytes with seven digits, as listed. */
	ROM(STM32_H7AX, 0x90, "@Internal Flash   /0x08000000/256*02Kg",
	    "@Option Bytes   /0x1FF8000/01*128 e"),

	OTHER("STM32F04x/F07x", "@Internal Flash  /0x08000000/032*0001Kg",
	      "@Option Bytes  /0x1FFFF800/01*016 e"),
	OTHER("STM32F07x", "@Internal Flash  /0x08000000/064*0002Kg",
	      "@Option Bytes  /0x1FFFF800/01*016 e"),
	OTHER("STM32F30x", "@Internal Flash  /0x08000000/128*0002Kg",
	      "@Option Bytes  /0x1FFFF800/01*016 e"),
	OTHER("STM32F105/107", "@Internal Flash  /0x08000000/128*0002Kg",
	      "@Option Bytes  /0x1FFFF800/01*016 g"),
	OTHER("STM32F2", "@Internal Flash   /0x08000000/03*016Ka,01*016Kg,01*064Kg,07*128Kg",
	      "@DCT Flash   /0x00000000/01*016Kg"),
	OTHER("STM32F401/405/407/411", "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg",
	      "@Option Bytes  /0x1FFFC000/01*016 e"),
	OTHER("STM32F413", "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,011*128Kg",
	      "@Option Bytes  /0x1FFFC000/01*016 e"),
	OTHER("STM32F446", "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,03*128Kg",
	      "@Option Bytes  /0x1FFFC000/01*016 e"),
	OTHER("STM32F72x/73x", "@Internal Flash  /0x08000000/04*016Kg,01*64Kg,03*128Kg", NULL),
	OTHER("STM32F74x/75x/76x", "@Internal Flash  /0x08000000/04*032Kg,01*128Kg,03*256Kg", NULL),
	OTHER("STM32F76x/77x", "@Internal Flash  /0x08000000/04*032Kg,01*128Kg,07*256Kg", NULL),
	OTHER("STM32L0", "@Internal Flash   /0x08000000/1536*128g",
	      "@Option Bytes   /0x1FF80000/01*032 e"),
	OTHER("STM32L1", "@Internal Flash   /0x08000000/1024*256 g",
	      "@Option Bytes   /0x1FF80000/01*032 e"),
	OTHER("STM32L4", "@Internal Flash  /0x08000000/0256*0002Kg",
	      "@Option Bytes  /0x1FFF7800/01*040 e"),
	OTHER("STM32L4+", "@Internal Flash  /0x08000000/512*0004Kg",
	      "@Option Bytes  /0x1FF00000/01*040 e/0x1FF01000/01*040 e"),
	OTHER("STM32G4", "@Internal Flash   /0x08000000/256*02Kg",
	      "@Option Bytes   /0x1FFF7800/01*048 e/0x1FFFF800/01*048 e"),
	OTHER("STM32G0B1", "@Internal Flash   /0x08000000/64*02Kg",
	      "@Internal Flash   /0x08000000/64*02Kg"),
	OTHER("STM32L5", "@Internal Flash   /0x08000000/256*02Kg",
	      "@Option Bytes   /0x40022040/01*48 e"),
	OTHER("STM32U5", "@Internal Flash   /0x08000000/256*08Kg",
	      "@Option Bytes   /0x40022040/01*64 e"),
	OTHER("STM32U5", "@Internal Flash   /0x08000000/128*08Kg",
	      "@Option Bytes   /0x40022040/01*64 e"),
	OTHER("STM32U5", "@Internal Flash   /0x08000000/512*08Kg",
	      "@Option Bytes   /0x40022040/01*64 e"),
	OTHER("STM32H5 or STM32U5", "@Internal Flash   /0x08000000/256*08Kg", NULL),
	OTHER("GD32VF103", "@Internal Flash   /0x08000000/512*002Kg",
	      "@Option Bytes   /0x1FFFF800/01*016 g"),
	OTHER("AT32F435/437", "@Internal Flash   /0x08000000/512*002Kg",
	      "@Option byte   /0x1FFFC000/01*512 g"),
	OTHER("AT32F435/437", "@Internal Flash   /0x08000000/08*04Ka,1000*04Kg", NULL),
	/* Bootloaders in flash. */
	OTHER("the bootloader of an Arduino Portenta",
	      "@Internal Flash  2MB   /0x08000000/01*128Ka,15*128Kg",
	      "@Ext RAW  Flash 16MB   /0x90000000/4096*4Kg"),
	OTHER("the bootloader of a Daisy", "",
	      "@Flash /0x90000000/64*4Kg/0x90040000/60*64Kg/0x90400000/60*64Kg"),
	OTHER("ST's DFU_Standalone example", "@Internal Flash   /0x08000000/01*128Ka,7*128Kg",
	      NULL),
	OTHER("ST's DFU_Standalone example", "@Internal Flash   /0x08000000/6*8Ka,122*8Kg", NULL),
	OTHER("MicroPython's mboot or a USB example", "@Internal Flash  /0x08000000/16*128Kg",
	      NULL),
};

#define LISTINGS (sizeof(listings) / sizeof(listings[0]))

const struct stm32_listing *stm32_listing_at(unsigned index)
{
	return index < LISTINGS ? &listings[index] : NULL;
}
