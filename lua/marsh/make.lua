-- SPDX-License-Identifier: BSD-2-Clause
--
-- The nouns: fabric{...}, mars.server "M1" {...}, mars.client "C1" {...}, and
-- what the names of later versions say.

local core = require "marsh.core"
local bag = require "marsh.bag"
local knobs = require "marsh.knobs"
local shared = require "marsh.notes"
local scsp = require "marsh.scsp"
require "marsh.objects"
require "marsh.time"
require "marsh.raw"

local notes, options = shared.notes, shared.options

local function fabric(opts) return core.fabric(options("fabric", opts or {})) end

-- AF_ATMSVC: refused rather than raised, so that scripts can fall back.
local function atm(opts) return core.atm(options("atm", opts or {})) end


local function net_for(what, opts)
	local net = opts.net
	if net == nil then
		net = core.current()
		if not net then net = require "marsh.default" () end
	elseif core.kind(net) ~= "net" then
		core.fail(("net: a net expected, got %s"):format(
		    core.kind(net)))
	end
	if not net.alive then
		core.fail(what .. ": this net is gone: it was closed")
	end
	return net
end

local function take(opts, ...)
	local out = {}
	for key, value in pairs(opts) do out[key] = value end
	for _, key in ipairs { ... } do out[key] = nil end
	return out
end

local function check_policy(policy)
	if policy == nil then return end
	options("policy", policy)
	knobs.check("policy", policy, knobs.policy)
	for key, value in pairs(policy) do
		if type(value) == "function" then
			core.fail(key .. ": policy as a function is not in "
			    .. "this version")
		end
		knobs.check_policy(key, value)
	end
end

-- The MARS itself first, then the others in the order of the group.
local function own_first(name, group)
	local out = { name }
	for _, other in ipairs(group) do
		if other ~= name then out[#out + 1] = other end
	end
	return out
end

local server_more = { net = true, prio = true, group = true, policy = true,
    cmi = true, addr = true, list = true }
local client_more = { net = true, mars = true, backups = true, addr = true,
    spa = true }

local function make_server(name, opts)
	local what = "mars.server"
	options(what, opts)
	knobs.check(what, opts, server_more, knobs.server_alias,
	    knobs.is_server)
	check_policy(opts.policy)
	local net = net_for(what, opts)
	local group = opts.group and bag.names(opts.group)
	local out = take(knobs.expand(opts, knobs.server_alias), "net", "prio",
	    "group", "policy")
	if group and not out.list then out.list = own_first(name, group) end
	local node = core.server(net, name, out)
	local note = notes(net, name)
	note.group, note.prio, note.policy = group, opts.prio, opts.policy
	return node
end

local function make_client(name, opts)
	local what = "mars.client"
	options(what, opts)
	knobs.check(what, opts, client_more, knobs.client_alias,
	    knobs.is_client)
	local net = net_for(what, opts)
	return core.client(net, name, take(knobs.expand(opts,
	    knobs.client_alias), "net"))
end

-- mars.server "M1" {...} in two calls, or mars.server("M1", {...}).
local function two_calls(what, make)
	return function(name, opts)
		if type(name) ~= "string" then
			core.fail(("%s: a name expected, as in %s \"X1\" {...}")
			    :format(what, what))
		end
		if opts ~= nil then return make(name, opts) end
		local unmade = ("%s \"%s\" is not made yet: options follow, "
		    .. "as in %s \"%s\" {}"):format(what, name, what, name)
		return setmetatable({}, {
			__call = function(_, o) return make(name, o or {}) end,
			__index = function() core.fail(unmade) end,
			__tostring = function() return unmade end,
		})
	end
end

local function missing(what, needs)
	return function()
		core.fail(("%s is not in this version: %s"):format(what, needs))
	end
end

local function strict(name, t)
	return setmetatable(t, { __name = name, __index = function(_, key)
		local names = {}
		for known in pairs(t) do names[#names + 1] = known end
		table.sort(names)
		local near = core.nearest(tostring(key), names)
		core.fail(("%s has no field '%s'%s"):format(name, tostring(key),
		    near and (" (did you mean '%s'?)"):format(near) or ""))
	end })
end

scsp.table.server = two_calls("scsp.server", scsp.make(net_for))

return { globals = {
	fabric = fabric,
	atm = atm,
	mars = strict("mars", {
		server = two_calls("mars.server", make_server),
		client = two_calls("mars.client", make_client),
	}),
	mcs = missing("mcs", "multicast servers come later"),
	scsp = strict("scsp", scsp.table),
} }
