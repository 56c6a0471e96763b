-- SPDX-License-Identifier: BSD-2-Clause
--
-- Meters: counters from here on (scenarios: "counters every run exposes").
--   m.reg m.dereg m.join m.leave m.req m.grouplist   what clients sent
--   m.call m.setup m.add m.drop m.release     what clients asked of the network
--   m.priv.JOIN m.ccvc.MAP m.scvc.JOIN        what MARSs sent, and where
--   m.rx.JOIN                                 what clients received
--   m.hello m.ca m.csu_req m.csu_rep m.csus   what SCSP servers sent
--
-- Engines count from their birth, and a restarted one begins anew; a meter adds
-- up differences, so it looks at the counters before anything restarts.

local core = require "marsh.core"
local bag = require "marsh.bag"

local M = {}

local client_fields = { "reg", "dereg", "call", "setup", "add", "drop",
    "release", "revalidations", "failures", "redirects", "bounced", "alarms",
    "data_tx", "data_rx" }

local scsp_ops = { HELLO = "hello", CA = "ca", CSU_REQ = "csu_req",
    CSU_REP = "csu_rep", CSUS = "csus" }

-- Messages of an SCSP server; those sent again too.
local function read_scsp(st)
	local out = {}
	for op, key in pairs(scsp_ops) do
		out[key] = st.tx[op]
		out["tx." .. op], out["rx." .. op] = st.tx[op], st.rx[op]
	end
	return out
end

-- One node's counters, flat: name -> number.
local function read(node)
	if node.kind == "raw" then return {} end
	local st, out = node.stats, {}
	if node.kind == "scsp" then return read_scsp(st) end
	if node.kind == "client" then
		for _, name in ipairs(client_fields) do out[name] = st[name] end
		out.join = st.tx.JOIN - st.reg
		out.leave = st.tx.LEAVE - st.dereg
		out.req = st.tx.REQUEST
		out.grouplist = st.tx.GROUPLIST_REQUEST
		for op, n in pairs(st.tx) do out["tx." .. op] = n end
		for op, n in pairs(st.rx) do out["rx." .. op] = n end
		return out
	end
	for _, path in ipairs { "priv", "ccvc", "scvc", "rx" } do
		local to = path == "rx" and "srx." or path .. "."
		for op, n in pairs(st[path]) do out[to .. op] = n end
	end
	return out
end

local function alive(node)
	return node.machine == "up" or node.machine == "hung" or
	    node.machine == "Up" or node.machine == "Hung"
end

local function catch_up(m)
	for _, node in ipairs(m.nodes or core.nodes(m.net)) do
		if alive(node) then
			local name, now = node.name, read(node)
			local last = m.last[name] or {}
			local sum = m.sums[name] or {}
			for key, n in pairs(now) do
				sum[key] = (sum[key] or 0) + n -
				    (last[key] or 0)
			end
			m.last[name], m.sums[name] = now, sum
		end
	end
end

local function total(m, key)
	local n = 0
	for _, sum in pairs(m.sums) do n = n + (sum[key] or 0) end
	return n
end

local plain = { join = true, leave = true, req = true, grouplist = true }
for _, name in ipairs(client_fields) do plain[name] = true end
for _, name in pairs(scsp_ops) do plain[name] = true end
local by_op = { priv = true, ccvc = true, scvc = true, rx = true, tx = true,
    srx = true }

local states = setmetatable({}, { __mode = "k" }) -- meter -> its state
local meter_meta = { __name = "meter" }

local function ops(m, path)
	return setmetatable({}, {
		__name = "counters",
		__index = function(_, key)
			local op = type(key) == "string" and core.op(key)
			if not op then
				core.fail(("no message is called '%s'"):format(
				    tostring(key)))
			end
			return total(m, path .. "." .. op)
		end,
		__pairs = function()
			local out = {}
			for _, sum in pairs(m.sums) do
				for k, n in pairs(sum) do
					local p, op = k:match "^(%l+)%.(.*)$"
					if p == path and n ~= 0 then
						out[op] = (out[op] or 0) + n
					end
				end
			end
			return pairs(out)
		end,
	})
end

local verbs = {}

-- Starts again from zero.
function verbs.reset(self)
	local m = states[self]
	catch_up(m)
	m.sums = {}
	return self
end

function meter_meta.__index(self, key)
	local m = states[self]
	if verbs[key] then return verbs[key] end
	catch_up(m)
	if by_op[key] then return ops(m, key) end
	if plain[key] then return total(m, key) end
	local words = {}
	for _, t in ipairs { plain, by_op, verbs } do
		for word in pairs(t) do words[#words + 1] = word end
	end
	table.sort(words)
	local near = core.nearest(tostring(key), words)
	core.fail(("a meter has no field '%s'%s"):format(tostring(key),
	    near and (" (did you mean '%s'?)"):format(near) or ""))
end

function meter_meta.__pairs(self)
	local out = {}
	for key in pairs(plain) do
		if self[key] ~= 0 then out[key] = self[key] end
	end
	for path in pairs(by_op) do
		local t = {}
		for op, n in pairs(self[path]) do t[op] = n end
		if next(t) then out[path] = t end
	end
	return pairs(out)
end

function meter_meta.__tostring(self)
	return require("marsh.pretty").long(self)
end

local function meters(net)
	local data = core.data(net)
	data.meters = data.meters or setmetatable({}, { __mode = "k" })
	return data.meters
end

-- A meter over |which| nodes (names or objects), or all of |net|.
function M.new(net, which)
	local m = { net = net, last = {}, sums = {} }
	if which ~= nil then
		m.nodes = {}
		for i, name in ipairs(bag.names(which)) do
			m.nodes[i] = core.find(net, name, "nodes")
		end
	end
	catch_up(m)
	m.sums = {}
	local self = setmetatable({}, meter_meta)
	states[self] = m
	meters(net)[self] = true
	return self
end

-- Something is about to stop or start.
function M.flush(net)
	for self in pairs(meters(net)) do catch_up(states[self]) end
end

-- |node| counts from zero again.
function M.fresh(node)
	for self in pairs(meters(node.net)) do
		states[self].last[node.name] = nil
	end
end

return M
