/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One octet for each VCI: owned, once opened, and how many VCs are open on it
 * now (the kernel lets a sending and a receiving one share a number).
 */
#include "fabricd_vci.h"

#include <assert.h>

#include "marsh/base/err.h"

#define OWNED 0x80
#define OPENED 0x40
#define COUNT 0x3f

int
fab_vci_init(struct fab_vci *v, const struct mem *mem, uint32_t first,
    uint32_t last)
{
	assert(first > 0 && first <= last && last <= 65535);
	*v = (struct fab_vci){ .mem = mem, .first = first, .last = last,
		.next = first };
	v->state = mem_alloc(mem, last - first + 1);
	return v->state == NULL ? MARSH_ENOMEM : 0;
}

void
fab_vci_fini(struct fab_vci *v)
{
	mem_free(v->mem, v->state, v->last - v->first + 1);
	v->state = NULL;
}

static uint8_t *
at(const struct fab_vci *v, uint32_t vci)
{
	if (vci < v->first || vci > v->last)
		return NULL;
	return &v->state[vci - v->first];
}

uint32_t
fab_vci_get(struct fab_vci *v)
{
	uint32_t n = v->last - v->first + 1;

	while (n-- > 0) {
		uint32_t vci = v->next;
		uint8_t *s = at(v, vci);

		v->next = vci == v->last ? v->first : vci + 1;
		if ((*s & (OWNED | COUNT)) == 0) {
			*s = OWNED;
			v->owned++;
			return vci;
		}
	}
	return 0;
}

void
fab_vci_put(struct fab_vci *v, uint32_t vci)
{
	uint8_t *s = at(v, vci);

	assert(s != NULL && (*s & OWNED) != 0);
	*s &= COUNT;
	v->owned--;
}

bool
fab_vci_open(struct fab_vci *v, uint32_t vci)
{
	uint8_t *s = at(v, vci);

	if (s == NULL || (*s & OWNED) == 0 || (*s & COUNT) == COUNT)
		return false;
	*s = (uint8_t)((*s | OPENED) + 1);
	return true;
}

bool
fab_vci_close(struct fab_vci *v, uint32_t vci)
{
	uint8_t *s = at(v, vci);

	if (s == NULL || (*s & COUNT) == 0)
		return false;
	(*s)--;
	return true;
}

bool
fab_vci_owned(const struct fab_vci *v, uint32_t vci)
{
	const uint8_t *s = at(v, vci);

	return s != NULL && (*s & OWNED) != 0;
}

bool
fab_vci_waits(const struct fab_vci *v, uint32_t vci)
{
	const uint8_t *s = at(v, vci);

	return s != NULL && (*s & (OWNED | OPENED)) == OWNED;
}
