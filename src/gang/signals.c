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
		/* A terminal that closes may send two signals. That must not count as a request to
		 * stop boards. */
		if (number == SIGHUP && atomic_load(&signals->gang->stop) > 0)
			continue;
		atomic_fetch_add(&signals->gang->stop, 1);
		gang_wake(signals->gang);
	}
	return NULL;
}

bool signals_start(struct signals *signals, struct gang *gang)
{
	/* If the parent process ignored it, the end of a hook could not be reported. */
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
