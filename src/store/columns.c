/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/store/columns.h"

#define NAME_AND_NUMBER(name, number) {#name, number},
const struct store_column store_columns[STORE_FIELD_COUNT] = {STORE_FIELDS(NAME_AND_NUMBER)};

#define NAME_AND_COMMA(name, number) #name ","
const char store_column_list[] =
	STORE_FIELDS(NAME_AND_COMMA) "prev_hash,row_hash,more,finished_ms,width";
