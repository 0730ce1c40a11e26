/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is on the bus, for `list`: each target asked for what identifies it, one after the other. A target that
 * is in the middle of a download is left alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "h7gang/gang/gang.h"
#include "identity.h"
#include "link.h"
#include "probe.h"

#define TRANSFER_MS 2000
#define TARGET_MS 30000
#define SEEN_MAX 1024

static void ignore(void *user, enum usb_change change, const struct usb_seen *seen)
{
	(void)user;
	(void)change;
	(void)seen;
}

static const char family_h72x[] = "STM32H72x/73x";

/* The series as far as the layout tells; where each keeps its identity follows from it. H72x and H74x keep
 * it in the same places. */
const struct stm32_part *identity_part(const char *text, const char **family)
{
	struct dfu_layout layout;
	uint32_t sector, sectors;

	*family = "";
	if (!dfu_layout_parse(text, &layout))
		return stm32_part_find("stm32h743xi");
	sector = layout.region[0].sector_bytes;
	sectors = layout.region[0].sectors;
	if (sector == 8u << 10 || sector == 2u << 10) {
		*family = "STM32H7A3/7B3";
		return stm32_part_find("stm32h7a3xi");
	}
	if (sector == 128u << 10 && sectors == 8) {
		*family = family_h72x;
		return stm32_part_find("stm32h723xg");
	}
	if (sector == 128u << 10 && sectors == 16)
		*family = "STM32H74x/75x";
	return stm32_part_find("stm32h743xi");
}

const struct stm32_part *identity_told(const struct probe *probe, const char **family)
{
	const struct stm32_part *part = identity_part(probe->layout_text, family);

	if (part->series != STM32_H74X || probe->option.announced != STM32_OPTION_H72X)
		return part;
	*family = family_h72x;
	return stm32_part_find("stm32h723xg");
}

enum dfu_result identity_layout(struct link *link, char *text, size_t size)
{
	const struct dfu_descriptors *descriptors = &link->session.pipe->descriptors;

	for (unsigned i = 0; i < descriptors->alt_count; i++) {
		if (descriptors->alt[i].setting == 0)
			return dfu_string(&link->session, descriptors->alt[i].name_string, text,
			                  size);
	}
	return DFU_OK;
}

static void ask_all(struct link *link, struct gang_identity *identity)
{
	const struct stm32_part *part = identity_part(identity->layout, &identity->family);
	const struct stm32_rom *rom;
	struct probe probe;
	enum dfu_result result = link_recover(link);

	if (result == DFU_OK)
		result = probe_target(link, part, false, &probe);
	if (result != DFU_OK) {
		dfu_describe(&link->session, result, identity->why, sizeof(identity->why));
		return;
	}
	part = identity_told(&probe, &identity->family);
	rom = stm32_rom_find(part->series, probe.bootloader_id);
	snprintf(identity->serial, sizeof(identity->serial), "%s", probe.serial);
	snprintf(identity->uid, sizeof(identity->uid), "%s", probe.uid);
	snprintf(identity->bootloader, sizeof(identity->bootloader), "%s", rom->version);
	identity->bootloader_id = probe.bootloader_id;
	identity->flash_kib = probe.flash_kib;
	identity->rdp = probe.rdp;
}

bool identity_busy(uint8_t state)
{
	return state == DFU_DNLOAD_SYNC || state == DFU_DNBUSY || state == DFU_DNLOAD_IDLE;
}

void identity_link(struct link *link, struct usb_bus *bus, const char *path, int64_t deadline)
{
	*link = (struct link){
		.bus = bus,
		.path = path,
		.targets = 1,
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

static void identify(struct usb_bus *bus, const struct usb_seen *seen,
                     struct gang_identity *identity)
{
	struct link link;
	uint8_t state;

	identity_link(&link, bus, seen->path, clock_after_ms(TARGET_MS));
	memset(identity, 0, sizeof(*identity));
	identity->seen = *seen;
	identity->state = identity->bootloader_id = identity->rdp = -1;
	identity->flash_kib = -1;
	identity->family = "";
	identity->opened = link_attach(&link) == DFU_OK;
	if (!identity->opened) {
		snprintf(identity->why, sizeof(identity->why), "%s", link.why);
		return;
	}
	if (dfu_get_state(&link.session, &state) == DFU_OK)
		identity->state = state;
	if (identity_layout(&link, identity->layout, sizeof(identity->layout)) != DFU_OK)
		identity->layout[0] = '\0';
	if (identity->state >= 0 && identity_busy((uint8_t)identity->state))
		snprintf(identity->why, sizeof(identity->why),
		         "in the middle of a download: left alone");
	else
		ask_all(&link, identity);
	link_close(&link);
}

/* 1-2 before 1-10. */
static int by_port(const void *a, const void *b)
{
	const struct usb_seen *left = a, *right = b;

	return strverscmp(left->path, right->path);
}

int gang_identify_all(const struct usb_filter *filter, gang_identity_sink *sink, void *user,
                      char *why, size_t why_size)
{
	struct usb_seen *seen = calloc(SEEN_MAX, sizeof(*seen));
	struct gang_identity identity;
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
			identify(bus, &seen[i], &identity);
			sink(user, &identity);
		}
		usb_bus_close(bus);
	}
	free(seen);
	return count;
}
