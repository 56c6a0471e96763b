-- SPDX-License-Identifier: BSD-2-Clause
-- Joins, leaves, packets and a glitch, in every order and at the same instant:
-- whatever the order, the cluster comes to rest with every invariant kept.

local Y = "224.1.1.2"

local acts = {
	function(k) k.C3:leave(k.X) end,
	function(k) k.C3:join(Y) end,
	function(k) k.C1:send(Y, 3) end,
	function(k)
		local f = k.net:cut("C2", "M1")
		k.net:at(k.net.now + 0.3, function() f:heal() end)
	end,
}

for seed in lab.seeds(3) do
	local function make()
		return lab.one { seed = seed, pps = 5, jitter = 0.002 }
	end
	for k in lab.race(make, acts) do
		run_for(60)
		k.C1:send(Y)
		k.flows:stop()
		expect((settle())):is(true, "at rest")
		expect(k.C1.vc[k.X].leaves):list("C2", "X: C2 is left")
		expect(k.C1.vc[Y].leaves):list("C3", "Y: C3 is there")
		expect(k.M1.cache.hosts[k.X]):set("C1 C2", "the MARS knows X")
		k.net:close()
	end
end
