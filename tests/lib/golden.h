/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_GOLDEN_H
#define TESTS_GOLDEN_H

/*
 * Octets of tests/golden: lines of hex, '#' starts a comment.  Tests run from
 * the top of the tree, or MARSH_TOP says where that is.
 */
#include <stddef.h>
#include <stdint.h>

/*
 * golden_read returns the *|len| octets of tests/golden/|name|.hex in a block
 * of exactly that size, to be freed; it ends the program if it cannot.
 */
uint8_t *golden_read(const char *name, size_t *len);

/*
 * golden_exact returns a copy of |len| octets in a block of exactly that size,
 * so that sanitizers see one octet read too many; to be freed.
 */
uint8_t *golden_exact(const void *bytes, size_t len);

#endif
