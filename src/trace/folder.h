/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TRACE_FOLDER_H
#define TRACE_FOLDER_H

struct trace_folder {
	int fd;
};

#endif
