/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/slab.h"

struct object {
    unsigned char *bytes;
    size_t size;
    unsigned char fill;
};

static uint32_t random_next(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

static void object_alloc(struct slab *slab, struct object *object, size_t size, unsigned char fill)
{
    *object = (struct object){.bytes = slab_alloc(slab, size), .size = size, .fill = fill};
    if (!object->bytes || (uintptr_t)object->bytes % 8 != 0)
        ck_abort_msg("no object of %zu bytes aligned to 8", size);
    memset(object->bytes, fill, size);
}

/* What was written is still there: no other object was put over it. */
static void object_free(struct slab *slab, struct object *object)
{
    if (object->size > 0 && (object->bytes[0] != object->fill ||
                             memcmp(object->bytes, object->bytes + 1, object->size - 1) != 0))
        ck_abort_msg("an object of %zu bytes was written over", object->size);
    slab_free(slab, object->bytes, object->size);
    object->bytes = NULL;
}

START_TEST(objects_of_any_size_keep_apart)
{
    enum { OBJECTS = 4000, ROUNDS = 40000 };
    static struct object objects[OBJECTS];
    uint64_t seed = (uint64_t)_i + 1;
    struct slab slab;

    slab_init(&slab);
    for (int round = 0; round < ROUNDS; round++) {
        struct object *object = &objects[random_next(&seed) % OBJECTS];
        if (object->bytes)
            object_free(&slab, object);
        else
            object_alloc(&slab, object, random_next(&seed) % 2200, (unsigned char)round);
    }
    for (int i = 0; i < OBJECTS; i++)
        if (objects[i].bytes)
            object_free(&slab, &objects[i]);
    ck_assert_uint_eq(slab.objects, 0);
    slab_deinit(&slab);
}
END_TEST

START_TEST(empty_pages_go_back_but_one)
{
    enum { OBJECTS = 10000 };
    static struct object objects[OBJECTS];
    struct slab slab;

    slab_init(&slab);
    for (int i = 0; i < OBJECTS; i++)
        object_alloc(&slab, &objects[i], 64, (unsigned char)i);
    ck_assert_uint_eq(slab.objects, OBJECTS);
    ck_assert_uint_ge(slab.pages, OBJECTS * 64 / SLAB_PAGE);
    ck_assert_uint_le(slab.pages, OBJECTS * 64 / SLAB_PAGE + 1);
    for (int i = 0; i < OBJECTS; i++)
        object_free(&slab, &objects[(i * 7919) % OBJECTS]);
    ck_assert_uint_eq(slab.pages, 1);
    slab_deinit(&slab);
    ck_assert_uint_eq(slab.pages, 0);
}
END_TEST

/* 20 MiB: beyond where it goes on with huge pages. */
START_TEST(empty_chunks_go_back_but_one)
{
    enum { OBJECTS = 20000 };
    static struct object objects[OBJECTS];
    struct slab slab;

    slab_init(&slab);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < OBJECTS; i++)
            object_alloc(&slab, &objects[i], 1024, (unsigned char)i);
        ck_assert_uint_eq(slab.chunks, 10);
        for (int i = 0; i < OBJECTS; i++)
            object_free(&slab, &objects[(i * 7919) % OBJECTS]);
        ck_assert_uint_le(slab.chunks, 2); /* that of a spare page, and one */
    }
    slab_deinit(&slab);
    ck_assert_uint_eq(slab.chunks, 0);
}
END_TEST

