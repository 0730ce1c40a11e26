/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of the log: log.c follows it, log_answer.c answers from it. */
#ifndef WEB_LOG_PRIVATE_H
#define WEB_LOG_PRIVATE_H

#include <pthread.h>

#include "h7gang/station/model.h"
#include "log.h"
#include "log_index.h"

struct follow_log {
	struct feed *feed;
	const char *fixed; /* --log */
	pthread_t thread;
	int wake;
	pthread_mutex_t lock;
	/* under the lock */
	bool ending;
	struct log_state state;
	struct log_index index;
	char **file; /* of the log, the oldest first */
	size_t files;
	/* used by the thread only */
	struct audit_walk *walk;
	size_t walking; /* the file */
	char path[STATION_PATH_SIZE];
	uint64_t older_sealed; /* the last seal in earlier files, some seconds old */
	bool older_seals;
	int64_t older_at; /* when to look again */
};

#endif
