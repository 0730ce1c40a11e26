/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small firmware for STM32H743 (Cortex-M7): blinks LD1 of a NUCLEO-H743ZI (PB0) in a rhythm that it
 * reads from bank 2. The tables behind code and rhythm make it reach into more than one sector of each
 * bank. Registers: RM0433, RCC and GPIO. */
	.syntax unified
	.cpu cortex-m7
	.thumb

	.equ STACK_TOP, 0x2407ffe0      /* below AXI SRAM's end - 16, as AN2606 asks for */
	.equ RCC_AHB4ENR, 0x580244e0
	.equ GPIOB, 0x58020400
	.equ MODER, 0x00
	.equ BSRR, 0x18
	.equ LOOPS_PER_MS, 16000        /* roughly, at the 64 MHz after reset */

	.section .vectors, "a"
	.word STACK_TOP
	.word reset + 1
	.rept 14                        /* NMI to SysTick */
	.word halt + 1
	.endr

	.section .text, "ax"
	.thumb_func
	.global reset
reset:
	ldr r0, =RCC_AHB4ENR
	ldr r1, [r0]
	orr r1, r1, #2                  /* GPIOBEN */
	str r1, [r0]
	dsb
	ldr r0, =GPIOB
	ldr r1, [r0, #MODER]
	bic r1, r1, #3
	orr r1, r1, #1                  /* PB0: output */
	str r1, [r0, #MODER]
	mov r4, #1                      /* set */
again:
	ldr r5, =rhythm
step:
	ldrh r1, [r5], #2               /* ms; 0: from the start */
	cmp r1, #0
	beq again
	str r4, [r0, #BSRR]
	eor r4, r4, #0x10000            /* between set and reset of pin 0 ... */
	eor r4, r4, #0x00001
	ldr r2, =LOOPS_PER_MS
	mul r1, r1, r2
wait:
	subs r1, r1, #1
	bne wait
	b step

	.thumb_func
halt:
	b halt
	.pool

	/* A fixed sequence (Numerical Recipes' LCG), so that no two sectors are alike. */
	.macro sequence seed, words
	.set value, \seed
	.rept \words
	.word value & 0xffffffff
	.set value, (value * 1664525 + 1013904223) & 0xffffffff
	.endr
	.endm

	.section .tables1, "a"
	.balign 32
	sequence 0x743, 40000

	.section .bank2, "a"
	.global rhythm
rhythm:
	.hword 100, 100, 100, 700, 0
	.balign 32
	sequence 0x0810, 36000
