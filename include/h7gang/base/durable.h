/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that outlive a kill and a power cut, and are never written through a symbolic link. Names
 * are taken relative to an open folder; durable_still_at says whether that folder was moved. Every
 * function returns 0 (or the value that its comment names) or a negative errno value. */
#ifndef H7GANG_BASE_DURABLE_H
#define H7GANG_BASE_DURABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Opens the folder that holds `path`, made (0750) where it is missing if `make`; `*name` is set to
 * the last part of `path`, inside it. Returns a descriptor to be closed. */
int durable_folder(const char *path, bool make, const char **name);

/* The absolute path of the folder that holds `path`, as seen from the current folder; symbolic
 * links stay in it. To be freed; NULL: no memory, or the current folder is gone. */
char *durable_place(const char *path);

/* Whether `place` still leads to that folder: 0, or -ESTALE if the folder was moved, or another one
 * has its name. A place that cannot be looked at now counts as unchanged. */
int durable_still_at(const char *place, int folder);

/* openat() for a regular file: close-on-exec, not through a symbolic link in the last part, and
 * without hanging on a FIFO or a device (-EINVAL for those). Returns a descriptor. */
int durable_open(int folder, const char *name, int flags, mode_t mode);

/* Writes all of it, going on after EINTR and short writes. */
int durable_write_all(int fd, const void *data, size_t length);

/* Reads `length` bytes from `at` on, going on after EINTR and short reads. -EIO: the file ends
 * before that. */
int durable_read_at(int fd, void *data, size_t length, off_t at);

/* Ends the last line of a file opened to read and to append, if a kill or a power cut left it
 * without its end, so that the next text starts on a line of its own. */
int durable_end_line(int fd);

/* fdatasync: contents and size. */
int durable_sync(int fd);

/* fsync of a folder: names that came, went or changed. */
int durable_sync_folder(int folder);

struct stat;

/* Puts `data` where `name` stands, whole or not at all, and syncs both file and folder. Goes by way
 * of "NAME.new", which a kill may leave behind and the next call takes away. */
int durable_replace(int folder, const char *name, const void *data, size_t length, mode_t mode);

/* The same, with the owner of `before`, if that is not the user of this process. */
int durable_replace_for(int folder, const char *name, const void *data, size_t length, mode_t mode,
			const struct stat *before);

/* Removes a name; a missing one is no error. Not synced: sync the folder if it matters. */
int durable_remove(int folder, const char *name);

/* Whether `name` in `folder` still is the open file `fd` itself, not a link to it, and the file has
 * `size` bytes (-1: any size). 0; -ESTALE: another program moved, replaced, deleted or changed it;
 * or another negative errno. */
int durable_still_named(int folder, const char *name, int fd, off_t size);

#endif
