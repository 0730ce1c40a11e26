/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that outlive a kill and a power cut, and are never written through a symbolic link. Names
 * are taken relative to an open folder, so that nothing moves when the program's own folder does.
 * Every function returns 0 (or what it says) or a negative errno value. */
#ifndef H7GANG_BASE_DURABLE_H
#define H7GANG_BASE_DURABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Opens the folder that holds `path`, made (0750) where it is missing if `make`; `*name` is set to
 * the last part of `path`, inside it. Returns a descriptor to be closed. */
int durable_folder(const char *path, bool make, const char **name);

/* openat() for a regular file: close-on-exec, not through a symbolic link in the last part, and
 * without hanging on a FIFO or a device (-EINVAL for those). Returns a descriptor. */
int durable_open(int folder, const char *name, int flags, mode_t mode);

/* Writes all of it, going on after EINTR and short writes. */
int durable_write_all(int fd, const void *data, size_t length);

/* Ends the last line of a file opened to read and to append, if a kill or a power cut left it without its
 * end: what is added next starts on a line of its own. */
int durable_end_line(int fd);

/* fdatasync: contents and size. */
int durable_sync(int fd);

/* fsync of a folder: names that came, went or changed. */
int durable_sync_folder(int folder);

/* Puts `data` where `name` stands, whole or not at all, and syncs both file and folder. Goes by way
 * of "NAME.new", which a kill may leave behind and the next call takes away. */
int durable_replace(int folder, const char *name, const void *data, size_t length, mode_t mode);

/* Removes a name; a missing one is no error. Not synced: sync the folder if it matters. */
int durable_remove(int folder, const char *name);

#endif
