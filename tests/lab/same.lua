-- SPDX-License-Identifier: BSD-2-Clause
-- One story told on the fabric and on the kernel's SVCs: the same messages, in
-- the same order on each VC.  Runs inside the lab kernel.
local X = "224.1.1.1"

local function story(net)
	local M1 = mars.server "M1" { net = net }
	local c = {}
	for i = 1, 3 do
		c[i] = mars.client("C" .. i) { net = net, mars = M1 }
		c[i]:register()
		run_for(0.5)
	end
	for i = 1, 3 do
		c[i]:join(X)
		run_for(0.5)
	end
	c[1]:send(X, 3)
	run_for(0.5)
	c[3]:leave(X)
	run_for(0.5)
	c[2]:join "225.0.0.0/24"
	run_for(0.5)
	c[1]:grouplist "224.0.0.0/4"
	run_for(0.5)
	c[2]:deregister()
	run_for(0.5)
	-- What was sent on each VC: a VC is named by its sender and its use.
	local said = {}
	for _, e in ipairs(net:log { kind = "send" }) do
		local vc = tostring(e.node) .. " " .. tostring(e.use) .. " " ..
		    (e.use == "pp" and tostring(e.to or e.peer) or "")
		said[vc] = (said[vc] or "") .. ("%s %s %s\n"):format(
		    e.op, tostring(e.group), tostring(e.msn))
	end
	return said, c[1].vc[X].leaves
end

local fabric_said, fabric_leaves = story(fabric {})
local net, why = atm {}
expect(net ~= nil):is(true, why or "the kernel has SVCs")
local kernel_said, kernel_leaves = story(net)
local vcs = 0
for vc, text in pairs(fabric_said) do
	vcs = vcs + 1
	expect(kernel_said[vc]):is(text, "the same on " .. vc)
end
for vc in pairs(kernel_said) do
	expect(fabric_said[vc] ~= nil):is(true, vc .. "is known on both")
end
expect(vcs >= 7):is(true, "there were VCs to compare")
expect(kernel_leaves):list(tostring(fabric_leaves), "and the same leaves")
