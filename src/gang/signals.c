/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signals.h"

#include <signal.h>

static void *signals_main(void *user)
{
	struct signals *signals = user;
	sigset_t set;
	int number;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	while (sigwait(&set, &number) == 0 && !atomic_load(&signals->closing)) {
		/* A terminal that goes may tell so twice, and nobody asked for boards to be cut short. */
		if (number == SIGHUP && atomic_load(&signals->gang->stop) > 0)
			continue;
		atomic_fetch_add(&signals->gang->stop, 1);
		gang_wake(signals->gang);
	}
	return NULL;
}

bool signals_start(struct signals *signals, struct gang *gang)
{
	/* A parent may have had it ignored; then nobody could be told how a hook ended. */
	signal(SIGCHLD, SIG_DFL);
	signals->gang = gang;
	atomic_init(&signals->closing, false);
	return pthread_create(&signals->thread, NULL, signals_main, signals) == 0;
}

void signals_end(struct signals *signals)
{
	atomic_store(&signals->closing, true);
	pthread_kill(signals->thread, SIGTERM); /* blocked everywhere: it ends the sigwait alone */
	pthread_join(signals->thread, NULL);
}