/* At the edge of a chunk: the system is not asked again. */
START_TEST(a_chunk_to_and_fro_is_kept)
{
    enum { OBJECTS = 2046 }; /* of one KiB, all that fit a chunk beside its head, and one */
    static struct object objects[OBJECTS];
    struct slab slab;

    slab_init(&slab);
    for (int i = 0; i < OBJECTS - 1; i++)
        object_alloc(&slab, &objects[i], 1024, (unsigned char)i);
    ck_assert_uint_eq(slab.chunks, 1);
    for (int round = 0; round < 3; round++) {
        object_alloc(&slab, &objects[OBJECTS - 1], 1024, 0);
        ck_assert_uint_eq(slab.chunks, 2);
        object_free(&slab, &objects[OBJECTS - 1]);
        ck_assert_uint_eq(slab.chunks, 2);
    }
    for (int i = 0; i < OBJECTS - 1; i++)
        object_free(&slab, &objects[i]);
    slab_deinit(&slab);
}
END_TEST

START_TEST(each_page_counts_as_an_allocation)
{
    struct object small, large;
    struct slab slab;

    slab_init(&slab);
    object_alloc(&slab, &small, 10, 1);
    fault_set(1);
    ck_assert_ptr_null(slab_alloc(&slab, 100));
    ck_assert(!fault_pending());
    object_alloc(&slab, &large, 100, 2);
    object_free(&slab, &small);
    object_free(&slab, &large);
    slab_deinit(&slab);
}
END_TEST

START_TEST(one_object_to_and_fro_allocates_once)
{
    struct object object;
    struct slab slab;

    slab_init(&slab);
    object_alloc(&slab, &object, 100, 1);
    object_free(&slab, &object);
    fault_set(1);
    for (int i = 0; i < 10; i++) {
        object_alloc(&slab, &object, 100, (unsigned char)i);
        object_free(&slab, &object);
    }
    ck_assert(fault_pending());
    fault_set(0);
    slab_deinit(&slab);
}
END_TEST

START_TEST(a_class_serves_its_8_sizes)
{
    struct object objects[3];
    struct slab slab;

    slab_init(&slab);
    object_alloc(&slab, &objects[0], 41, 1);
    object_alloc(&slab, &objects[1], 48, 2);
    ck_assert_uint_eq(slab.pages, 1);
    object_alloc(&slab, &objects[2], 49, 3);
    ck_assert_uint_eq(slab.pages, 2);
    for (int i = 0; i < 3; i++)
        object_free(&slab, &objects[i]);
    slab_deinit(&slab);
}
END_TEST

START_TEST(large_objects_use_no_page)
{
    struct object object;
    struct slab slab;

    slab_init(&slab);
    object_alloc(&slab, &object, SLAB_MAX + 1, 1);
    ck_assert_uint_eq(slab.pages, 0);
    object_free(&slab, &object);
    object_alloc(&slab, &object, SLAB_MAX, 1);
    ck_assert_uint_eq(slab.pages, 1);
    object_free(&slab, &object);
    slab_deinit(&slab);
}
END_TEST

START_TEST(without_memory_nothing_is_given)
{
    struct object object;
    struct slab slab;

    slab_init(&slab);
    fault_set(1);
    ck_assert_ptr_null(slab_alloc(&slab, 10));
    fault_set(1);
    ck_assert_ptr_null(slab_alloc(&slab, SLAB_MAX + 1));
    ck_assert_uint_eq(slab.objects, 0);
    object_alloc(&slab, &object, 10, 1);
    object_free(&slab, &object);
    slab_free(&slab, NULL, 10);
    slab_deinit(&slab);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("slab");
    TCase *tests = tcase_create("slab");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tests, objects_of_any_size_keep_apart, 0, 4);
    tcase_add_test(tests, empty_pages_go_back_but_one);
    tcase_add_test(tests, empty_chunks_go_back_but_one);
    tcase_add_test(tests, a_chunk_to_and_fro_is_kept);
    tcase_add_test(tests, each_page_counts_as_an_allocation);
    tcase_add_test(tests, one_object_to_and_fro_allocates_once);
    tcase_add_test(tests, a_class_serves_its_8_sizes);
    tcase_add_test(tests, large_objects_use_no_page);
    tcase_add_test(tests, without_memory_nothing_is_given);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
