/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A number file that begins anew: which second places have numbers that it would give again. The
 * file before it may have been lost or deleted, and since then the user, the folder, the file's
 * name or the profile's name may have changed. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "h7gang/audit/text.h"
#include "numbers_alone.h"

/* How a second place belongs to the number file; the highest one is used again. */
enum kin {
	KIN_NONE,
	KIN_LOST,  /* of a number file of this profile that is gone */
	KIN_OTHER, /* of another number file of this profile */
	KIN_PATH,  /* of a number file at this path, for another profile */
	KIN_OWN    /* of this profile's number file at this path */
};

struct search {
	struct numbers *numbers;
	const struct place_folder *folder;
	struct index list;       /* the numbers of the profile's list */
	char own[STATE_ID_SIZE]; /* the ID that this folder remembers; "" none */
	enum kin best;
	char id[STATE_ID_SIZE];
	char *other; /* another number file that uses it; owned */
	bool usable; /* the folder is the one for the number file */
	char *why;
	size_t why_size;
};

/* One second place. */
struct look {
	struct search *search;
	bool gives, at_path;
	char *other; /* another number file that uses it; owned */
};

static bool would_give(const struct search *search, const char *number)
{
	const struct profile_serial *serial = search->numbers->serial;
	struct profile_unit unit = {.uid = ""};

	if (serial->from_list)
		return index_get(&search->list, number) != NULL;
	return profile_serial_find(serial, number, &unit) &&
	       (serial->given || (unit.counter >= serial->start && unit.counter <= serial->end));
}

static bool may_be_there(const char *path)
{
	return access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

static bool look_at_file(struct look *look, const char *text)
{
	const char *file = look->search->numbers->file;
	char *path = strdup(text);
	size_t length = strlen(text);

	if (!path)
		return false;
	if (!audit_text_unescape(path, &length) || path[0] != '/') {
		free(path);
	} else if (strcmp(path, file) == 0) {
		look->at_path = true;
		free(path);
	} else if (!look->other && may_be_there(path)) {
		look->other = path;
	} else {
		free(path);
	}
	return true;
}

static bool look_at_line(void *user, const struct state_line *line)
{
	struct look *look = user;

	if (line->kind == STATE_FILE)
		return look_at_file(look, line->unit);
	if (line->kind <= STATE_HAD && !look->gives)
		look->gives = would_give(look->search, line->number);
	return true;
}

static bool note_line(void *user, const struct state_line *line)
{
	return line->kind > STATE_HAD ||
	       numbers_note(user, line->number, line->counter, line->uid, false) != NULL;
}

static bool read_place(const char *path, state_sink *sink, void *user, char *why, size_t why_size)
{
	struct state state;
	bool good = state_open(&state, state_place, path, STATE_LOOK, sink, user, why, why_size);

	state_close(&state);
	return good;
}

static enum kin kin_of(const struct look *look, const char *id)
{
	const struct search *search = look->search;
	struct numbers *numbers = search->numbers;

	if (strcmp(id, search->own) == 0)
		return KIN_OWN;
	if (!look->gives)
		return KIN_NONE;
	if (look->at_path)
		return KIN_PATH;
	if (!place_is_of(search->folder, numbers->profile->name, id))
		return KIN_NONE;
	return look->other ? KIN_OTHER : KIN_LOST;
}

static bool refuse(const struct search *search, const char *text)
{
	snprintf(search->why, search->why_size,
		 "%s begins anew, and the second place of the number file that was here cannot be "
		 "used, so no number is given: %s. Run h7gang as the user who ran it before, or "
		 "put the second place right",
		 search->numbers->file, text);
	return false;
}

static bool look_at_place(void *user, const char *id)
{
	struct search *search = user;
	struct look look = {.search = search};
	char *path = place_path(search->folder, id), text[256] = "out of memory";
	enum kin kin;
	bool good = path && read_place(path, look_at_line, &look, text, sizeof(text));

	kin = good ? kin_of(&look, id) : KIN_NONE;
	if (kin != KIN_NONE)
		good = read_place(path, note_line, search->numbers, text, sizeof(text));
	if (kin > search->best && search->usable) {
		search->best = kin;
		free(search->other);
		search->other = look.other;
		look.other = NULL;
		snprintf(search->id, sizeof(search->id), "%s", id);
	}
	/* A second place that cannot be read and is not its own may belong to another product. */
	if (!good && (kin != KIN_NONE || strcmp(id, search->own) == 0))
		good = refuse(search, text);
	else
		good = true;
	free(look.other);
	free(path);
	return good;
}

static bool search_folder(struct search *search, const struct place_folder *folder, bool usable)
{
	const struct numbers *numbers = search->numbers;

	search->folder = folder;
	search->usable = usable;
	if (!place_recall(folder, numbers->file, numbers->profile->name, search->own))
		search->own[0] = '\0';
	return place_each(folder, look_at_place, search);
}

static bool index_list(struct search *search)
{
	const struct profile_list *list = &search->numbers->serial->list;

	for (size_t row = 1; search->numbers->serial->from_list && row <= list->rows; row++) {
		if (!index_put(&search->list, list->cell[row * list->columns + list->key]))
			return false;
	}
	return true;
}

bool numbers_recall(struct numbers *numbers, const struct place_folder *folder, char *why,
		    size_t why_size)
{
	struct search search = {.numbers = numbers, .why = why, .why_size = why_size};
	struct place_folder others[PLACE_ELSE_MAX];
	unsigned count = place_folders_else(folder, numbers->file, others);
	bool good = index_list(&search);

	if (!good)
		snprintf(why, why_size, "out of memory");
	good = good && (!folder->path[0] || search_folder(&search, folder, true));
	for (unsigned i = 0; i < count; i++) {
		good = good && search_folder(&search, &others[i], false);
		place_folder_free(&others[i]);
	}
	if (good && search.best == KIN_OTHER)
		numbers_say(
			numbers,
			"%s shares its numbers with %s, another number file of profile \"%s\". For "
			"numbers of its own, change the profile's name, format or range, or set "
			"station.state_dir",
			numbers->file, search.other, numbers->profile->name);
	free(search.other);
	index_free(&search.list);
	snprintf(numbers->id, sizeof(numbers->id), "%s", search.id);
	return good;
}
