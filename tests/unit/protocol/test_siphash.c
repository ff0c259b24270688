/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/siphash.h"

static const struct hash_key reference_key = {0x0706050403020100u, 0x0f0e0d0c0b0a0908u};

/*
 * What the reference implementation, built for one round a word and three at the end, makes of the
 * first n of the bytes 0, 1, 2, ... (the vectors that Rust's standard library is tested with, too).
 */
static const char *const vectors[64] = {
    "dcc40f055801acab", "93ca577df39bf4c9", "4dd4c74d029bcb82", "fbf7dde7b80af88b",
    "2883d388605775cf", "673b53492fd5f9de", "a7229fc5502b0dc5", "4011b19b987d92d3",
    "8e9a298d11959036", "e43d066cb38ea425", "7f09ff92ee85de79", "52c34df9c118c170",
    "a2d9b457b184a378", "a7ff29120c766f30", "345df9c011a15a60", "5699512a6dd820d3",
    "668b907d1add4fcc", "0cd8db639068f29c", "3ee673b49c38fc8f", "1c7d298de59d1ff2",
    "40e0cca6462fdcc0", "44f8452bfeab92b9", "2e8720a39b7bfe7f", "23c1e6da7f0e5a52",
    "8c9c3467b2ae64f4", "79095b702859cd45", "a51399cae3353e3a", "353bde4a4ec71da9",
    "0dd06cef02ed0bfb", "f4e1b14ab43cd988", "63e6c543d6110f54", "bcd1218c1fdd7023",
    "0db6a7166c7b1581", "bff98f7ae5b9544d", "3e752a1f78129f75", "916b18bfbea3a1ce",
    "0662a2add308f52c", "5730c3a32d1c10b6", "a1363aae9674f4b3", "9283107b54576b62",
    "3115e4993236d2c1", "44d91a3f92c17c66", "258813c8fe4f7065", "a64989c2d180f224",
    "6b87f8faed1ccac2", "9621049ffc4b16c2", "23d6b168939c6ea1", "fd14518b9c16fb49",
    "464c07dff843319f", "b386cc1224affdc6", "8f09520ad149af7e", "9a2f299d5513f31c",
    "121ff4a2dd304ac4", "d01ea74389e9fa36", "e6bcf0734cb38f31", "80e9a77036bf7aa2",
    "756d3c24dbc0bcb4", "1315b7fd52d8f823", "088a7da64d5f038f", "48f1e8b7e5d09cd8",
    "ee44a6f7bce6f4f6", "f237180fd89ac5ae", "e094664b15f6b2c3", "a8b3bbb76290199d",
};

START_TEST(reference_vectors)
{
    uint8_t bytes[64];
    char hex[17];

    for (int i = 0; i < 64; i++)
        bytes[i] = (uint8_t)i;
    uint64_t hash = hash_bytes(&reference_key, bytes, (size_t)_i);
    for (int i = 0; i < 8; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", (unsigned)(hash >> (8 * i) & 0xff));
    ck_assert_str_eq(hex, vectors[_i]);
}
END_TEST

START_TEST(words_hash_as_their_bytes)
{
    static const uint8_t bytes[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    struct siphash s = siphash_begin(&reference_key);

    siphash_word(&s, 0x0807060504030201u);
    siphash_word(&s, 0x100f0e0d0c0b0a09u);
    ck_assert_uint_eq(siphash_end(s, 0), hash_bytes(&reference_key, bytes, sizeof bytes));
}
END_TEST

START_TEST(every_bit_of_the_key_counts)
{
    uint64_t hash = hash_bytes(&reference_key, "task", 4);
    struct hash_key other = reference_key;

    *(_i < 64 ? &other.k0 : &other.k1) ^= UINT64_C(1) << _i % 64;
    ck_assert_uint_ne(hash_bytes(&other, "task", 4), hash);
}
END_TEST

START_TEST(the_process_has_one_key)
{
    struct hash_key one = hash_key_of_process(), again = hash_key_of_process();

    ck_assert_uint_eq(one.k0, again.k0);
    ck_assert_uint_eq(one.k1, again.k1);
    ck_assert_uint_ne(one.k0, one.k1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("siphash");
    TCase *tests = tcase_create("siphash");
    SRunner *runner = srunner_create(suite);

    suite_add_tcase(suite, tests);
    tcase_add_loop_test(tests, reference_vectors, 0, 64);
    tcase_add_test(tests, words_hash_as_their_bytes);
    tcase_add_loop_test(tests, every_bit_of_the_key_counts, 0, 128);
    tcase_add_test(tests, the_process_has_one_key);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
