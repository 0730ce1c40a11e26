# SPDX-License-Identifier: GPL-2.0-or-later
# make fuzz: every tests/fuzz/fuzz_NAME.c with libFuzzer, FUZZ_SECONDS each, from the corpus in tests/fuzz/corpus/NAME;
# new inputs stay under build/. FUZZ_NAMES= selects fuzzers. make fuzz-coverage: the lines of each reader that the
# corpora (those of the last run included) reach. Both end with one table. make fuzz-planted: planted bugs are found.

FUZZ_CC ?= clang
FUZZ_SECONDS ?= 20
FUZZ_NAMES ?= $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_SRC := $(foreach r,base stm32 dfu image profile audit trace serial usb gang report station,$(wildcard src/$(r)/*.c)) \
	$(addprefix src/web/,http.c api.c answer.c auth.c)
FUZZ_FLAGS = $(BASE_CPPFLAGS) $(CPPFLAGS) -Isrc -Itests/fuzz -std=c17 $(WARN) -O1 -g -pthread -MMD -MP
FUZZ_SAN := -fsanitize=address,undefined -fno-sanitize-recover=all
FUZZ_COV := -fprofile-instr-generate -fcoverage-mapping

# A fuzzer may replace functions of a room with its own: the linker takes only missing ones from the library.
$(B)/fuzz/obj/%.o: src/%.c
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link $(FUZZ_SAN) -c -o $@ $<

$(B)/fuzz-cov/obj/%.o: src/%.c
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_FLAGS) $(FUZZ_COV) -c -o $@ $<

$(B)/fuzz/libh7gang.a: $(FUZZ_SRC:src/%.c=$(B)/fuzz/obj/%.o)
$(B)/fuzz-cov/libh7gang.a: $(FUZZ_SRC:src/%.c=$(B)/fuzz-cov/obj/%.o)
$(B)/fuzz/libh7gang.a $(B)/fuzz-cov/libh7gang.a:
	@rm -f $@
	$(AR) rcs $@ $^

FUZZ_WITH = $< $(if $(filter job,$*),tests/fuzz/job_target.c)

$(B)/fuzz/%: tests/fuzz/fuzz_%.c tests/fuzz/job_target.c $(wildcard tests/fuzz/*.h) $(B)/fuzz/libh7gang.a
	$(FUZZ_CC) $(FUZZ_FLAGS) -fsanitize=fuzzer $(FUZZ_SAN) -o $@ $(FUZZ_WITH) $(B)/fuzz/libh7gang.a $(LIBS)

$(B)/fuzz-cov/%: tests/fuzz/fuzz_%.c tests/fuzz/job_target.c $(wildcard tests/fuzz/*.h) $(B)/fuzz-cov/libh7gang.a
	$(FUZZ_CC) $(FUZZ_FLAGS) -fsanitize=fuzzer $(FUZZ_COV) -o $@ $(FUZZ_WITH) $(B)/fuzz-cov/libh7gang.a $(LIBS)

fuzz: $(FUZZ_NAMES:%=$(B)/fuzz/%) $(FUZZ_NAMES:%=$(B)/fuzz-cov/%)
	tests/fuzz/run $(B) $(FUZZ_SECONDS) $(FUZZ_NAMES)

fuzz-coverage: $(FUZZ_NAMES:%=$(B)/fuzz-cov/%)
	tests/fuzz/run $(B) 0 $(FUZZ_NAMES)

fuzz-planted:
	tests/fuzz/planted

-include $(FUZZ_SRC:src/%.c=$(B)/fuzz/obj/%.d) $(FUZZ_SRC:src/%.c=$(B)/fuzz-cov/obj/%.d)

.PHONY: fuzz fuzz-coverage fuzz-planted
