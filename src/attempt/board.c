/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The boards on the bus, for `list`: each target is asked for its identity, one after the other. A
 * target that is in the middle of a download is left alone. */
#include "h7gang/attempt/board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "board_link.h"
#include "h7gang/stm32/rom.h"
#include "h7gang/stm32/series.h"
#include "h7gang/attempt/link.h"
#include "probe.h"

#define TRANSFER_MS 2000
#define TARGET_MS 30000
#define ASKS 3 /* of a board that has to be reset while it is asked */
#define SEEN_MAX 1024

static void ignore(void *user, enum usb_change change, const struct usb_seen *seen)
{
	(void)user;
	(void)change;
	(void)seen;
}

static enum dfu_result ask_once(struct link *link, struct probe *probe,
				struct stm32_evidence *evidence, const struct stm32_part **part)
{
	enum dfu_result result = probe_announced(link, probe);
	const struct stm32_series_row *row;
	unsigned series;

	*part = NULL;
	if (result != DFU_OK)
		return result;
	stm32_evidence(&probe->answers, NULL, evidence);
	if (evidence->odd || evidence->not_dfuse)
		return DFU_OK;
	series = evidence->can_be[STM32_ITEM_LAYOUT];
	for (unsigned i = 0; result == DFU_OK && (row = stm32_series_at(i)); i++) {
		const struct stm32_part *candidate = stm32_part_find(row->part);

		if (!(series & 1u << row->series))
			continue;
		if (evidence->flash)
			link->alt = evidence->flash->number;
		result = dfu_select_alt(&link->session, link->alt);
		if (result == DFU_OK)
			result = probe_registers(link, candidate, false, probe);
		stm32_evidence(&probe->answers, NULL, evidence);
		if (!*part && evidence->left & 1u << row->series)
			*part = candidate;
		if (stm32_evidence_proves(evidence, row->series)) {
			*part = candidate;
			break;
		}
	}
	return result;
}

/* All answers are of one board: one that was reset while it was asked may have been exchanged. */
enum dfu_result board_probe(struct link *link, struct probe *probe, struct stm32_evidence *evidence,
			    const struct stm32_part **part)
{
	for (unsigned i = 0; i < ASKS; i++) {
		unsigned attached = link->attached;
		enum dfu_result result = ask_once(link, probe, evidence, part);

		if (result != DFU_OK || link->attached == attached)
			return result;
	}
	return DFU_STUCK;
}

static void note_evidence(struct board *board, const struct probe *probe,
			  const struct stm32_evidence *evidence, const struct stm32_part *part)
{
	stm32_set_text(evidence->left, board->can_be, sizeof(board->can_be));
	board->resident = evidence->resident;
	if (evidence->resident)
		snprintf(board->identity_why, sizeof(board->identity_why), "%s",
			 evidence->resident_why);
	if (evidence->odd)
		snprintf(board->identity_why, sizeof(board->identity_why),
			 "alternate setting %u is no memory layout: \"%.100s\"",
			 evidence->odd->number, evidence->odd->text);
	if (evidence->chip)
		snprintf(board->identity_why, sizeof(board->identity_why), "%s announces this",
			 evidence->chip);
	snprintf(board->layout, sizeof(board->layout), "%s",
		 evidence->flash ? evidence->flash->text : probe->layout);
	if (!part)
		return;
	board->proved = !evidence->resident && stm32_evidence_proves(evidence, part->series);
	stm32_evidence_text(evidence, part->series, board->identity, sizeof(board->identity));
}

static void ask_all(struct link *link, struct board *board)
{
	const struct stm32_part *part;
	struct stm32_evidence evidence;
	struct probe probe;
	enum dfu_result result = link_recover(link);

	if (result == DFU_OK)
		result = board_probe(link, &probe, &evidence, &part);
	if (result != DFU_OK) {
		dfu_describe(&link->session, result, board->why, sizeof(board->why));
		return;
	}
	note_evidence(board, &probe, &evidence, part);
	snprintf(board->serial, sizeof(board->serial), "%s", probe.answers.serial);
	snprintf(board->uid, sizeof(board->uid), "%s", probe.uid);
	board->flash_kib = probe.answers.flash_kib;
	board->rdp = probe.rdp;
	if (!board->proved)
		return;
	board->family = stm32_series_row(part->series)->name;
	board->bootloader_id = probe.answers.id;
	snprintf(board->bootloader, sizeof(board->bootloader), "%s",
		 stm32_rom_find(part->series, probe.answers.id)->version);
}

/* One in the middle of a download: its strings may be asked for, nothing else. */
static void ask_busy(struct link *link, struct board *board)
{
	struct stm32_evidence evidence;
	struct probe probe;

	snprintf(board->why, sizeof(board->why), "in the middle of a download: left alone");
	if (probe_announced(link, &probe) != DFU_OK)
		return;
	stm32_evidence(&probe.answers, NULL, &evidence);
	note_evidence(board, &probe, &evidence, NULL);
}

bool board_busy(uint8_t state)
{
	return state == DFU_DNLOAD_SYNC || state == DFU_DNBUSY || state == DFU_DNLOAD_IDLE;
}

void board_link(struct link *link, struct usb_bus *bus, const char *path, int64_t deadline)
{
	*link = (struct link){
		.bus = bus,
		.path = path,
		.targets = 1,
		.claim_ms = USB_CLAIM_MS,
		.busy_ms = TRANSFER_MS,
		.limits = {.transfer_ms = TRANSFER_MS,
			   .sector_ms = STM32_SECTOR_WORST_MS,
			   .mass_ms = STM32_MASS_WORST_MS,
			   .write_ms = TRANSFER_MS,
			   .flash_word = 32,
			   .window = 1,
			   .poll = DFU_POLL_ADAPTIVE},
		.deadline = deadline,
	};
}

static void ask_board(struct usb_bus *bus, const struct usb_seen *seen, struct board *board)
{
	struct link link;
	uint8_t state;

	board_link(&link, bus, seen->path, clock_after_ms(TARGET_MS));
	memset(board, 0, sizeof(*board));
	board->seen = *seen;
	board->state = board->bootloader_id = board->rdp = -1;
	board->flash_kib = -1;
	board->family = "";
	board->opened = link_attach(&link) == DFU_OK;
	if (!board->opened) {
		snprintf(board->why, sizeof(board->why), "%s", link.why);
		return;
	}
	if (dfu_get_state(&link.session, &state) == DFU_OK)
		board->state = state;
	if (board->state >= 0 && board_busy((uint8_t)board->state))
		ask_busy(&link, board);
	else
		ask_all(&link, board);
	link_close(&link);
}

/* 1-2 before 1-10. */
static int by_port(const void *a, const void *b)
{
	const struct usb_seen *left = a, *right = b;

	return strverscmp(left->path, right->path);
}

int boards_ask(const struct usb_filter *filter, board_sink *sink, void *user, char *why,
	       size_t why_size)
{
	struct usb_seen *seen = calloc(SEEN_MAX, sizeof(*seen));
	struct board board;
	struct usb_bus *bus;
	int count = -1;

	if (!seen) {
		snprintf(why, why_size, "out of memory");
		return -1;
	}
	bus = usb_bus_open(filter, ignore, NULL, why, why_size);
	if (bus) {
		usb_bus_rescan(bus);
		count = (int)usb_bus_list(bus, seen, SEEN_MAX);
		qsort(seen, (size_t)count, sizeof(*seen), by_port);
		for (int i = 0; i < count; i++) {
			ask_board(bus, &seen[i], &board);
			sink(user, &board);
		}
		usb_bus_close(bus);
	}
	free(seen);
	return count;
}
