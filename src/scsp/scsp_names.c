/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Items by name.  The name is copied into the item itself: lists live for a
 * moment and IDs are short, so sharing originators would cost more than it
 * saves.
 */
#include "scsp_names.h"

#include <assert.h>
#include <string.h>

static uint64_t
hash(const void *ctx, uint32_t h)
{
	const struct scsp_names *t = ctx;
	const struct scsp_name *n = scsp_pool_at(&t->pool, h);

	return scsp_hash_keyed(&t->key, scsp_name_key(n), scsp_name_orig(n));
}

void
scsp_names_init(struct scsp_names *t, const struct mem *mem)
{
	scsp_pool_init(&t->pool, mem, 4);
	scsp_index_init(&t->index, mem, hash, t);
}

void
scsp_names_fini(struct scsp_names *t)
{
	scsp_index_fini(&t->index);
	scsp_pool_fini(&t->pool);
}

uint32_t
scsp_names_find(const struct scsp_names *t, struct scsp_oct key,
    struct scsp_oct orig)
{
	struct scsp_probe p;
	uint32_t h = scsp_index_first(&t->index,
	    scsp_hash_keyed(&t->key, key, orig), &p);

	for (; h != 0; h = scsp_index_next(&t->index, &p)) {
		const struct scsp_name *n = scsp_pool_at(&t->pool, h);

		if (scsp_hash_same(scsp_name_key(n), key)
		    && scsp_hash_same(scsp_name_orig(n), orig))
			break;
	}
	return h;
}

uint32_t
scsp_names_add(struct scsp_names *t, struct scsp_oct key, struct scsp_oct orig,
    size_t size)
{
	uint32_t h = scsp_pool_get(&t->pool, size + key.len + orig.len);
	struct scsp_name *n;

	assert(key.len <= SCSP_ID_MAX);
	assert(orig.len <= SCSP_ID_MAX && size <= UINT8_MAX);
	if (h == 0)
		return 0;
	n = scsp_pool_at(&t->pool, h);
	memset(n, 0, size);
	n->key = (uint8_t)key.len;
	n->orig = (uint8_t)orig.len;
	n->at = (uint8_t)size;
	memcpy((uint8_t *)n + size, key.p, key.len);
	if (orig.len > 0)
		memcpy((uint8_t *)n + size + key.len, orig.p, orig.len);
	if (scsp_index_add(&t->index, hash(t, h), h) == 0)
		return h;
	scsp_pool_put(&t->pool, h);
	return 0;
}

void
scsp_names_del(struct scsp_names *t, uint32_t h)
{
	scsp_index_del(&t->index, hash(t, h), h);
	scsp_pool_put(&t->pool, h);
}

size_t
scsp_names_memory(const struct scsp_names *t)
{
	return scsp_pool_memory(&t->pool) + scsp_index_memory(&t->index);
}
