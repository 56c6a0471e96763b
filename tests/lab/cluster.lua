-- SPDX-License-Identifier: BSD-2-Clause
-- A cluster on real SVCs: it forms, traffic flows, the MARS dies and comes back
-- empty, and its clients rebuild it.  Runs inside the lab kernel, --bind atm.
local k = lab.one {}
expect(k.net.clock):is("real", "time is the clock's")
expect(k.C1.vc[k.X].leaves):set("C2 C3", "C1 sends to the other members")
expect(k.M1.ccvc.leaves):set("C1 C2 C3", "all are leaves of ClusterControlVC")

local flow = k.C1:flow(k.X, 50)
run_for(2)
expect(flow.lost):is(0, "no packet is lost on the kernel's VCs")
expect(flow.dup):is(0, "and none comes twice")

k.M1:kill { back = 0.5, cold = true }
local all = function()
	local hosts = k.M1.up and k.M1.cache.hosts[k.X]
	return hosts and #hosts == 3
end
expect(run_until(all, 60)):is(true, "the clients rebuild the MARS")
for _, c in ipairs { k.C1, k.C2, k.C3 } do
	expect(c.rereg):within(1, 11, c.name .. " came back in its time")
end
-- Who had not joined again when C1 asked is added back by its own JOIN.
run_until(function() return #k.C1.vc[k.X].leaves == 2 end, 30)
expect(k.C1.vc[k.X].leaves):set("C2 C3", "C1's data VC has all its leaves")
