/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "list_json.h"

#include <stdio.h>

#include "h7gang/base/text.h"
#include "h7gang/dfu/names.h"

#define TEXT_SIZE 256

static json_t *text_or_null(const char *text)
{
	char clean[4 * TEXT_SIZE];

	if (!text || !text[0])
		return json_null();
	text_well_formed(text, clean, sizeof(clean));
	return json_string(clean);
}

static json_t *number_or_null(int64_t number)
{
	return number < 0 ? json_null() : json_integer(number);
}

static json_t *json_hubs(const struct list_hubs *hubs)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < hubs->count; i++) {
		const struct usb_hub *hub = &hubs->hub[i];

		json_array_append_new(
			array, json_pack("{s:o, s:o, s:i, s:b}", "path", text_or_null(hub->path),
					 "product", text_or_null(hub->product), "speed_mbps",
					 (int)hub->speed_mbps, "multi_tt", hub->multi_tt));
	}
	return array;
}

json_t *list_json_board(const struct board *id, const char *slot, const struct list_hubs *hubs)
{
	char vid[8], pid[8];
	json_t *object;

	snprintf(vid, sizeof(vid), "0x%04x", id->seen.vid);
	snprintf(pid, sizeof(pid), "0x%04x", id->seen.pid);
	object = json_pack(
		"{s:o, s:o, s:o, s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:o}", "slot",
		text_or_null(slot), "path", text_or_null(id->seen.path), "id_path",
		text_or_null(id->seen.id_path), "vid", vid, "pid", pid, "opened", id->opened, "why",
		text_or_null(id->why), "part", text_or_null(id->family), "layout",
		text_or_null(id->layout), "serial", text_or_null(id->serial), "state",
		id->state < 0 ? json_null() : json_string(dfu_state_name((uint8_t)id->state)));
	if (!object)
		return NULL;
	if (json_object_set_new(object, "bootloader_id", number_or_null(id->bootloader_id)) != 0 ||
	    json_object_set_new(object, "bootloader", text_or_null(id->bootloader)) != 0 ||
	    json_object_set_new(object, "uid", text_or_null(id->uid)) != 0 ||
	    json_object_set_new(object, "flash_kib", number_or_null(id->flash_kib)) != 0 ||
	    json_object_set_new(object, "rdp", number_or_null(id->rdp)) != 0 ||
	    json_object_set_new(object, "identity", text_or_null(id->identity)) != 0 ||
	    json_object_set_new(object, "proved", json_boolean(id->proved)) != 0 ||
	    json_object_set_new(object, "can_be", text_or_null(id->can_be)) != 0 ||
	    json_object_set_new(object, "resident", json_boolean(id->resident)) != 0 ||
	    json_object_set_new(object, "identity_why", text_or_null(id->identity_why)) != 0 ||
	    json_object_set_new(object, "full_speed_domain", text_or_null(hubs->domain)) != 0 ||
	    json_object_set_new(object, "hubs", json_hubs(hubs)) != 0) {
		json_decref(object);
		return NULL;
	}
	return object;
}
