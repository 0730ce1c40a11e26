/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An open log: set up by audit_open, then used by the writer thread. */
#ifndef AUDIT_LOG_H
#define AUDIT_LOG_H

#include <pthread.h>
#include <stdbool.h>

#include "begun.h"
#include "h7gang/audit/key.h"
#include "h7gang/audit/audit.h"
#include "logfile.h"

struct entry; /* one begin or append on its way through the writer */

struct audit_log {
	char *path;
	char *begun_name, *torn_name, *seal_name; /* in file.folder */
	struct audit_key *key;                    /* NULL: not sealed */
	unsigned seal_every;
	uint64_t rotate_bytes;      /* 0: never */
	void (*synced)(void *user); /* may be NULL */
	void *synced_user;
	struct logfile file; /* the writer thread's, once it runs */
	struct begun begun;  /* likewise */
	uint64_t sealed_seq; /* likewise; 0: none so far */
	bool clock_overridden;
	char notice[256];

	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t wake; /* the writer: there is something to do */
	pthread_cond_t done; /* callers: something has been done */
	/* under the mutex: */
	struct entry *first, *last; /* waiting for the writer */
	bool closing, ended;
	enum audit_status broken; /* AUDIT_OK: usable */
	char why[256];
	struct audit_head head;
	uint64_t told_sealed;   /* sealed_seq, for others */
	int64_t unsealed_since; /* base/clock; 0: every row is sealed */
};

/* Starts the writer thread of a log whose files are set up. */
enum audit_status writer_start(struct audit_log *log, char *why, size_t why_size);

/* Lets it finish its queue and ends it. False: it hangs, and still uses the log. */
bool writer_stop(struct audit_log *log);

#endif
