-- SPDX-License-Identifier: BSD-2-Clause
--
-- Ready-made clusters (the standard topologies of the scenario catalogue), and
-- ways to try a thing in every order and for many seeds.
--
--   lab.one{}  one MARS M1, clients C1 C2 C3, all members of X, C1 C2 send
--   lab.ft{}   the same clients with MARSs M1 M2 M3 M4, M1 serving.  In this
--              version the MARSs do not speak to each other: sync="none".

local core = require "marsh.core"
local bag = require "marsh.bag"
local knobs = require "marsh.knobs"
require "marsh.time"
local make = require "marsh.make"

local mars = make.globals.mars
local GROUP_X, GROUP_Y = "224.1.1.1", "224.1.1.2"

-- The cluster object ----------------------------------------------------------

local verbs = {}
local fields = {}

function verbs.log(k, filter) return core.log(k.net, filter or {}) end
function verbs.meter(k, which)
	return require("marsh.meter").new(k.net, which)
end
function verbs.on(k, kind, fn) return k.net:on(kind, fn) end

-- Client -> the MARS it is registered with; others are left out.
function verbs.where(k)
	local out = {}
	for _, c in ipairs(core.nodes(k.net, "client")) do
		if c.registered then out[c.name] = c.mars end
	end
	return out
end

function fields.clients(k) return k.net.clients end
function fields.servers(k) return k.net.servers end
function fields.flows(k) return k.net.flows end

-- The MARS that clients are with; before there are any, the first that is up.
function fields.active(k)
	local first, best, most = nil, nil, 0
	local with = {}
	for _, name in pairs(k:where()) do with[name] = (with[name] or 0) + 1 end
	for _, s in ipairs(core.nodes(k.net, "server")) do
		if s.up then
			first = first or s
			if (with[s.name] or 0) > most then
				best, most = s, with[s.name]
			end
		end
	end
	return best or first
end

local cluster_meta = { __name = "lab" }

