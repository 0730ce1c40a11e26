/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Known answers: FIPS 180-4 examples as published by NIST. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "h7gang/base/sha256.h"

static const char empty[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
static const char abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
static const char two_blocks[] = "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1";
static const char million_a[] = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

static void known_answers(void **state)
{
	(void)state;
	static const char text[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
	char hex[SHA256_HEX_SIZE];

	assert_int_equal(sha256_hex("", 0, hex), 0);
	assert_string_equal(hex, empty);
	assert_int_equal(sha256_hex("abc", 3, hex), 0);
	assert_string_equal(hex, abc);
	assert_int_equal(sha256_hex(text, strlen(text), hex), 0);
	assert_string_equal(hex, two_blocks);
}

static void pieces_give_the_same_and_a_hash_starts_over(void **state)
{
	(void)state;
	struct sha256 *hash = sha256_new();
	char hex[SHA256_HEX_SIZE];
	char thousand[1000];

	assert_non_null(hash);
	memset(thousand, 'a', sizeof(thousand));
	assert_int_equal(sha256_begin(hash), 0);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(sha256_update(hash, thousand, sizeof(thousand)), 0);
	assert_int_equal(sha256_end(hash, hex), 0);
	assert_string_equal(hex, million_a);

	assert_int_equal(sha256_begin(hash), 0);
	assert_int_equal(sha256_update(hash, "dropped", 7), 0);
	assert_int_equal(sha256_begin(hash), 0);
	assert_int_equal(sha256_update(hash, "a", 1), 0);
	assert_int_equal(sha256_update(hash, "bc", 2), 0);
	assert_int_equal(sha256_end(hash, hex), 0);
	assert_string_equal(hex, abc);
	sha256_free(hash);
	sha256_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_answers),
		cmocka_unit_test(pieces_give_the_same_and_a_hash_starts_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
