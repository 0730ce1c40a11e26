/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vtime.c decides which thread waits; vtime_server.c talks to the fleet's server. */
#ifndef SIM_VTIME_PRIVATE_H
#define SIM_VTIME_PRIVATE_H

#include "sim/proto.h"
#include "vtime.h"

/* vtime_lock.c */
long vtime_futex(_Atomic uint32_t *word, int operation, uint32_t value);

/* vtime_server.c */

/* False: there is no such fleet. */
bool vtime_connect(const char *clock, const char *socket_path);
int vtime_server(void); /* the socket; -1: none */
void vtime_tell(uint8_t type, uint64_t tag, const struct proto_idle *idle);
/* With the lock: the server's bytes received so far, and whether waiting threads read them. */
struct proto_idle vtime_look_at_sockets(const struct vtime_thread *waiting);
/* With the lock: whether one of the ready descriptors is a socket to the server. */
bool vtime_socket_ready(const struct pollfd *fds, nfds_t count);

#endif
