/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changes.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "h7gang/base/clock.h"
#include "h7gang/base/sha256.h"
#include "looker.h"

#define LOOK_MS 2000

struct watched {
	char *path;
	char sha256[SHA256_HEX_SIZE]; /* as it was read, or as it was told last; "": unreadable */
	struct stat seen;
	bool looked;  /* `seen` is of a look before */
	bool changed; /* not told yet */
};

struct changes {
	struct looker looker; /* its lock guards `changed` */
	size_t count, room;
	struct watched *file;
};

static bool hash_file(const char *path, char hex[SHA256_HEX_SIZE])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct sha256 *hash = sha256_new();
	bool good = fd >= 0 && hash && sha256_begin(hash) == 0;
	unsigned char bytes[16384];
	ssize_t got = 0;

	while (good && (got = read(fd, bytes, sizeof(bytes))) > 0)
		good = sha256_update(hash, bytes, (size_t)got) == 0;
	good = good && got == 0 && sha256_end(hash, hex) == 0;
	if (!good)
		hex[0] = 0;
	if (fd >= 0)
		close(fd);
	sha256_free(hash);
	return good;
}

/* `sha256` NULL: as it is now. */
static bool add(struct changes *changes, const char *path, const char *sha256)
{
	struct watched *file;

	if (changes->count == changes->room) {
		size_t room = changes->room + 16;

		file = reallocarray(changes->file, room, sizeof(*file));
		if (!file)
			return false;
		changes->file = file;
		changes->room = room;
	}
	file = &changes->file[changes->count];
	*file = (struct watched){.path = strdup(path)};
	if (!file->path)
		return false;
	changes->count++;
	if (sha256)
		snprintf(file->sha256, sizeof(file->sha256), "%s", sha256);
	else
		hash_file(path, file->sha256);
	return true;
}

static bool add_all(struct changes *changes, const struct profile *profile)
{
	bool good = add(changes, profile->path, profile->sha256);

	for (unsigned i = 0; good && i < profile->files; i++)
		good = add(changes, profile->file[i].path, profile->file[i].actual);
	if (good && profile->serial && profile->serial->from_list)
		good = add(changes, profile->serial->file, NULL);
	for (unsigned i = 0; good && i < PROFILE_HOOKS; i++)
		if (profile->hook[i].program)
			good = add(changes, profile->hook[i].program, NULL);
	return good;
}

static bool same_look(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* A file that was touched but holds the same has not changed. */
static void look_at(struct changes *changes, struct watched *file)
{
	char now[SHA256_HEX_SIZE] = "";
	struct stat st = {0};

	if (stat(file->path, &st) == 0 && file->looked && same_look(&st, &file->seen))
		return;
	hash_file(file->path, now);
	file->seen = st;
	file->looked = true;
	if (strcmp(now, file->sha256) == 0)
		return;
	memcpy(file->sha256, now, sizeof(now));
	pthread_mutex_lock(&changes->looker.lock);
	file->changed = true;
	pthread_mutex_unlock(&changes->looker.lock);
}

static void changes_free(struct changes *changes)
{
	for (size_t i = 0; i < changes->count; i++)
		free(changes->file[i].path);
	free(changes->file);
	looker_destroy(&changes->looker);
	free(changes);
}

static void *changes_main(void *user)
{
	struct changes *changes = user;
	struct looker *looker = &changes->looker;
	bool ending = false;

	while (!ending) {
		for (size_t i = 0; i < changes->count; i++)
			look_at(changes, &changes->file[i]);
		pthread_mutex_lock(&looker->lock);
		if (!looker->ending)
			clock_wait_until(&looker->wake, &looker->lock, clock_after_ms(LOOK_MS));
		ending = looker->ending;
		pthread_mutex_unlock(&looker->lock);
	}
	if (looker_ended(looker))
		changes_free(changes);
	return NULL;
}

struct changes *changes_start(const struct profile *profile)
{
	struct changes *changes = calloc(1, sizeof(*changes));

	if (!changes || !looker_init(&changes->looker)) {
		free(changes);
		return NULL;
	}
	if (add_all(changes, profile) &&
	    pthread_create(&changes->looker.thread, NULL, changes_main, changes) == 0)
		return changes;
	changes_free(changes);
	return NULL;
}

bool changes_take(struct changes *changes, char *name, size_t size)
{
	bool found = false;

	pthread_mutex_lock(&changes->looker.lock);
	for (size_t i = 0; !found && i < changes->count; i++) {
		const char *slash = strrchr(changes->file[i].path, '/');

		found = changes->file[i].changed;
		if (!found)
			continue;
		changes->file[i].changed = false;
		snprintf(name, size, "%s", slash ? slash + 1 : changes->file[i].path);
	}
	pthread_mutex_unlock(&changes->looker.lock);
	return found;
}

void changes_end(struct changes *changes)
{
	if (changes && looker_end(&changes->looker))
		changes_free(changes);
}
