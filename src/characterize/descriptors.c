/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors and strings. */
#include <stdio.h>
#include <string.h>

#include "measure.h"

enum {
	STANDARD_IN = 0x80,
	GET_DESCRIPTOR = 6,
	CONFIGURATION = 2,
	STRING = 3,
	INTERFACE = 4,
	FUNCTIONAL = 0x21,
	DESCRIPTOR_BYTES = 9,
	MOST = 255
};

static void get_descriptor(struct measure *m, uint8_t type, uint8_t index, struct reply *reply)
{
	ask(m, STANDARD_IN, GET_DESCRIPTOR, (uint16_t)(type << 8 | index), NULL, MOST,
	    MEASURE_TRANSFER_MS, reply);
}

/* Where the functional descriptor must stand: behind one interface descriptor a setting. */
static size_t find_functional(const struct reply *reply)
{
	size_t at = DESCRIPTOR_BYTES;

	while (at + 2 <= reply->length && reply->data[at + 1] == INTERFACE)
		at += DESCRIPTOR_BYTES;
	return at + 2 <= reply->length && reply->data[at + 1] == FUNCTIONAL ? at : 0;
}

/* Lengths that descriptors tell of themselves; 0 in a fleet file is the truth. */
static void measure_lengths(struct measure *m, const struct dfu_descriptors *d)
{
	struct reply reply;
	size_t at;

	get_descriptor(m, CONFIGURATION, 0, &reply);
	if (reply.io == DFU_IO_OK && reply.length >= DESCRIPTOR_BYTES && reply.length < MOST) {
		const unsigned told = reply.data[2] | (unsigned)reply.data[3] << 8;

		put_number(m, "total_length", told == reply.length ? 0 : told);
		at = find_functional(&reply);
		if (at)
			put_number(m, "functional_length",
				   reply.data[at] == DESCRIPTOR_BYTES ? 0 : reply.data[at]);
	}
	if (!d->product_string)
		return;
	get_descriptor(m, STRING, d->product_string, &reply);
	if (reply.io == DFU_IO_OK && reply.length >= 2 && reply.length < MOST)
		put_number(m, "string_length", reply.data[0] == reply.length ? 0 : reply.data[0]);
}

/* False: refused. */
static bool ask_string(struct measure *m, uint8_t index, char *text, size_t size)
{
	enum dfu_result result;

	text[0] = '\0';
	if (index == 0)
		return true;
	result = get_string(m, index, text, size);
	if (result == DFU_OK)
		return true;
	text[0] = '\0';
	back_to_idle(m);
	return false;
}

static void measure_layouts(struct measure *m, const struct dfu_descriptors *d)
{
	json_t *layouts = json_array();
	bool all = d->alt_count > 0;

	m->answers.settings = d->alt_count;
	for (unsigned i = 0; i < d->alt_count; i++) {
		struct stm32_setting *setting = &m->answers.setting[i];

		setting->number = d->alt[i].setting;
		if (!ask_string(m, d->alt[i].name_string, setting->text, sizeof(setting->text)))
			m->refused |= i ? REFUSED_OTHER_LAYOUTS : REFUSED_LAYOUT;
		setting->understood = dfu_layout_parse(setting->text, &setting->layout);
		all = all && setting->text[0];
		json_array_append_new(layouts, word_of(setting->text));
	}
	detail(m, "layouts", json_deep_copy(layouts));
	if (all)
		put_value(m, "layout", layouts);
	else
		json_decref(layouts);
}

/* Manufacturer, product and serial string, and whether each stands in another's place. */
static void measure_strings(struct measure *m, const struct dfu_descriptors *d)
{
	struct stm32_answers *a = &m->answers;
	const bool maker = ask_string(m, d->manufacturer_string, a->manufacturer, 128);
	const bool product = ask_string(m, d->product_string, a->product, 128);
	const bool serial = ask_string(m, d->serial_string, a->serial, 128);

	if (!maker && !product && !serial) {
		m->refused |= REFUSED_STRINGS;
		m->refused &= ~(unsigned)(REFUSED_LAYOUT | REFUSED_OTHER_LAYOUTS);
		return;
	}
	if (!serial)
		m->refused |= REFUSED_SERIAL;
	if (stm32_strings_shifted(a) && !a->manufacturer[0]) {
		put_word(m, "strings", "shifted");
		put_word(m, "manufacturer", a->product);
		put_word(m, "product", a->serial);
	} else if (!a->manufacturer[0] && !a->product[0] && !a->serial[0]) {
		put_word(m, "strings", "empty");
	} else {
		put_word(m, "strings", "normal");
		put_word(m, "manufacturer", a->manufacturer);
		put_word(m, "product", a->product);
	}
}

bool characterize_descriptors(struct measure *m)
{
	/* A copy: a recovery may open the device anew. */
	const struct dfu_descriptors found = m->link.session.pipe->descriptors;
	const struct dfu_descriptors *d = &found;
	struct stm32_answers *a = &m->answers;

	m->described = m->link.attached;
	m->refused = 0;
	put_number(m, "vid", m->link.seen.vid);
	put_number(m, "pid", m->link.seen.pid);
	put_number(m, "bcd_device", d->release);
	put_bool(m, "functional_descriptor", d->has_functional);
	if (d->has_functional) {
		put_number(m, "dfu_attributes", d->attributes);
		put_number(m, "transfer_size", d->transfer_size);
		put_number(m, "dfu_version", d->dfu_version);
	}
	a->release = d->release;
	a->has_functional = d->has_functional;
	a->attributes = d->attributes;
	a->transfer_size = d->transfer_size;
	a->dfu_version = d->dfu_version;
	measure_lengths(m, d);
	measure_layouts(m, d);
	measure_strings(m, d);
	if (!back_to_idle(m))
		return false;
	a->id = STM32_ROM_UNKNOWN;
	a->flash_kib = -1;
	a->uid_known = false;
	stm32_evidence(a, NULL, &m->evidence);
	if (m->evidence.not_dfuse) {
		snprintf(m->why, sizeof(m->why),
			 "wrong_part: it is plain DFU, which would take a command for firmware");
		return false;
	}
	if (m->evidence.odd) {
		snprintf(m->why, sizeof(m->why),
			 "wrong_part: alternate setting %u is no memory layout",
			 m->evidence.odd->number);
		return false;
	}
	if (m->evidence.resident && !m->job->resident) {
		snprintf(m->why, sizeof(m->why),
			 "wrong_part: a program in flash answers, not the ROM bootloader: %.100s; "
			 "--resident measures it all the same",
			 m->evidence.resident_why);
		return false;
	}
	return true;
}
