/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "h7gang/trace/trace.h"

/* The folder stays open, so that DIR remains the same folder during the run. */
struct trace_folder *trace_folder_open(const char *path, char *why, size_t why_size)
{
	struct trace_folder *folder = malloc(sizeof(*folder));

	if (!folder) {
		snprintf(why, why_size, "out of memory");
		return NULL;
	}
	folder->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder->fd < 0) {
		snprintf(why, why_size, "%s", strerrordesc_np(errno));
		goto err_free;
	}
	if (faccessat(folder->fd, ".", W_OK | X_OK, AT_EACCESS) != 0) {
		snprintf(why, why_size, "%s", strerrordesc_np(errno));
		goto err_fd;
	}
	return folder;

err_fd:
	close(folder->fd);
err_free:
	free(folder);
	return NULL;
}

void trace_folder_close(struct trace_folder *folder)
{
	if (!folder)
		return;
	close(folder->fd);
	free(folder);
}
