# SPDX-License-Identifier: GPL-2.0-or-later
# make fuzz: every tests/fuzz/fuzz_NAME.c with libFuzzer, FUZZ_SECONDS each, from the corpus in
# tests/fuzz/corpus/NAME; what is found new stays under build/. make fuzz-coverage: which lines of
# each reader the corpora (those of the last run included) reach.

FUZZ_CC ?= clang
FUZZ_SECONDS ?= 20
FUZZ_ROOMS := base stm32 dfu image profile audit
FUZZ_NAMES := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_SRC := $(foreach r,$(FUZZ_ROOMS),$(wildcard src/$(r)/*.c))
FUZZ_FLAGS = $(CPPFLAGS) -Itests/fuzz -std=c17 $(WARN) -O1 -g -pthread

$(B)/fuzz/%: tests/fuzz/fuzz_%.c $(wildcard tests/fuzz/*.h) $(FUZZ_SRC)
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_FLAGS) -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
		-o $@ $< $(FUZZ_SRC) $(LIBS)

$(B)/fuzz-cov/%: tests/fuzz/fuzz_%.c $(wildcard tests/fuzz/*.h) $(FUZZ_SRC)
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_FLAGS) -fsanitize=fuzzer -fprofile-instr-generate -fcoverage-mapping \
		-o $@ $< $(FUZZ_SRC) $(LIBS)

fuzz: $(FUZZ_NAMES:%=$(B)/fuzz/%)
	@set -e; for n in $(FUZZ_NAMES); do \
		mkdir -p $(B)/fuzz/found/$$n; \
		echo "== fuzz_$$n"; \
		$(B)/fuzz/$$n -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=1024 \
			-max_len=8192 -print_final_stats=1 -verbosity=0 \
			-artifact_prefix=$(B)/fuzz/found/$$n- \
			$(B)/fuzz/found/$$n tests/fuzz/corpus/$$n; \
	done

fuzz-coverage: $(FUZZ_NAMES:%=$(B)/fuzz-cov/%)
	@set -e; for n in $(FUZZ_NAMES); do \
		mkdir -p $(B)/fuzz/found/$$n; \
		echo "== fuzz_$$n"; \
		LLVM_PROFILE_FILE=$(B)/fuzz-cov/$$n.raw $(B)/fuzz-cov/$$n -runs=0 -verbosity=0 \
			$(B)/fuzz/found/$$n tests/fuzz/corpus/$$n; \
		$${LLVM_BIN:-$$(ls -d /usr/lib/llvm-*/bin | tail -1)}/llvm-profdata merge -sparse \
			$(B)/fuzz-cov/$$n.raw -o $(B)/fuzz-cov/$$n.data; \
		$${LLVM_BIN:-$$(ls -d /usr/lib/llvm-*/bin | tail -1)}/llvm-cov report \
			$(B)/fuzz-cov/$$n -instr-profile=$(B)/fuzz-cov/$$n.data \
			-show-functions=0 -show-region-summary=0 -show-branch-summary=0 \
			| awk 'NR == 1 || $$NF > "0.00%"'; \
	done

.PHONY: fuzz fuzz-coverage
