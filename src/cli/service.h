/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages to systemd about a run: that it is ready, its state, and that its supervisor still works
 * (sd_notify(3)). */
#ifndef CLI_SERVICE_H
#define CLI_SERVICE_H

#include "h7gang/gang/control.h"
#include "h7gang/gang/events.h"

struct service;

/* NULL: systemd asks for nothing, or there is no memory. Signals must be blocked before. */
struct service *service_start(struct gang_control *control);
void service_end(struct service *service);

/* A gang_sink; `service` is a struct service. Never blocks. */
void service_event(void *service, const struct gang_event *event);

/* The socket that systemd listens on for this process; -1: none. -2: more than one. */
int service_listener(void);

#endif
