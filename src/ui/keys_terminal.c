/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <curses.h>
#include <term.h>
#include <unistd.h>

#include "h7gang/ui/keys.h"

const char *ui_keys_f10(void)
{
	static char copy[16];
	const char *text;
	int error;

	/* A panel has read the description already. */
	if (!cur_term && setupterm(NULL, STDOUT_FILENO, &error) != OK)
		return NULL;
	text = tigetstr("kf10");
	if (!text || text == (char *)-1 || !text[0])
		return NULL;
	for (size_t i = 0; i + 1 < sizeof(copy) && text[i]; i++)
		copy[i] = text[i];
	return copy;
}
