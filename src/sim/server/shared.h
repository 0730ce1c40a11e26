/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory shared with the programs under test: a file that they map, too. */
#ifndef SIM_SHARED_H
#define SIM_SHARED_H

#include <stddef.h>

/* Makes the file, all zero. NULL with errno. To be unmapped with munmap. */
void *shared_new(const char *file, size_t size);

#endif
