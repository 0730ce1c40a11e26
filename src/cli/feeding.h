/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The log of a run on its way into the store: the feed's messages go among the run's events. */
#ifndef CLI_FEEDING_H
#define CLI_FEEDING_H

#include <pthread.h>

#include "cli.h"
#include "h7gang/gang/events.h"
#include "h7gang/store/feed.h"
#include "h7gang/ui/ui.h"

struct cli_feeding {
	const char *url, *path, *next_path, *station;
	bool hangs;              /* a feed that was stopped has not ended in time */
	struct store_feed *feed; /* NULL: there is no store, or no log yet */
	struct store_feed *next; /* of the next lot's log, until it is settled */
	char host[256];
	pthread_mutex_t mutex;
	/* under the mutex: */
	struct ui *ui; /* NULL: not now */
	bool started;  /* the run's first event is out */
	char run_id[37];
	char early[AUDIT_TEXT_MAX]; /* messages from before that */
	char refused[512];          /* the store refused a log of this run: why; "" no */
};

/* `feeding` must not move. `url` NULL: no store, and all that follows does nothing. Anything but
 * H7_EXIT_OK: the reason was told. */
enum h7_exit cli_feeding_open(struct cli_feeding *feeding, const char *url, const char *path,
			      const char *station);

/* The next log of the run, at `path`. False: no memory. */
bool cli_feeding_prepare(struct cli_feeding *feeding, const char *path);

/* Stops the current feed, before its log is closed in the middle of the run. */
void cli_feeding_pause(struct cli_feeding *feeding);

/* `log` NULL: the next one is not used, after all. Else it is, from now on; `closed`: the log
 * before it was closed in time. */
void cli_feeding_settle(struct cli_feeding *feeding, bool closed, struct audit_log *log);

/* Begins, with events of the feed among those of `ui`. */
enum h7_exit cli_feeding_start(struct cli_feeding *feeding, struct audit_log *log, struct ui *ui);

/* A gang_sink in front of ui_event; `feeding` is a struct cli_feeding that has been started. */
void cli_feeding_event(void *feeding, const struct gang_event *event);

/* Something that people should know, among the events; `feeding` is a struct cli_feeding. From any
 * thread; never blocks. */
void cli_feeding_note(void *feeding, const char *text);

/* Whether the store refused a log of this run: `why`. For gang_options; from any thread. */
bool cli_feeding_refused(void *feeding, char *why, size_t why_size);

/* Ends it; `fed` gets the result. Before the log is closed. */
void cli_feeding_stop(struct cli_feeding *feeding, struct store_fed *fed);

/* Tells how many rows are left, once the ui is gone. */
void cli_feeding_tell(const struct cli_feeding *feeding, const struct store_fed *fed);

/* After the log is closed. `log_closed`: its thread has ended. */
void cli_feeding_close(struct cli_feeding *feeding, const struct store_fed *fed, bool log_closed);

#endif
