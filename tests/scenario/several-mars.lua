-- SPDX-License-Identifier: BSD-2-Clause
-- Several MARSs on one network: each at an address of its own, each with a
-- cluster of its own (MARS-007).

local net = fabric {}
local M1 = mars.server "M1" { net = net }
local M2 = mars.server "M2" { net = net }
expect(M1.addr ~= M2.addr):is(true, "two MARSs have two addresses")

local ok, why = pcall(function()
	return mars.server "M3" { net = net, addr = M1.addr }
end)
expect(ok):is(false, "a third one does not get an address that is taken")
expect(why:find("address", 1, true) ~= nil):is(true, "and is told why")

local C1 = mars.client "C1" { net = net, mars = M1 }
local C2 = mars.client "C2" { net = net, mars = M2 }
net.clients:register()
run_for(1)
C1:join "224.1.1.1"
C2:join "224.1.1.1"
run_for(1)
expect(M1.ccvc.leaves):list("C1", "M1 serves its own cluster")
expect(M2.ccvc.leaves):list("C2", "and M2 its own")
expect(M1.cache.hosts["224.1.1.1"]):list("C1", "the same group is another one")
expect(M2.cache.hosts["224.1.1.1"]):list("C2", "in each of them")
