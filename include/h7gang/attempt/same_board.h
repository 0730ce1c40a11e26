/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The board that is written and verified is the board that was identified. Its identity is kept in
 * the link and compared after every re-attach: a board can be exchanged while it is reset. */
#ifndef H7GANG_ATTEMPT_SAME_BOARD_H
#define H7GANG_ATTEMPT_SAME_BOARD_H

#include "h7gang/attempt/job.h"

/* The board was identified: keeps its answers, to compare them after a later re-attach. False: an
 * earlier identification of this attempt found another board; job_fail was called. */
bool same_board_remember(struct job *job);

enum likeness { LIKENESS_SAME, LIKENESS_OTHER, LIKENESS_UNPROVED };

#define SAME_BOARD_OTHER "another board took its place"
#define SAME_BOARD_UNPROVED "it was attached again, and no UID shows whether it is the same board"

/* The board that is attached now was identified by these answers; "" unknown. */
void same_board_keep(struct link *link, const char *uid, const char *layout, const char *serial);

/* After a re-attach: whether the board is the one whose answers are in link->identity. `uid`: its
 * own, "" if it was not asked or is unknown. Costs nothing if there was no re-attach. */
enum dfu_result same_board_ask(struct link *link, const struct stm32_part *part, char uid[25],
			       enum likeness *likeness);

/* Ends the attempt: the board with that UID ("" unknown) is not this unit's. Always false. */
bool same_board_exchanged(struct job *job, const char *uid);

/* Call after a re-attach, before anything is read from the board as this unit's, or written to it.
 * Costs nothing if there was none. False: another board is there (link.exchanged), or no UID tells
 * (link.unproved), or it cannot be asked; job_fail was called. */
bool same_board_confirm(struct job *job);

#endif
