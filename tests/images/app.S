/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An application as compilers lay one out: vector table, code, constants, constructors, initialised data that is
 * loaded behind them and runs in RAM, and memory without bytes. */
	.syntax unified
	.cpu cortex-m7
	.thumb

	.section .isr_vector, "a", %progbits
	.word _estack
	.word Reset_Handler
	.rept 164
	.word Default_Handler
	.endr

	.section .text.Reset_Handler, "ax", %progbits
	.global Reset_Handler
	.type Reset_Handler, %function
Reset_Handler:
	ldr r0, =_sdata
	ldr r1, =_sidata
	ldr r2, =_edata
	b 2f
1:	ldr r3, [r1], #4
	str r3, [r0], #4
2:	cmp r0, r2
	bne 1b
	b .
	.pool

	.section .text.Default_Handler, "ax", %progbits
	.global Default_Handler
	.type Default_Handler, %function
Default_Handler:
	b .

	.section .rodata, "a", %progbits
	.ascii "version 2.4.1\0"
	.balign 4
	.set value, SEED
	.rept 700
	.word value & 0xffffffff
	.set value, (value * 1664525 + 1013904223) & 0xffffffff
	.endr

	.section .init_array, "aw", %init_array
	.word Default_Handler

	.section .data, "aw", %progbits
	.rept 37
	.word 0x12345678
	.endr

	.section .bss, "aw", %nobits
	.space 5000

.ifdef NOTE
	.section .note.gnu.build-id, "a", %note
	.word 4, 4, 3
	.ascii "GNU\0"
	.word 0x01234567
.endif

	.section .assets, "a", %progbits
.ifdef ASSETS
	.ascii "assets in external flash"
.endif
