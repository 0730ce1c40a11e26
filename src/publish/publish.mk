# SPDX-License-Identifier: GPL-2.0-or-later
# h7gang-publish: a program of its own, with libmosquitto and libcurl, which h7gang itself does not link.
# PUBLISH=no leaves it out.

PUBLISH ?= $(shell $(PKG_CONFIG) --exists libmosquitto 'libcurl >= 7.85' && echo yes || echo no)
ifneq ($(filter-out no 0,$(PUBLISH)),)
PUBLISH_PKGS := libmosquitto libcurl
PUBLISH_SRC := $(wildcard src/publish/*.c)
PUBLISH_OBJ := $(PUBLISH_SRC:src/%.c=$(B)/obj/%.o)

all: $(B)/h7gang-publish

$(B)/h7gang-publish: $(PUBLISH_OBJ) $(LIB)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(shell $(PKG_CONFIG) --libs $(PUBLISH_PKGS)) $(LIBS)

-include $(PUBLISH_OBJ:.o=.d)
endif
