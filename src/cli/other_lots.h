/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attempts that a killed run left open in the log of another lot, which may not be opened again. */
#ifndef CLI_OTHER_LOTS_H
#define CLI_OTHER_LOTS_H

/* Tells of each such log. `pattern` names the logs; `own` is the one that this run has open. */
void cli_tell_other_lots(const char *pattern, const char *own);

#endif
