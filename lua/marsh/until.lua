-- SPDX-License-Identifier: BSD-2-Clause
--
-- until: what the words behind it mean.  A role of a MARS (Active), a state of
-- a client (Registered) or a kind of event (register), with a node before or
-- behind it or without one, which means anybody; all else is a Lua condition.

local core = require "marsh.core"
local time = require "marsh.time"

local DAY = 86400

-- Kinds of later versions: nothing here would make them happen.
local later = {
	elected = "MARSs do not elect one another yet; 'until M1 Active' "
	    .. "waits for the role",
	role = "MARSs do not elect one another yet; 'until M1 Active' waits "
	    .. "for the role",
	serve = "there is no multicast server (MCS) yet",
	flush = "MARSs do not share their tables yet",
	grace = "MARSs do not share their tables yet",
}

local roles = { "Active", "Backup", "Hung", "Dead", "Stopped" }

-- lower case -> { server = role, client = state, scsp = state }
local function states()
	local out = {}
	for _, role in ipairs(roles) do out[role:lower()] = { server = role } end
	for _, state in ipairs(core.states()) do
		local key = state:lower()
		out[key] = out[key] or {}
		out[key].client = state
	end
	for _, state in ipairs(core.states(true)) do
		local key = state:lower()
		out[key] = out[key] or {}
		out[key].scsp = state
	end
	for _, state in ipairs { "Hung", "Dead", "Stopped" } do
		out[state:lower()].scsp = state
	end
	return out
end

local function value(node)
	if node.kind == "server" then return node.role end
	return node.kind ~= "raw" and node.state or node.machine
end

local function known()
	local words = {}
	for kind in pairs(core.kinds()) do words[#words + 1] = kind end
	for _, row in pairs(states()) do
		words[#words + 1] = row.server or row.client or row.scsp
	end
	table.sort(words)
	return words
end

local function no_word(word)
	local near = core.nearest(word, known())
	error(("'%s' is no role, no state and no kind of event%s"):format(word,
	    near and (" (did you mean '%s'?)"):format(near) or ": " ..
	    table.concat(known(), " ")), 0)
end

local a_kind = { server = "a server", client = "a client",
    scsp = "an SCSP server", raw = "a bare port" }

local function refuse_mix(node, word, of)
	local mine = {}
	for _, row in pairs(states()) do mine[#mine + 1] = row[node.kind] end
	table.sort(mine)
	error(("'%s' is for %s, %s is %s (%s)"):format(word, a_kind[of],
	    node.name, a_kind[node.kind], table.concat(mine, " ")), 0)
end

local function until_state(net, row, node)
	local nodes = node and { node } or core.nodes(net)
	local who
	local function there()
		for _, n in ipairs(nodes) do
			if value(n) == row[n.kind] then
				who = n
				return true
			end
		end
	end
	if core.run_until(net, there, DAY) then
		return ("%s is %s, now %.3f s"):format(who.name, value(who),
		    net.now)
	end
	error(("%s not %s within a day"):format(node and node.name .. " was" or
	    "nobody was", row.server or row.client or row.scsp),
	    0)
end

-- It is the MARS that tells these of a client.
local told_by_mars = { join = true, leave = true, cmi = true }

local function wait_about(net, kind, name)
	local seen
	local h <close> = net:on(kind, function(e)
		if e.peer == name then seen = seen or e end
	end)
	core.run_until(net, function() return seen end, DAY, true)
	return seen, ("no '%s' of %s within a day"):format(kind, name)
end

local function until_event(net, kind, node)
	if later[kind] then
		error(("'%s' does not happen in this version: %s"):format(kind,
		    later[kind]), 0)
	end
	local e, why
	if node and node.kind == "client" and told_by_mars[kind] then
		e, why = wait_about(net, kind, node.name)
	else
		e, why = time.wait(node or net, kind, DAY)
	end
	return e and tostring(e) or error(why, 0)
end

local example = { server = "Active", client = "Registered", scsp = "Aligned" }

-- What |word| alone names: "event", "state", "node" or nothing.
local function meaning(net, word)
	local kind = word:lower()
	local row = states()[kind]
	-- "Aligned" is a state, "aligned" an event
	for _, state in pairs(row or {}) do
		if state == word then return "state", row end
	end
	if core.kinds()[kind] then return "event", kind end
	if row then return "state", row end
	local node = core.find(net, word)
	if node then return "node", node end
end

-- One or two plain words, in either order: what to wait for, and a node or nil.
local function parse(net, text)
	local a, b = text:match "^%s*([%w_.-]+)%s*([%w_.-]*)%s*$"
	if not a then return end
	local what, value_a = meaning(net, a)
	if b == "" then
		if what == "node" then
			error(("until %s what? A role, a state or a kind of "
			    .. "event, as in 'until %s %s'"):format(a, a,
			    example[value_a.kind] or "recv"), 0)
		end
		return what, value_a, nil, a
	end
	local other, value_b = meaning(net, b)
	if what == "node" and other ~= "node" then
		if not other then no_word(b) end
		return other, value_b, value_a, b
	end
	if other == "node" and what and what ~= "node" then
		return what, value_a, value_b, a
	end
	if load("return " .. text) then return end
	if other == "node" and not what then no_word(a) end
	if other and not what then core.find(net, a, "node") end
	if what and not other then core.find(net, b, "node") end
end

local function condition(net, text)
	local word = text:match "^%s*(%a[%w_]*)%s*$"
	if word and load("local " .. word) and rawget(_G, word) == nil and
	    word ~= "k" and word ~= "net" then
		no_word(word)
	end
	local fn, why = load("return " .. text, "=until", "t")
	if not fn then
		error(("neither a role, state or event, with a node, nor a "
		    .. "condition in Lua: %s"):format(why), 0)
	end
	if core.run_until(net, fn, DAY) then
		return ("it holds, now %.3f s"):format(net.now)
	end
	error("did not come to hold within a day", 0)
end

-- Lets time pass until |text|; returns what happened, in a line.
return function(net, text)
	local what, value_, node, word = parse(net, text)
	if what == "event" then return until_event(net, value_, node) end
	if what ~= "state" then return condition(net, text) end
	if node and not value_[node.kind] then
		refuse_mix(node, word, value_.server and "server" or
		    value_.client and "client" or "scsp")
	end
	return until_state(net, value_, node)
end
