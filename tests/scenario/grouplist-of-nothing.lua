-- SPDX-License-Identifier: BSD-2-Clause
-- Asking for the groups of a block in which nobody is.

local k = lab.one {}
settle()
local m = k:meter()
local a = k.C1:grouplist "225.0.0.0/8"
expect(a.done):is(false, "no answer before time has passed")
run_for(1)
expect(a.done):is(true, "there is an answer")
expect(#a):is(0, "with no group in it")
expect(a.nak):is(false, "and it is no refusal")
expect(m.priv.GROUPLIST_REPLY):is(1, "it was one message")
