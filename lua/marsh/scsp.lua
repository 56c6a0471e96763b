-- SPDX-License-Identifier: BSD-2-Clause
--
-- SCSP servers for scripts: scsp.server "A" {...}, links between them one by one
-- or in a shape, and the cache as a table that reads like one.

local core = require "marsh.core"
local bag = require "marsh.bag"
local shared = require "marsh.notes"
local options = shared.options

local M = {}
local server_class = core.class "scsp.server"
local peer_class = core.class "scsp.peer"

-- The cache -----------------------------------------------------------------

local function by_key(a, b)
	if a.key ~= b.key then return a.key < b.key end
	return tostring(a.originator) < tostring(b.originator)
end

local entry_meta = { __name = "scsp.entry" }
function entry_meta.__tostring(e)
	return ("%s: %s  of %s, seq 0x%08x%s"):format(shared.quoted(e.key),
	    e.tombstone and "(removed)" or shared.quoted(e.value),
	    e.originator, e.seq & 0xffffffff, e.own and ", own" or "")
end

local entries_meta = { __name = "scsp.entries" }
function entries_meta.__tostring(list)
	local out = {}
	for i, e in ipairs(list) do out[i] = tostring(e) end
	return #out > 0 and table.concat(out, "\n") or "(none)"
end

local function sorted(server)
	local list = core.cache_entries(server)
	table.sort(list, by_key)
	for _, e in ipairs(list) do setmetatable(e, entry_meta) end
	return setmetatable(list, entries_meta)
end

local cache_verbs = {}

function cache_verbs.put(c, key, value)
	return core.cache_put(rawget(c, 1), key, value)
end
function cache_verbs.get(c, key, originator)
	return core.cache_get(rawget(c, 1), key, originator)
end
function cache_verbs.remove(c, key)
	return core.cache_remove(rawget(c, 1), key)
end
-- Those that were removed too, as long as they are remembered.
function cache_verbs.entries(c) return sorted(rawget(c, 1)) end

local cache_meta = { __name = "scsp.cache" }

function cache_meta.__index(_, key)
	if cache_verbs[key] then return cache_verbs[key] end
	local words = {}
	for word in pairs(cache_verbs) do words[#words + 1] = word end
	table.sort(words)
	local near = core.nearest(tostring(key), words)
	core.fail(("a cache has no verb '%s'%s"):format(tostring(key), near and
	    (" (did you mean '%s'?)"):format(near) or " (" ..
	    table.concat(words, ", ") .. "; a value is cache:get(key))"))
end
function cache_meta.__newindex(_, key)
	core.fail(("a cache is written with cache:put(key, value) (key '%s')")
	    :format(tostring(key)))
end
function cache_meta.__len(c) return core.cache_len(rawget(c, 1)) end
function cache_meta.__tostring(c)
	local n = #c
	return ("%d entr%s"):format(n, n == 1 and "y" or "ies")
end

-- Live entries, key and value, in order of keys.
function cache_meta.__pairs(c)
	local list, i = sorted(rawget(c, 1)), 0
	return function()
		repeat i = i + 1 until not list[i] or not list[i].tombstone
		if list[i] then return list[i].key, list[i].value end
	end
end

local function cache(server) return setmetatable({ server }, cache_meta) end

function server_class.get.cache(s) return cache(s) end
function server_class.get.peers(s) return bag.bag(core.peers(s)) end
function server_class.get.aligned(s)
	local peers = core.peers(s)
	for _, p in ipairs(peers) do
		if not p.aligned then return false end
	end
	return #peers > 0
end
function peer_class.get.cache(p) return cache(p.a) end

-- Servers -------------------------------------------------------------------

function M.make(net_for)
	return function(name, opts)
		options("scsp.server", opts)
		local net = net_for("scsp.server", opts)
		local out = {}
		for key, value in pairs(opts) do out[key] = value end
		out.net = nil
		return core.scsp(net, name, out)
	end
end

-- Links ---------------------------------------------------------------------

local link_options = { hello = true, dead = true, key = true }

local function check_options(what, opts)
	require("marsh.knobs").check(what, opts, link_options)
	local key = opts.key
	if key ~= nil and type(key) ~= "string" and type(key) ~= "table" then
		core.fail(("key: a secret or { spi=, key=, lifetime= } "
		    .. "expected, got %s"):format(core.kind(key)))
	end
end

local function server(x, name)
	local node = core.find(nil, x, name)
	if node.kind == "scsp" then return node end
	core.fail(("%s: '%s' is a %s, which does not speak SCSP in this version")
	    :format(name, node.name, core.kind(node)))
end

-- The far side may be an ATM address in another program.
local function far(x)
	if type(x) == "string" and #x > 12 and not core.find(nil, x) then
		return x
	end
	return server(x, "b")
end

local function link(a, b, opts)
	local p, why, code = core.link(server(a, "a"), far(b), opts.hello,
	    opts.dead)
	if not p then return nil, why, code end
	if opts.key then
		local key = opts.key
		if type(key) == "string" then key = { key = key } end
		local ok
		ok, why, code = p:key(key)
		if not ok then return nil, why, code end
	end
	return p
end

local function peer(a, b, opts)
	opts = options("scsp.peer", opts or {})
	check_options("scsp.peer", opts)
	if a == nil or b == nil then
		core.fail "scsp.peer: two servers expected, as in scsp.peer(A, B)"
	end
	return link(a, b, opts)
end

-- scsp.mesh { A, B, C, hello = 1 }: servers first, then options.
local function split(what, t)
	if type(t) ~= "table" then t = { t } end
	local nodes, opts = {}, {}
	for key, value in pairs(t) do
		if math.type(key) ~= "integer" then opts[key] = value end
	end
	for _, item in ipairs(t) do
		for _, x in ipairs(core.list(item)) do
			nodes[#nodes + 1] = server(x, "server")
		end
	end
	check_options(what, opts)
	if #nodes < 2 then
		core.fail(("%s: two or more servers expected, as in %s { A, B, "
		    .. "C }"):format(what, what))
	end
	return nodes, opts
end

local function shape(what, pairs_of)
	return function(t)
		local nodes, opts = split(what, t)
		local out = {}
		for _, pair in ipairs(pairs_of(#nodes)) do
			local p, why, code = link(nodes[pair[1]],
			    nodes[pair[2]], opts)
			if not p then return nil, why, code end
			out[#out + 1] = p
		end
		return bag.bag(out)
	end
end

local function line(n)
	local out = {}
	for i = 1, n - 1 do out[i] = { i, i + 1 } end
	return out
end

local function ring(n)
	local out = line(n)
	if n > 2 then out[n] = { n, 1 } end
	return out
end

local function star(n)
	local out = {}
	for i = 2, n do out[i - 1] = { 1, i } end
	return out
end

local function mesh(n)
	local out = {}
	for i = 1, n do
		for j = i + 1, n do out[#out + 1] = { i, j } end
	end
	return out
end

M.table = {
	peer = peer,
	mesh = shape("scsp.mesh", mesh), line = shape("scsp.line", line),
	ring = shape("scsp.ring", ring), star = shape("scsp.star", star),
	format = core.scsp_format,
}

return M
