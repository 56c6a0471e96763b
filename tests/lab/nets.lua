-- SPDX-License-Identifier: BSD-2-Clause
-- Two nets of one program on one kernel: each has its place, also for those
-- whose address was set aside by a list before they were made.
local a = lab.ft {}
local b = lab.ft {}
expect(a.M2.addr ~= b.M2.addr):is(true, "the same name, another address")
expect(a.C1.addr ~= b.C1.addr):is(true, "of clients too")
expect(b.C1.list):list("M1 M2 M3 M4", "lists know their names")
expect(b.M2.addr:sub(1, 32)):is(b.C1.addr:sub(1, 32), "at one switch")
