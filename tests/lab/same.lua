-- SPDX-License-Identifier: BSD-2-Clause
-- One story told on the fabric and on the kernel's SVCs: the same messages, in
-- the same order on each VC.  Runs inside the lab kernel.
local X = "224.1.1.1"

-- The next step begins when the one before has come to its end, on a kernel
-- that may be busy with other things.
local function until_(what, fn)
	if not run_until(fn, 30) then error("in vain: " .. what) end
	run_for(0.1)
end

local function story(net, twist)
	local M1 = mars.server "M1" { net = net }
	local c = {}
	local function heard()
		for _, x in ipairs(c) do
			if x.registered and x.hsn ~= M1.ccvc.csn then
				return false
			end
		end
		return true
	end
	for i = 1, 3 do
		c[i] = mars.client("C" .. i) { net = net, mars = M1 }
		c[i]:register()
		until_("register", function()
			return c[i].registered and #M1.ccvc.leaves == i
		end)
	end
	for i = 1, 3 do
		c[i]:join(X)
		until_("join", function()
			return #(M1.cache.hosts[X] or {}) == i and heard()
		end)
	end
	c[1]:send(X, 3)
	until_("send", function()
		return c[1].vc[X] and #c[1].vc[X].leaves == 2
	end)
	c[3]:leave(X)
	until_("leave", function()
		return #c[1].vc[X].leaves == 1 and heard()
	end)
	local before = M1.ccvc.csn
	c[2]:join "225.0.0.0/24"
	until_("block", function()
		return M1.ccvc.csn > before and heard()
	end)
	if twist then twist(c) end
	local list = c[1]:grouplist "224.0.0.0/4"
	until_("grouplist", function() return list.done end)
	local leaves = tostring(c[1].vc[X].leaves)
	c[2]:deregister()
	until_("deregister", function() return not c[2].registered end)
	-- What was sent on each VC: a VC is named by its sender and its use.
	local said = {}
	for _, e in ipairs(net:log { kind = "send" }) do
		local vc = tostring(e.node) .. " " .. tostring(e.use) .. " " ..
		    (e.use == "pp" and tostring(e.to or e.peer) or "all")
		said[vc] = (said[vc] or "") .. ("%s %s %s %s%s\n"):format(
		    e.op, tostring(e.group), tostring(e.msn),
		    e.register and "register " or "", e.copy and "copy" or "")
	end
	return said, leaves
end

-- The VCs on which |a| and |b| did not say the same, or that one has not.
local function differ(a, b)
	local out = {}
	for vc, text in pairs(a) do
		if b[vc] ~= text then out[#out + 1] = vc end
	end
	for vc in pairs(b) do
		if not a[vc] then out[#out + 1] = vc end
	end
	table.sort(out)
	return out
end

local fabric_said, fabric_leaves = story(fabric {})
local net, why = atm {}
expect(net ~= nil):is(true, why or "the kernel has SVCs")
local kernel_said, kernel_leaves = story(net)
expect(differ(fabric_said, kernel_said)):none(
    "the same messages in the same order on each VC")
for vc, text in pairs(fabric_said) do
	expect(kernel_said[vc]):is(text, "the same on " .. vc)
end
local vcs = 0
for _ in pairs(fabric_said) do vcs = vcs + 1 end
expect(vcs >= 7):is(true, "there were VCs to compare")
expect(kernel_leaves):is(fabric_leaves, "and the same leaves")

-- One message more, or two in another order, would have been seen.
local more = story(fabric {}, function(c)
	local a = c[3]:request(X)
	until_("request", function() return a.done end)
end)
expect(differ(kernel_said, more)):list({ "C3 pp M1", "M1 pp C3" },
    "a REQUEST more makes a difference")
local function swapped(text)
	return (text:gsub("^(.-\n)(.-\n)", "%2%1"))
end
local other = {}
for vc, text in pairs(kernel_said) do other[vc] = text end
other["C1 pp M1"] = swapped(other["C1 pp M1"])
expect(differ(kernel_said, other)):list({ "C1 pp M1" },
    "so does another order")
