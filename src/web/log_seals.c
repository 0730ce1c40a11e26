/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log_seals.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "h7gang/station/event.h"
#include "h7gang/station/model.h"

#define SEAL_LINE 256

/* 0: the line is no seal. */
static uint64_t seal_seq(const char *line)
{
	uint64_t seq = 0;

	return sscanf(line, "h7gang-seal-1 %" SCNu64 " ", &seq) == 1 ? seq : 0;
}

static FILE *open_seals(const char *log)
{
	char name[STATION_PATH_SIZE + 8];

	snprintf(name, sizeof(name), "%s.seal", log);
	return fopen(name, "re");
}

uint64_t seals_last(const char *log, bool *there)
{
	FILE *file = open_seals(log);
	char line[SEAL_LINE + 1];
	uint64_t last = 0;
	struct stat st;

	if (!file)
		return 0;
	*there = true;
	if (fstat(fileno(file), &st) == 0 && st.st_size > 4 * SEAL_LINE)
		fseek(file, -4L * SEAL_LINE, SEEK_END);
	while (fgets(line, sizeof(line), file)) {
		uint64_t seq = strchr(line, '\n') ? seal_seq(line) : 0;

		last = seq ? seq : last;
	}
	fclose(file);
	return last;
}

json_t *seals_find(const char *log, uint64_t seq)
{
	FILE *file = open_seals(log);
	char line[SEAL_LINE + 1], hash[65], time[32], key[32];
	json_t *object = NULL;
	uint64_t sealed;

	while (file && !object && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "h7gang-seal-1 %" SCNu64 " %64[0-9a-f] %31[0-9TZ:.-] %31[0-9a-f]",
			   &sealed, hash, time, key) != 4 ||
		    sealed < seq)
			continue;
		object = json_object();
		if (object && !(station_set_number(object, "seq", (int64_t)sealed) &&
				station_set_text(object, "row_hash", hash) &&
				station_set_text(object, "time", time) &&
				station_set_text(object, "key_id", key))) {
			json_decref(object);
			object = NULL;
			break;
		}
	}
	if (file)
		fclose(file);
	return object;
}
