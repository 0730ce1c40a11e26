/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SIGINT and SIGTERM, taken by a thread of its own. */
#ifndef GANG_SIGNALS_H
#define GANG_SIGNALS_H

#include "gang.h"

struct signals {
	struct gang *gang;
	pthread_t thread;
	atomic_bool closing;
};

/* Both must be blocked already. Returns false if no thread can be started. */
bool signals_start(struct signals *signals, struct gang *gang);
void signals_end(struct signals *signals);

#endif