function cluster_meta.__index(k, key)
	if fields[key] then return fields[key](k) end
	if verbs[key] then return verbs[key] end
	local node = type(key) == "string" and core.find(k.net, key)
	if node then return node end
	local words = { "net", "X", "Y", "name" }
	for word in pairs(fields) do words[#words + 1] = word end
	for word in pairs(verbs) do words[#words + 1] = word end
	for _, n in ipairs(core.nodes(k.net)) do words[#words + 1] = n.name end
	table.sort(words)
	local near = core.nearest(tostring(key), words)
	core.fail(("%s has no field '%s'%s"):format(k.name, tostring(key),
	    near and (" (did you mean '%s'?)"):format(near) or ""))
end

local NAMES = 8 -- of one kind that are told; the rest is "+N"

local function few(nodes)
	local names = {}
	for i = 1, math.min(#nodes, NAMES) do names[i] = nodes[i].name end
	if #nodes > NAMES then names[#names + 1] = "+" .. #nodes - NAMES end
	return table.concat(names, " ")
end

function cluster_meta.__tostring(k)
	return ("%s at %.3f s: %s | %s"):format(k.name, k.net.now,
	    few(k.servers), few(k.clients))
end

-- Knobs -----------------------------------------------------------------------

local lab_more = { net = true, clients = true, pps = true }
local defaults = { sync = "none" }

-- Sorts |opts| into what the net, the servers and the clients take.
local function sort_options(what, opts)
	knobs.check(what, opts, lab_more, knobs.policy, knobs.client_alias,
	    knobs.server_alias, knobs.is_client, knobs.is_server,
	    knobs.is_fabric)
	local out = { net = {}, server = {}, client = {}, policy = {} }
	for key, value in pairs(opts) do
		if knobs.policy[key] then
			knobs.check_policy(key, value)
			out.policy[key] = value
		end
		if knobs.is_fabric[key] then out.net[key] = value end
		if knobs.is_server[key] or knobs.server_alias[key] then
			out.server[key] = value
		end
		if knobs.is_client[key] or knobs.client_alias[key] then
			out.client[key] = value
		end
	end
	out.policy.sync = out.policy.sync or defaults.sync
	if opts.net and next(out.net) then
		core.fail(("%s: options of a net (%s) cannot go with net=")
		    :format(what, (next(out.net))))
	end
	return out
end

-- Building ----------------------------------------------------------------------

local function count(opts)
	local n = opts.clients
	if n == nil then return 3 end
	if math.type(n) ~= "integer" or n < 1 or n > 60000 then
		core.fail("clients: a whole number from 1 to 60000 expected")
	end
	return n
end

-- Runs until |done| holds, which is looked at after each instant or, with |each|,
-- each event; a lab that does not come up cannot be used.
local function come_up(k, what, done, each)
	if core.run_until(k.net, done, 600, each) then return end
	for _, c in ipairs(core.nodes(k.net, "client")) do
		if not c.registered or #c.unconfirmed > 0 then
			core.fail(("%s did not come up: %s (%s is %s)"):format(
			    k.name, what, c.name, c.state))
		end
	end
	core.fail(("%s did not come up: %s"):format(k.name, what))
end

local function register_all(k, clients)
	for _, c in ipairs(clients) do
		c:register()
		come_up(k, "registration",
		    function() return c.registered end, true)
	end
	local ccvc = k.M1.ccvc
	for _ = 1, 1200 do -- looked at now and then: it takes a while to count
		if #ccvc.leaves == #clients then return end
		core.run(k.net, 0.05)
	end
	core.fail(k.name .. " did not come up: ClusterControlVC")
end

local function join_all(k, clients)
	for _, c in ipairs(clients) do c:join(k.X) end
	local i = 1 -- one that is confirmed stays so
	come_up(k, "joins", function()
		while clients[i] and #clients[i].unconfirmed == 0 do
			i = i + 1
		end
		return not clients[i]
	end)
end

local function open_paths(k, clients)
	local senders = { clients[1], clients[2] }
	if #clients < 2 then return senders end
	for _, c in ipairs(senders) do c:send(k.X) end
	for _, c in ipairs(senders) do
		come_up(k, "paths", function()
			local vc = c.vc[k.X]
			return vc and #vc.leaves == #clients - 1
		end)
	end
	return senders
end

-- Brings everybody up, in order, so that CMIs are 1, 2, 3.
local function start(k, clients, pps)
	register_all(k, clients)
	join_all(k, clients)
	local senders = open_paths(k, clients)
	core.settle(k.net, 600)
	for _, c in ipairs(senders) do
		local f = c:flow(k.X, pps or 0)
		f:reset()
	end
end

local function build(name, opts, server_names)
	opts = opts or {}
	if type(opts) ~= "table" then
		core.fail(name .. ": a table of knobs expected")
	end
	local sorted = sort_options(name, opts)
	local n = count(opts)
	local net = opts.net or require "marsh.default" (sorted.net)
	local k = setmetatable({ name = name, net = net, X = GROUP_X,
	    Y = GROUP_Y, knobs = sorted.policy }, cluster_meta)
	local with = sorted.server
	with.net, with.group, with.policy = net, server_names, sorted.policy
	for i, s in ipairs(server_names) do
		with.prio = i
		mars.server(s, with)
	end
	with = sorted.client
	with.net, with.mars = net, server_names[1]
	with.backups = { table.unpack(server_names, 2) }
	local clients = {}
	for i = 1, n do clients[i] = mars.client("C" .. i, with) end
	start(k, clients, opts.pps)
	marsh.lab = k
	return k
end

local lab = {}

function lab.one(opts) return build("lab.one", opts, { "M1" }) end

function lab.ft(opts)
	return build("lab.ft", opts, { "M1", "M2", "M3", "M4" })
end

-- Later topologies ----------------------------------------------------------------

local needs = {
	ftm = "multicast servers",
	ls = "MARSs that speak SCSP to each other",
	lsb = "MARSs that speak SCSP to each other",
	mut = "MARSs that speak SCSP to each other",
	pool = "MARSs that speak SCSP to each other",
	lsm = "multicast servers and MARSs that speak SCSP to each other",
	domain = "VENUS domains",
}

-- Orders, seeds, races ---------------------------------------------------------------

local function permute(t, n, visit)
	if n == 0 then return visit { table.unpack(t) } end
	for i = 1, n do
		t[n], t[i] = t[i], t[n]
		permute(t, n - 1, visit)
		t[n], t[i] = t[i], t[n]
	end
end

-- for order in lab.orders { "C1", "C2", "C3" } do ... end
function lab.orders(t)
	if type(t) == "string" then t = bag.names(t) end
	if type(t) ~= "table" then core.fail "lab.orders: a list expected" end
	local copy = {}
	for i = 1, #t do copy[i] = t[i] end
	local all = {}
	permute(copy, #copy, function(p) all[#all + 1] = p end)
	local i = 0
	return function()
		i = i + 1
		return all[i]
	end
end

-- for seed in lab.seeds(20) do local k = lab.ft { seed = seed } ... end
function lab.seeds(n)
	if math.type(n) ~= "integer" or n < 1 then
		core.fail "lab.seeds: a whole number above 0 expected"
	end
	local first, i = core.config().seed, -1
	return function()
		i = i + 1
		if i < n then return first + i end
	end
end

-- for k, order in lab.race(make, { act1, act2 }) do settle() ... end
-- A fresh cluster for each order of the acts, done one right after the other.
function lab.race(make, acts)
	if type(make) ~= "function" then
		core.fail "make: a function that returns a cluster expected"
	end
	if type(acts) ~= "table" then
		core.fail "acts: a list of functions expected"
	end
	local numbers = {}
	for i, act in ipairs(acts) do
		if type(act) ~= "function" then
			core.fail "acts: a list of functions expected"
		end
		numbers[i] = i
	end
	local orders = lab.orders(numbers)
	return function()
		local order = orders()
		if not order then return nil end
		local k = make()
		for _, i in ipairs(order) do acts[i](k) end
		return k, order
	end
end

setmetatable(lab, { __index = function(_, key)
	if needs[key] then
		core.fail(("lab.%s is not in this version: it needs %s"):format(
		    key, needs[key]))
	end
	local words = {}
	for word in pairs(lab) do words[#words + 1] = word end
	for word in pairs(needs) do words[#words + 1] = word end
	table.sort(words)
	local near = core.nearest(tostring(key), words)
	core.fail(("lab has no field '%s'%s"):format(tostring(key),
	    near and (" (did you mean '%s'?)"):format(near) or ""))
end })

return { globals = { lab = lab } }
