# SPDX-License-Identifier: GPL-2.0-or-later
# h7gang-web: a program of its own, with libmicrohttpd and GnuTLS, which h7gang itself does not link.
# WEB=no leaves it out.

WEB ?= $(shell $(PKG_CONFIG) --exists libmicrohttpd gnutls && echo yes || echo no)
ifneq ($(filter-out no 0,$(WEB)),)
WEB_PKGS := libmicrohttpd gnutls
WEB_SRC := $(wildcard src/web/*.c)
WEB_OBJ := $(WEB_SRC:src/%.c=$(B)/obj/%.o) $(B)/obj/web/assets.o
WEB_PAGE := web_page_html=src/web/page/page.html web_page_css=src/web/page/page.css web_page_js=src/web/page/page.js \
	web_login_html=src/web/page/login.html web_login_js=src/web/page/login.js web_icon_svg=src/web/page/icon.svg \
	web_openapi_json=src/web/page/openapi.json

all: $(B)/h7gang-web

$(B)/h7gang-web: $(WEB_OBJ) $(LIB)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(shell $(PKG_CONFIG) --libs $(WEB_PKGS)) $(LIBS)

$(B)/gen/web_assets.c: scripts/embed-text $(wildcard src/web/page/*)
	@mkdir -p $(@D)
	./scripts/embed-text $(WEB_PAGE) >$@

$(B)/obj/web/assets.o: $(B)/gen/web_assets.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

-include $(WEB_OBJ:.o=.d)
endif
