/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a second place is found again when the number file is lost with its ID. The folder of
 * the second places also has small files: "at-HASH" holds the last ID of a profile's number file at
 * a path, "of-HASH-ID" says that a number file of a profile uses that second place. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "h7gang/base/durable.h"
#include "h7gang/base/sha256.h"
#include "place.h"

#define MARK_MODE 0644 /* another user must learn that there is a second place */

/* "DIR/numbers/at-HASH", which holds the ID. To be freed. */
static char *memo_path(const struct place_folder *folder, const char *file, const char *profile)
{
	char hex[SHA256_HEX_SIZE], *text, *path = NULL;

	if (asprintf(&text, "%s\n%s", file, profile) < 0)
		return NULL;
	if (sha256_hex(text, strlen(text), hex) != 0 ||
	    asprintf(&path, "%s/" PLACE_SUBFOLDER "/at-%.32s", folder->path, hex) < 0)
		path = NULL;
	free(text);
	return path;
}

bool place_recall(const struct place_folder *folder, const char *file, const char *profile,
		  char id[STATE_ID_SIZE])
{
	char *path = memo_path(folder, file, profile), text[STATE_ID_SIZE];
	const char *name;
	int at = path ? durable_folder(path, false, &name) : -ENOMEM, fd = -1;
	ssize_t n = 0;

	if (at >= 0) {
		fd = durable_open(at, name, O_RDONLY, 0);
		close(at);
	}
	if (fd >= 0) {
		n = read(fd, text, sizeof(text));
		close(fd);
	}
	free(path);
	if (n != STATE_ID_SIZE || text[STATE_ID_SIZE - 1] != '\n' ||
	    strspn(text, "0123456789abcdef") != STATE_ID_SIZE - 1)
		return false;
	memcpy(id, text, STATE_ID_SIZE - 1);
	id[STATE_ID_SIZE - 1] = '\0';
	return true;
}

static char *mark_path(const struct place_folder *folder, const char *profile, const char *id)
{
	char hex[SHA256_HEX_SIZE], *path = NULL;

	if (sha256_hex(profile, strlen(profile), hex) != 0 ||
	    asprintf(&path, "%s/" PLACE_SUBFOLDER "/of-%.32s-%s", folder->path, hex, id) < 0)
		return NULL;
	return path;
}

bool place_is_of(const struct place_folder *folder, const char *profile, const char *id)
{
	char *path = mark_path(folder, profile, id);
	bool is = path && access(path, F_OK) == 0;

	free(path);
	return is;
}

static void replace(char *path, const char *text)
{
	const char *name;
	int at = path ? durable_folder(path, false, &name) : -ENOMEM;

	if (at >= 0) {
		(void)durable_replace(at, name, text, strlen(text), MARK_MODE);
		close(at);
	}
	free(path);
}

void place_remember(const struct place_folder *folder, const char *file, const char *profile,
		    const char *id)
{
	char known[STATE_ID_SIZE], text[STATE_ID_SIZE + 1];

	if (!place_is_of(folder, profile, id))
		replace(mark_path(folder, profile, id), "");
	if (place_recall(folder, file, profile, known) && strcmp(known, id) == 0)
		return;
	snprintf(text, sizeof(text), "%s\n", id);
	replace(memo_path(folder, file, profile), text);
}

bool place_each(const struct place_folder *folder, bool (*each)(void *user, const char *id),
		void *user)
{
	char *path = place_path(folder, "");
	DIR *entries = path ? opendir(path) : NULL;
	const struct dirent *entry;
	bool good = path != NULL;

	while (good && entries && (entry = readdir(entries))) {
		if (strlen(entry->d_name) == STATE_ID_SIZE - 1 &&
		    strspn(entry->d_name, "0123456789abcdef") == STATE_ID_SIZE - 1)
			good = each(user, entry->d_name);
	}
	if (entries)
		closedir(entries);
	free(path);
	return good;
}

/* --- folders of other users --- */

static uid_t owner_of_folder(const char *file)
{
	const char *name;
	int folder = durable_folder(file, false, &name);
	uid_t owner = geteuid();
	struct stat st;

	if (folder >= 0 && fstat(folder, &st) == 0)
		owner = st.st_uid;
	if (folder >= 0)
		close(folder);
	return owner;
}

unsigned place_folders_else(const struct place_folder *chosen, const char *file,
			    struct place_folder found[PLACE_ELSE_MAX])
{
	uid_t owner = owner_of_folder(file);
	unsigned count = 0;

	if (chosen->source != PLACE_SYSTEM && chosen->source != PLACE_USER)
		return 0;
	found[count++] = (struct place_folder){strdup(PLACE_SYSTEM_FOLDER), PLACE_SYSTEM};
	found[count++] = (struct place_folder){place_user_folder(geteuid()), PLACE_USER};
	if (owner != geteuid())
		found[count++] = (struct place_folder){place_user_folder(owner), PLACE_USER};
	for (unsigned i = 0; i < count;) {
		if (found[i].path && strcmp(found[i].path, chosen->path) != 0) {
			i++;
			continue;
		}
		free(found[i].path);
		found[i] = found[--count];
	}
	return count;
}
