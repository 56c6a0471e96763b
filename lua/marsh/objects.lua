-- SPDX-License-Identifier: BSD-2-Clause
--
-- Those fields and verbs of nets, servers and clients that are easier said in Lua
-- than in C: tables that read like tables, faults that close, answers.

local core = require "marsh.core"
local bag = require "marsh.bag"
local knobs = require "marsh.knobs"
local shared = require "marsh.notes"
local notes, options = shared.notes, shared.options

local net_class = core.class "net"
local server_class = core.class "mars.server"
local client_class = core.class "mars.client"

-- The net -------------------------------------------------------------------

local get, call = net_class.get, net_class.call

function get.nodes(net) return bag.bag(core.nodes(net)) end
function get.servers(net) return bag.bag(core.nodes(net, "server")) end
function get.clients(net) return bag.bag(core.nodes(net, "client")) end
function get.flows(net) return bag.bag(core.flows(net)) end
function get.vcs(net) return bag.bag(core.vcs(net)) end

local vc_filter = { root = true, leaf = true, group = true, kind = true }
local vc_kinds = { pp = true, ccvc = true, scvc = true, data = true,
    scsp = true, raw = true }

function call.vcs_of(net, filter)
	filter = options("vcs_of", filter or {})
	knobs.check("vcs_of", filter, vc_filter)
	local root = filter.root and core.find(net, filter.root, "root").name
	local leaf = filter.leaf and core.find(net, filter.leaf, "leaf").name
	local group = filter.group and core.range(filter.group)
	if filter.kind and not vc_kinds[filter.kind] then
		core.fail(("kind: '%s' is no kind of VC (pp, ccvc, scvc, data, "
		    .. "scsp, raw)"):format(tostring(filter.kind)))
	end
	local out = {}
	for _, vc in ipairs(core.vcs(net)) do
		if (not filter.kind or vc.kind == filter.kind) and
		    (not root or vc.root == root) and
		    (not leaf or vc.leaves:has(leaf)) and
		    (not group or vc.group == group) then
			out[#out + 1] = vc
		end
	end
	return bag.bag(out)
end

function call.draw(net) return core.draw(net) end
function call.ladder(net, opts) return core.ladder(net, opts) end
function call.log(net, filter) return core.log(net, filter or {}) end
function call.meter(net, which)
	return require("marsh.meter").new(net, which)
end

-- Nodes ---------------------------------------------------------------------

-- A fault of a machine: ends by starting it again.
local fault_meta = { __name = "fault" }
fault_meta.__index = {
	heal = function(f)
		if f.healed then return true end
		f.healed = true
		return f.node:restart { cold = f.cold }
	end,
}
fault_meta.__close = function(f) f:heal() end
fault_meta.__tostring = function(f)
	return ("%s %s%s"):format(f.node.name, f.what,
	    f.healed and " (healed)" or "")
end

-- Before anything is broken.
local function check_fault(opts)
	local back = opts.back
	if back ~= nil and not (math.type(back) and back >= 0 and
	    back < math.huge) then
		core.fail(("back: a number of seconds expected, got %s"):format(
		    type(back) == "string" and ("'%s'"):format(back) or
		    tostring(back)))
	end
	if opts.cold ~= nil and type(opts.cold) ~= "boolean" then
		core.fail(("cold: true or false expected, got %s"):format(
		    tostring(opts.cold)))
	end
end

local function machine_fault(what, allowed, raw)
	return function(node, opts)
		opts = options(what, opts or {})
		knobs.check(what, opts, allowed)
		check_fault(opts)
		require("marsh.meter").flush(node.net)
		local ok, why, code = raw(node)
		if not ok then return nil, why, code end
		local f = setmetatable({ node = node, what = what,
		    cold = opts.cold or false, healed = false }, fault_meta)
		if opts.back then
			node.net:at(node.net.now + opts.back,
			    function() f:heal() end)
		end
		return f
	end
end

local function wrap_machine(class)
	local raw = class.call
	local restart, stop = raw.restart, raw.stop
	local allowed = { back = true, cold = true }
	raw.kill = machine_fault("kill", allowed, raw.kill)
	raw.hang = machine_fault("hang", allowed, raw.hang)
	function raw.stop(node)
		require("marsh.meter").flush(node.net)
		return stop(node)
	end
	function raw.restart(node, opts)
		local meter = require "marsh.meter"
		meter.flush(node.net)
		local ok, why, code = restart(node, opts)
		local fresh = opts and opts.cold or node.kind == "client"
		if ok and fresh then meter.fresh(node) end
		return ok, why, code
	end
end
wrap_machine(server_class)
wrap_machine(client_class)
wrap_machine(core.class "scsp.server")
wrap_machine(core.class "raw")

-- Servers -------------------------------------------------------------------

get, call = server_class.get, server_class.call

function get.group(s)
	return notes(s.net, s.name).group or bag.list { s.name }
end

-- Active is who has clients; while nobody of the group has, the first that lives.
-- The others that are up are backups.  MARSs do not elect in this version: this
-- is how it looks to one who sees everything.
local machine_role = get.role

function get.role(s)
	local role = machine_role(s)
	if role ~= "Active" or s.ccvc.open then return role end
	local first
	for _, name in ipairs(s.group) do
		local other = core.find(s.net, name)
		if other and other.kind == "server" and other.up then
			first = first or other
			if other.ccvc.open then return "Backup" end
		end
	end
	return (first == s or not first) and "Active" or "Backup"
end

-- Who of the group lives, as one who sees everything sees it: in this version
-- MARSs do not watch each other.
function get.living(s)
	local out = bag.list {}
	for _, name in ipairs(s.group) do
		local node = core.find(s.net, name)
		if node and node.up then out[#out + 1] = name end
	end
	return out
end

function get.prio(s) return notes(s.net, s.name).prio end
function get.policy(s) return notes(s.net, s.name).policy or {} end

local hosts_meta = {
	__name = "hosts",
	__index = function(t, group)
		if type(group) ~= "string" then return nil end
		return core.hosts(rawget(t, 1), group):sorted()
	end,
	__len = function(t) return #core.groups(rawget(t, 1)) end,
	__pairs = function(t)
		local server, groups, i = rawget(t, 1), nil, 0
		groups = core.groups(server)
		return function()
			i = i + 1
			if groups[i] then
				return groups[i], t[groups[i]]
			end
		end
	end,
}

-- Groups have no MCS in this version.
local servers_meta = {
	__name = "servers",
	__index = function(_, group)
		if type(group) == "string" then core.range(group) end
		return bag.list {}
	end,
}

local cache_fields = {
	cmi = function(s) return core.members(s) end,
	hosts = function(s) return setmetatable({ s }, hosts_meta) end,
	servers = function() return setmetatable({}, servers_meta) end,
}

local cache_meta = {
	__name = "cache",
	__index = function(t, key)
		if cache_fields[key] then
			return cache_fields[key](rawget(t, 1))
		end
		core.fail(("a MARS's cache has no field '%s' (cmi, hosts, "
		    .. "servers)"):format(tostring(key)))
	end,
	__pairs = function(t)
		local copy = {}
		for key in pairs(cache_fields) do copy[key] = t[key] end
		return pairs(copy)
	end,
}

function get.cache(s) return setmetatable({ s }, cache_meta) end

local function later(what)
	return function()
		return nil, what .. " is not in this version: it needs "
		    .. "elections and replication between MARSs", "unsupported"
	end
end
call.elect, call.drain = later "elect", later "drain"
call.split = later "split"

-- Clients -------------------------------------------------------------------

get, call = client_class.get, client_class.call

local paths_meta = {
	__name = "paths",
	__index = function(t, group)
		if type(group) == "number" then return nil end
		return core.path(rawget(t, 1), group)
	end,
	__len = function(t) return #core.paths(rawget(t, 1)) end,
	__pairs = function(t)
		local client, groups, i = rawget(t, 1), nil, 0
		groups = core.paths(client)
		return function()
			i = i + 1
			if groups[i] then
				return groups[i], core.path(client, groups[i])
			end
		end
	end,
}

function get.vc(c) return setmetatable({ c }, paths_meta) end

-- Flows of other programs on the same network, as this client hears them.
function get.heard(c) return core.heard(c) end

-- The answer to a question: empty until it is there, then fixed.  The client's
-- last answer is this one once a reply has come since the question.
local answer_meta = { __name = "answer" }

local function look(a)
	local list = rawget(a, "list")
	if list or #rawget(a, "replies") == 0 then return list end
	local nak
	list, nak = core.answer(a.client, a.groups)
	if list and not a.groups then list = list:sorted() end
	rawset(a, "list", list)
	rawset(a, "naked", nak)
	return list
end

function answer_meta.__index(a, key)
	if key == "done" then return look(a) ~= nil end
	if key == "nak" then return look(a) ~= nil and rawget(a, "naked") end
	if type(key) == "number" then
		local list = look(a)
		return list and list[key]
	end
	core.fail(("an answer has no field '%s' (done, nak, [i])"):format(
	    tostring(key)))
end
function answer_meta.__len(a) return #(look(a) or {}) end
function answer_meta.__tostring(a)
	local list = look(a)
	return list and tostring(list) or "(no answer yet)"
end

local function question(raw, groups)
	return function(client, group)
		local net = client.net
		local replies = core.log(net, { kind = "recv",
		    op = groups and "GROUPLIST_REPLY" or "MULTI|NAK",
		    node = client, group = not groups and group or nil,
		    since = net.now })
		local ok, why, code = raw(client, group)
		if not ok then return nil, why, code end
		return setmetatable({ client = client, groups = groups,
		    replies = replies }, answer_meta)
	end
end
call.request = question(call.request, false)
call.grouplist = question(call.grouplist, true)
