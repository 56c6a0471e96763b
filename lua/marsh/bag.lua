-- SPDX-License-Identifier: BSD-2-Clause
--
-- Lists and bags.  A list is plain values that print in a line; the C half
-- makes them too.  A bag is objects: a field of the bag is the list of that
-- field of each, a verb of the bag calls it on each.

local core = require "marsh.core"

local M = {}

local function join(t)
	local words = {}
	for i = 1, #t do words[i] = tostring(t[i]) end
	return table.concat(words, " ")
end

-- Lists ---------------------------------------------------------------------

local list_verbs = {}

function list_verbs.has(list, item)
	for i = 1, #list do
		if list[i] == item or list[i] == tostring(item) then
			return true
		end
	end
	return false
end

function list_verbs.sorted(list)
	local copy = M.list {}
	table.move(list, 1, #list, 1, copy)
	table.sort(copy, function(a, b) return tostring(a) < tostring(b) end)
	return copy
end

local list_meta = {
	__name = "list",
	__tostring = join,
	__concat = function(a, b) return tostring(a) .. tostring(b) end,
	__eq = function(a, b) return join(a) == join(b) end,
	__index = function(_, key)
		if type(key) ~= "string" then return nil end
		return list_verbs[key] or core.fail(
		    ("a list has no field '%s'"):format(key))
	end,
}

function M.list(t) return setmetatable(t, list_meta) end

-- "M2 M1", {"M2", M1}, M2 -> list of names
function M.names(x)
	local out = core.list(x)
	for i = 1, #out do
		if type(out[i]) == "userdata" then out[i] = out[i].name end
	end
	return out
end

-- Counters ------------------------------------------------------------------

local function no_counter(t, key)
	local words = {}
	for name in pairs(t) do words[#words + 1] = name end
	table.sort(words)
	local near = core.nearest(tostring(key), words)
	core.fail(("no counter is called '%s'%s"):format(tostring(key),
	    near and (" (did you mean '%s'?)"):format(near) or ""))
end

local counters_meta = {
	__name = "counters",
	__index = function(t, key)
		if type(key) ~= "string" then return nil end
		return no_counter(t, key)
	end,
}

-- By kind of message: MAP is short for REDIRECT_MAP, case does not matter.
local ops_meta = {
	__name = "counters",
	__index = function(t, key)
		if type(key) ~= "string" then return nil end
		local op = core.op(key)
		return op and rawget(t, op) or no_counter(t, key)
	end,
}

-- What a flow has for receivers that nothing was sent to yet.
local receivers_meta = {
	__name = "receivers",
	__index = function(t, key)
		if type(key) == "userdata" then
			local found = rawget(t, key.name)
			if found then return found end
			key = key.name
		end
		if type(key) ~= "string" then return nil end
		if core.find(nil, key) then
			return setmetatable({ expected = 0, received = 0,
			    lost = 0, dup = 0, refl = 0 }, counters_meta)
		end
		return no_counter(t, key)
	end,
}

function M.counters(t) return setmetatable(t, counters_meta) end
function M.ops(t) return setmetatable(t, ops_meta) end

core.meta("marsh.list", list_meta)
core.meta("marsh.counters", counters_meta)
core.meta("marsh.ops", ops_meta)
core.meta("marsh.receivers", receivers_meta)

-- Bags ----------------------------------------------------------------------

local items_of = setmetatable({}, { __mode = "k" })
local bag_meta = { __name = "bag" }

function M.bag(items)
	local b = setmetatable({}, bag_meta)
	items_of[b] = items
	return b
end

local function name_of(item)
	local kind = core.kind(item)
	if kind == "flow" then return item.from end
	if kind == "vc" then return tostring(item) end
	return item.name
end

-- Of links also by who is at the far side.
local function by_name(items, name)
	for _, item in ipairs(items) do
		if name_of(item) == name or core.kind(item) == "scsp.peer" and
		    tostring(item.b) == name then
			return item
		end
	end
end

-- A verb of the bag: the results in order, or the first refusal.
local function call_each(verb)
	return function(self, ...)
		local items = items_of[self]
		if not items then
			core.fail(("%s: call it with ':', as in "
			    .. "k.clients:%s(...)"):format(verb, verb))
		end
		local out = M.list {}
		for i, item in ipairs(items) do
			local value, why, code = item[verb](item, ...)
			if value == nil and why then
				return nil, name_of(item) .. ": " .. why, code
			end
			out[i] = value == nil and true or value
		end
		return out
	end
end

function bag_meta.__index(b, key)
	local items = items_of[b]
	if type(key) == "number" then return items[key] end
	if type(key) == "userdata" then key = key.name end
	local found = by_name(items, key)
	if found or #items == 0 then return found or M.list {} end
	if core.class(core.kind(items[1])).call[key] then
		return call_each(key)
	end
	local out = M.list {}
	for i, item in ipairs(items) do
		local value = item[key]
		out[i] = value == nil and false or value
	end
	return out
end

function bag_meta.__newindex(_, key)
	core.fail(("fields of a bag are read, not set (field '%s')"):format(
	    tostring(key)))
end

function bag_meta.__len(b) return #items_of[b] end

function bag_meta.__pairs(b) return ipairs(items_of[b]) end

function bag_meta.__tostring(b)
	local words = {}
	for i, item in ipairs(items_of[b]) do words[i] = name_of(item) end
	return table.concat(words, " ")
end

-- k.clients "C1 C3": some of them
function bag_meta.__call(b, which)
	local out = {}
	for i, name in ipairs(M.names(which)) do
		out[i] = by_name(items_of[b], name) or
		    core.fail(("no '%s' among %s"):format(name, tostring(b)))
	end
	return M.bag(out)
end

function M.is_bag(x) return items_of[x] ~= nil end

return M
