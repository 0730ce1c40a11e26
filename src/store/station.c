/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/store/station.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "h7gang/base/clock.h"
#include "h7gang/base/sha256.h"
#include "h7gang/store/store.h"

#define WHY_SIZE 256

struct station {
	char *url, *name, *run_id;
	char owner[STATION_ID_SIZE];
	pthread_mutex_t lock; /* of all below */
	struct db *db;	      /* NULL: not connected */
	int64_t ask_again;    /* not before */
	char why[WHY_SIZE];   /* of the last failure */
};

static void machine_id(char *text, size_t size)
{
	int fd = open("/etc/machine-id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, size - 1) : -1;

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	if (!text[0] && gethostname(text, size - 1) != 0)
		snprintf(text, size, "?");
	text[size - 1] = '\0';
}

/* The file need not be there yet; its folder may well come by symbolic links. */
static char *real_path(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	char *real = folder ? realpath(folder, NULL) : NULL;
	char *whole = NULL;

	if (folder && !real)
		real = strdup(folder);
	if (real && asprintf(&whole, "%s/%s", real, slash ? slash + 1 : path) < 0)
		whole = NULL;
	free(real);
	free(folder);
	return whole;
}

bool station_place_id(const char *path, char id[STATION_ID_SIZE])
{
	char machine[128], hex[SHA256_HEX_SIZE], *real = real_path(path), *text = NULL;
	bool good;

	machine_id(machine, sizeof(machine));
	if (real && asprintf(&text, "%s\n%s", machine, real) < 0)
		text = NULL;
	good = text && sha256_hex(text, strlen(text), hex) == 0;
	snprintf(id, STATION_ID_SIZE, "%.*s", STATION_ID_SIZE - 1, good ? hex : "");
	free(text);
	free(real);
	return good;
}

bool station_new_id(char id[STATION_ID_SIZE])
{
	unsigned char bytes[(STATION_ID_SIZE - 1) / 2];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return false;
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(id + 2 * i, 3, "%02x", bytes[i]);
	return true;
}

struct station *station_open(const char *url, const char *name, const char *run_id, const char *log)
{
	struct station *station = calloc(1, sizeof(*station));

	if (!station || pthread_mutex_init(&station->lock, NULL) != 0) {
		free(station);
		return NULL;
	}
	station->url = strdup(url);
	station->name = store_escaped(name, strlen(name));
	station->run_id = strdup(run_id);
	station->ask_again = clock_now();
	if (station->url && station->name && station->run_id &&
	    station_place_id(log, station->owner))
		return station;
	station_close(station);
	return NULL;
}

void station_close(struct station *station)
{
	if (!station)
		return;
	db_close(station->db);
	pthread_mutex_destroy(&station->lock);
	free(station->url);
	free(station->name);
	free(station->run_id);
	free(station);
}

const char *station_name(const struct station *station)
{
	return station->name;
}

const char *station_run(const struct station *station)
{
	return station->run_id;
}

const char *station_owner(const struct station *station)
{
	return station->owner;
}

bool station_may_come_back(enum db_error error)
{
	return error == DB_AWAY || error == DB_BUSY;
}

/* What the caller wants done, behind the question whether the schema is still ours. */
struct errand {
	enum db_error (*work)(struct db *db, void *user);
	void *user;
};

static enum db_error check_and_work(struct db *db, void *user)
{
	const struct errand *errand = user;
	enum db_error error = store_check(db);

	return error == DB_OK ? errand->work(db, errand->user) : error;
}

static enum db_error connect_and_do(struct station *station, struct errand *errand)
{
	enum db_error error = DB_OK;

	if (!station->db)
		error = store_open(station->url, STATION_PATIENCE_MS, &station->db, station->why,
				   sizeof(station->why));
	if (error != DB_OK)
		return error;
	error = db_transaction(station->db, check_and_work, errand);
	if (error != DB_OK)
		snprintf(station->why, sizeof(station->why), "%s", db_why(station->db));
	if (error == DB_AWAY) {
		db_close(station->db);
		station->db = NULL;
	}
	return error;
}

enum db_error station_do(struct station *station, enum db_error (*work)(struct db *db, void *user),
			 void *user, char *why, size_t why_size)
{
	struct errand errand = {.work = work, .user = user};
	enum db_error error = DB_AWAY;
	bool connected;

	pthread_mutex_lock(&station->lock);
	if (clock_now() >= station->ask_again) {
		connected = station->db != NULL;
		error = connect_and_do(station, &errand);
		/* An old connection may have died of a server that is long back. */
		if (error == DB_AWAY && connected)
			error = connect_and_do(station, &errand);
		if (station_may_come_back(error))
			station->ask_again = clock_after_ms(STATION_PAUSE_MS);
	}
	if (error != DB_OK)
		snprintf(why, why_size, "%s%s",
			 station_may_come_back(error) ? "the store is away: " : "the store: ",
			 station->why);
	pthread_mutex_unlock(&station->lock);
	return error;
}
