/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/buffer.h"
#include "unit/protocol/no_memory.h"

static struct buffer buffer;

static void ck_assert_holds(const void *bytes, size_t size)
{
    ck_assert(!buffer.failed);
    ck_assert_uint_eq(buffer.size, size);
    ck_assert_mem_eq(buffer.bytes, bytes, size);
}

START_TEST(appends_in_order)
{
    buffer_append(&buffer, "ab", 2);
    buffer_append_byte(&buffer, 'c');
    buffer_append(&buffer, "", 0);
    buffer_append(&buffer, "de", 2);
    ck_assert_holds("abcde", 5);
    buffer_deinit(&buffer);
}
END_TEST

START_TEST(grows_and_keeps_what_is_there)
{
    for (int i = 0; i < 100000; i++)
        buffer_append_byte(&buffer, (uint8_t)i);
    ck_assert_uint_eq(buffer.size, 100000);
    for (int i = 0; i < 100000; i++)
        ck_assert_uint_eq(buffer.bytes[i], (uint8_t)i);
    buffer_deinit(&buffer);
}
END_TEST

START_TEST(reserve_does_not_append)
{
    buffer_append(&buffer, "ab", 2);
    uint8_t *to = buffer_reserve(&buffer, 1000);
    ck_assert_ptr_eq(to, buffer.bytes + 2);
    memset(to, 'x', 1000);
    ck_assert_holds("ab", 2);
    buffer_deinit(&buffer);
}
END_TEST

START_TEST(clear_keeps_the_memory)
{
    buffer_append(&buffer, "ab", 2);
    const uint8_t *bytes = buffer.bytes;
    buffer_clear(&buffer);
    ck_assert_uint_eq(buffer.size, 0);
    buffer_append_byte(&buffer, 'c');
    ck_assert_ptr_eq(buffer.bytes, bytes);
    ck_assert_holds("c", 1);
    buffer_deinit(&buffer);
}
END_TEST

START_TEST(deinit_leaves_it_usable)
{
    buffer_append(&buffer, "ab", 2);
    buffer_deinit(&buffer);
    ck_assert_uint_eq(buffer.size, 0);
    buffer_append_byte(&buffer, 'c');
    ck_assert_holds("c", 1);
    buffer_deinit(&buffer);
}
END_TEST

START_TEST(printf_adds_no_nul)
{
    buffer_append(&buffer, "a", 1);
    buffer_printf(&buffer, "%d-%s", 42, "x");
    buffer_append(&buffer, "b", 1);
    ck_assert_holds("a42-xb", 6);
    buffer_deinit(&buffer);
}
END_TEST

START_TEST(packer_appends)
{
    msgpack_packer packer = buffer_packer(&buffer);
    msgpack_pack_array(&packer, 2);
    msgpack_pack_int(&packer, -1);
    msgpack_pack_uint64(&packer, 256);
    ck_assert_holds("\x92\xff\xcd\x01\x00", 5);
    buffer_deinit(&buffer);
}
END_TEST

START_TEST(packs_str_and_bin)
{
    buffer_pack_str(&buffer, "xy", 2);
    buffer_pack_bin(&buffer, "xy", 2);
    buffer_pack_str(&buffer, NULL, 0);
    ck_assert_holds("\xa2xy\xc4\x02xy\xa0", 8);
    buffer_deinit(&buffer);
}
END_TEST

START_TEST(failed_allocation_is_remembered)
{
    buffer_append(&buffer, "ab", 2);
    no_memory = true;
    for (int i = 0; i < 1000; i++)
        buffer_append_byte(&buffer, 'c');
    no_memory = false;
    ck_assert(buffer.failed);
    size_t size = buffer.size;
    buffer_append_byte(&buffer, 'd');
    buffer_printf(&buffer, "d");
    buffer_pack_str(&buffer, "d", 1);
    ck_assert_uint_eq(buffer.size, size);
    ck_assert_ptr_null(buffer_reserve(&buffer, 1));
    buffer_deinit(&buffer);
}
END_TEST

START_TEST(clear_forgets_the_failure)
{
    no_memory = true;
    buffer_append_byte(&buffer, 'c');
    no_memory = false;
    ck_assert(buffer.failed);
    buffer_clear(&buffer);
    buffer_append_byte(&buffer, 'd');
    ck_assert_holds("d", 1);
    buffer_deinit(&buffer);
}
END_TEST

START_TEST(sizes_do_not_overflow)
{
    buffer_append(&buffer, "ab", 2);
    ck_assert_ptr_null(buffer_reserve(&buffer, SIZE_MAX - 1));
    ck_assert(buffer.failed);
    buffer_deinit(&buffer);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("buffer");
    TCase *tests = tcase_create("buffer");
    SRunner *runner = srunner_create(suite);

    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, appends_in_order);
    tcase_add_test(tests, grows_and_keeps_what_is_there);
    tcase_add_test(tests, reserve_does_not_append);
    tcase_add_test(tests, clear_keeps_the_memory);
    tcase_add_test(tests, deinit_leaves_it_usable);
    tcase_add_test(tests, printf_adds_no_nul);
    tcase_add_test(tests, packer_appends);
    tcase_add_test(tests, packs_str_and_bin);
    tcase_add_test(tests, failed_allocation_is_remembered);
    tcase_add_test(tests, clear_forgets_the_failure);
    tcase_add_test(tests, sizes_do_not_overflow);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
