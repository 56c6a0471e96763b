/* SPDX-License-Identifier: BSD-2-Clause */
/* Allocation through struct mem, and the frames made of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "failmem.h"
#include "marsh/base/err.h"
#include "marsh/base/frame.h"

static void
alloc_zeroed(void **state)
{
	static const uint8_t zero[100];
	struct failmem f;
	uint8_t *p;

	(void)state;
	failmem_init(&f);
	p = mem_alloc(&f.mem, sizeof(zero));
	assert_memory_equal(p, zero, sizeof(zero));
	memset(p, 7, sizeof(zero));
	p = mem_resize(&f.mem, p, sizeof(zero), 200);
	assert_int_equal(p[99], 7);
	assert_int_equal(f.live_octets, 200);
	mem_free(&f.mem, p, 200);
	mem_free(&f.mem, NULL, 5);
	assert_int_equal(f.live, 0);
	assert_int_equal(f.live_octets, 0);
	f.fail_at = f.count + 1;
	assert_null(mem_alloc(&f.mem, 1));
}

static void
grow(void **state)
{
	struct failmem f;
	uint32_t *v = NULL;
	size_t cap = 0;

	(void)state;
	failmem_init(&f);
	assert_int_equal(mem_grow(&f.mem, (void **)&v, &cap, 0, 4), 0);
	assert_null(v);
	for (uint32_t i = 0; i < 1000; i++) {
		assert_int_equal(mem_grow(&f.mem, (void **)&v, &cap, i + 1, 4),
		    0);
		assert_true(cap > i);
		v[i] = i;
	}
	assert_in_range(f.count, 1, 10);
	for (uint32_t i = 0; i < 1000; i++)
		assert_int_equal(v[i], i);
	mem_free(&f.mem, v, cap * 4);
	assert_int_equal(f.live_octets, 0);
}

/* A failure changes nothing, and sizes cannot wrap around. */
static void
grow_fails(void **state)
{
	struct failmem f;
	void *v = NULL;
	size_t cap = 0;

	(void)state;
	failmem_init(&f);
	assert_int_equal(mem_grow(&f.mem, &v, &cap, 8, 16), 0);
	memset(v, 3, 8 * 16);
	f.fail_at = f.count + 1;
	assert_int_equal(mem_grow(&f.mem, &v, &cap, 9, 16), MARSH_ENOMEM);
	assert_int_equal(cap, 8);
	assert_int_equal(((uint8_t *)v)[127], 3);
	assert_int_equal(mem_grow(&f.mem, &v, &cap, SIZE_MAX, 16),
	    MARSH_ENOMEM);
	assert_int_equal(mem_grow(&f.mem, &v, &cap, SIZE_MAX / 16, 16),
	    MARSH_ENOMEM);
	assert_int_equal(cap, 8);
	mem_free(&f.mem, v, cap * 16);
}

static void
frames(void **state)
{
	struct failmem f;
	struct frame *a, *b;

	(void)state;
	failmem_init(&f);
	a = frame_copy(&f.mem, "hello", 5);
	assert_int_equal(a->len, 5);
	assert_memory_equal(a->bytes, "hello", 5);
	b = frame_ref(a);
	frame_unref(a);
	assert_int_equal(f.live, 1);
	assert_memory_equal(b->bytes, "hello", 5);
	frame_unref(b);
	frame_unref(NULL);
	assert_int_equal(f.live, 0);
	a = frame_new(&f.mem, 9180);
	assert_int_equal(a->len, 0);
	assert_int_equal(a->cap, 9180);
	frame_unref(a);
	assert_int_equal(f.live_octets, 0);
	f.fail_at = f.count + 1;
	assert_null(frame_new(&f.mem, 1));
	f.fail_at = f.count + 1;
	assert_null(frame_copy(&f.mem, "x", 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alloc_zeroed),
		cmocka_unit_test(grow),
		cmocka_unit_test(grow_fails),
		cmocka_unit_test(frames),
	};

	return cmocka_run_group_tests_name("mem", tests, NULL, NULL);
}
