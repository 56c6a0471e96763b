-- SPDX-License-Identifier: BSD-2-Clause
--
-- Knobs: every policy that the drafts leave open, with the values it can take,
-- its default, and what of it this version can do; and the short names of
-- timers (tau, T_map, ...), spelled out.

local core = require "marsh.core"

local M = {}

-- knob -> values, the default first; `can` lists what works in this version
M.policy = {
	list = { "group", "living" },
	on_return = { "backup", "backup_next", "preempt" },
	election = { "sticky", "priority" },
	sync = { "full", "none", "cmi", "cmi+mcs", can = { none = true },
	    needs = "MARSs that speak SCSP to each other" },
	peer_loss = { "hold", "flush", "flush_leave" },
	mcs_memory = { true, false },
	mcs_late = { "fake_leave", "unsuppress", "hold" },
	cmi = { "block", "dynamic" },
	assign = { "static", "anycast", "redirect" },
	backups = { "none", "dedicated", "loan", "mutual", "pool",
	    can = { none = true, dedicated = true } },
	order = { "opposite", "same" },
	repartition = { "none", "targeted", "logical" },
	request_db = { "replicated", "partitioned" },
}

local needs = "elections and replication between MARSs"

local function words(values)
	local out = {}
	for i, v in ipairs(values) do out[i] = tostring(v) end
	return table.concat(out, ", ")
end

local function can(row, value)
	if row.can then return row.can[value] end
	return value == row[1]
end

-- Raises unless |value| is one of the knob's and this version can do it.
function M.check_policy(name, value)
	local row = M.policy[name]
	local found = false
	for _, v in ipairs(row) do found = found or v == value end
	if not found then
		core.fail(("%s: '%s' is none of its values (%s)"):format(name,
		    tostring(value), words(row)))
	end
	if not can(row, value) then
		core.fail(("%s=\"%s\" is not in this version: it needs %s")
		    :format(name, tostring(value), row.needs or needs))
	end
end

-- Timers --------------------------------------------------------------------

local function both(lo, hi)
	return function(out, value, name)
		if type(value) == "table" then
			out[lo], out[hi] = value[1], value[2]
		elseif type(value) == "number" then
			out[lo], out[hi] = value, value
		else
			core.fail(("%s: seconds or {lo, hi} expected"):format(
			    name))
		end
	end
end

local function one(name)
	return function(out, value) out[name] = value end
end

M.client_alias = {
	tau = both("rereg_lo", "rereg_hi"),
	tau_j = both("rejoin_lo", "rejoin_hi"),
	tau_v = both("reval_lo", "reval_hi"),
	nak = both("nak_lo", "nak_hi"),
	leaf_retry = both("leaf_retry_lo", "leaf_retry_hi"),
	T_miss = one "map_silence",
	W = one "loop_wait",
}
M.server_alias = {
	T_map = one "map_interval",
}

M.client = { "tries", "mtu", "pending_max", "checksum", "verify",
    "private_step" }
for name in pairs(core.knobs()) do M.client[#M.client + 1] = name end
M.server = { "map_interval", "purge", "csn", "leaf_retry_lo", "leaf_retry_hi",
    "mtu", "checksum", "verify" }
M.fabric = { "seed", "uni", "delay", "jitter", "loss", "vcmax", "leafmax",
    "clock", "log_max", "log_data" }
table.sort(M.client)

local function to_set(words_)
	local out = {}
	for _, w in ipairs(words_) do out[w] = true end
	return out
end
M.is_client, M.is_server = to_set(M.client), to_set(M.server)
M.is_fabric = to_set(M.fabric)

-- Replaces short names in |opts| by what they stand for.
function M.expand(opts, alias)
	local out = {}
	for key, value in pairs(opts) do
		if alias[key] then alias[key](out, value, key) end
	end
	for key, value in pairs(opts) do
		if not alias[key] then out[key] = value end
	end
	if out.purge == "immediate" then out.purge = 0 end
	return out
end

-- Raises for a key of |opts| that is in none of |tables| (key -> anything).
function M.check(what, opts, ...)
	local known = {}
	for _, t in ipairs { ... } do
		for key in pairs(t) do known[#known + 1] = key end
	end
	table.sort(known)
	local is = to_set(known)
	for key in pairs(opts) do
		if not is[key] then
			local near = type(key) == "string" and
			    core.nearest(key, known)
			core.fail(("%s has no option '%s'%s"):format(what,
			    tostring(key), near and
			    (" (did you mean '%s'?)"):format(near) or ""))
		end
	end
end

return M
