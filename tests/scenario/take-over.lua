-- SPDX-License-Identifier: BSD-2-Clause
-- How long until clients are registered again, as the closed forms say (F1):
-- on the first backup (S12), on the second (S13, after the wait W), and at the
-- top of the list again when all were down (S14).  For ten seeds each.

local function back(k)
	run_for(0.5)
	expect(run_until(function()
		return k.C1.registered and k.C2.registered and k.C3.registered
	end, 400)):is(true, "all are registered again")
	return k.clients.rereg
end

for seed in lab.seeds(10) do
	local k = lab.ft { seed = seed }
	local m = k:meter()
	k.M1:kill()
	expect(back(k)):within(2, 20, "S12: on entry 1")
	expect(k.clients.mars):all("M2", "S12: with M2")
	settle()
	expect(m.call):is(6, "S12: each called M1 in vain, then M2")
	expect(m.ccvc.JOIN):is(3, "S12: JOINs on ClusterControlVC")

	k = lab.ft { seed = seed }
	k.M1:kill()
	k.M2:kill()
	expect(back(k)):within(63, 90, "S13: on entry 2")
	expect(k.clients.mars):all("M3", "S13: with M3")
	settle()

	k = lab.ft { seed = seed }
	k.M1:kill { back = 100, cold = true }
	k.M2:kill()
	k.M3:kill()
	k.M4:kill()
	expect(back(k)):within(185, 230, "S14: at the top again")
	expect(k.clients.mars):all("M1", "S14: with M1")
	expect(k.clients.attempts):all(5, "S14: five attempts")
	settle()
end
