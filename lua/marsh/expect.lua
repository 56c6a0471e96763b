-- SPDX-License-Identifier: BSD-2-Clause
--
-- expect(x):is(y) and its kin: what a script judges, as lines of TAP.  Names
-- and nodes are the same thing here, and a list may be written "M2 M1".

local core = require "marsh.core"
local bag = require "marsh.bag"
local pretty = require "marsh.pretty"

local nodes = { ["mars.server"] = true, ["mars.client"] = true,
    ["scsp.server"] = true, raw = true }

-- Values as they are compared: nodes are their names, lists plain tables.
local function plain(v)
	local kind = core.kind(v)
	if nodes[kind] then return v.name end
	if kind == "log" or kind == "bag" or kind == "list" or kind == "answer"
	then
		local out = {}
		for i = 1, #v do out[i] = plain(v[i]) end
		return out
	end
	if kind == "table" or kind == "scsp.cache" then
		local out = {}
		for key, value in pairs(v) do
			if key ~= "hard" or #v == 0 then
				out[key] = plain(value)
			end
		end
		return out
	end
	return v
end

local function same(a, b)
	if a == b then return true end
	if type(a) ~= "table" or type(b) ~= "table" then return false end
	for key, value in pairs(a) do
		if not same(value, b[key]) then return false end
	end
	for key in pairs(b) do
		if a[key] == nil then return false end
	end
	return true
end

local function is_list(t)
	return type(t) == "table" and (#t > 0 or next(t) == nil)
end

local function joined(t)
	local words = {}
	for i = 1, #t do words[i] = tostring(t[i]) end
	return table.concat(words, " ")
end

-- A list in any form: "M2 M1", a table, a bag, a query, nil for nothing.
local function items(v)
	if type(v) == "string" then return plain(bag.names(v)) end
	if v == nil or v == false then return {} end
	v = plain(v)
	return type(v) == "table" and v or { v }
end

local function shown(v) return pretty.short(v) end

local function place()
	return (core.where():gsub(": $", ""))
end

local function judge(ok, text, what, wanted, found)
	local at = place()
	if what ~= nil and type(what) ~= "string" then
		core.fail "the last argument says what is shown: a string"
	end
	core.tap(ok, what or ("%s: %s"):format(at, text))
	if not ok then
		io.stdout:write("#   at ", at, "\n#   wanted: ", wanted,
		    "\n#   found:  ", found, "\n")
	end
	return ok
end

-- Expectations that no verb has judged yet: number -> where they stand.  The end
-- of the script counts what is left.
local open = { n = 0 }
core.meta("marsh.unjudged", open)
local number_of = setmetatable({}, { __mode = "k" })

local function opened(e)
	open.n = open.n + 1
	open[open.n] = place()
	number_of[e] = open.n
	return e
end

local function closed(e)
	local number = number_of[e]
	if not number then return end
	number_of[e], open[number] = nil, nil
	while open.n > 0 and not open[open.n] do open.n = open.n - 1 end
end

local verbs = {}

local function equal(x, y)
	x, y = plain(x), plain(y)
	if type(y) == "string" and is_list(x) then return joined(x) == y end
	return same(x, y)
end

function verbs.is(e, y, what)
	return judge(equal(e[1], y), "is " .. shown(y), what, shown(y),
	    shown(e[1]))
end

function verbs.is_not(e, y, what)
	return judge(not equal(e[1], y), "is not " .. shown(y), what,
	    "anything but " .. shown(y), shown(e[1]))
end

-- Both sides as lists; words of a string may be numbers on the other side.
local function sides(x, y)
	local a, b = items(x), items(y)
	if type(y) == "string" or type(x) == "string" then
		for i = 1, #a do a[i] = tostring(a[i]) end
		for i = 1, #b do b[i] = tostring(b[i]) end
	end
	return a, b
end

function verbs.list(e, y, what)
	local a, b = sides(e[1], y)
	return judge(same(a, b), "is the list " .. shown(b), what, shown(b),
	    shown(a))
end

local function as_set(t)
	local out = {}
	for i, v in ipairs(t) do out[i] = v end
	table.sort(out, function(a, b) return tostring(a) < tostring(b) end)
	return out
end

function verbs.set(e, y, what)
	local a, b = sides(e[1], y)
	a, b = as_set(a), as_set(b)
	return judge(same(a, b), "is the set " .. shown(b), what, shown(b),
	    shown(a))
end

function verbs.within(e, lo, hi, what)
	if type(lo) ~= "number" or type(hi) ~= "number" then
		core.fail "within: two numbers expected, within(lo, hi)"
	end
	local values = items(e[1])
	local ok = #values > 0
	for _, v in ipairs(values) do
		ok = ok and type(v) == "number" and v >= lo and v <= hi
	end
	local range = ("%g to %g"):format(lo, hi)
	return judge(ok, "is within " .. range, what, range, shown(e[1]))
end

function verbs.all(e, y, what)
	local values = items(e[1])
	local ok = #values > 0
	for _, v in ipairs(values) do ok = ok and equal(v, y) end
	return judge(ok, "are all " .. shown(y), what, "all " .. shown(y),
	    shown(e[1]))
end

local lists = { table = true, list = true, bag = true, log = true,
    answer = true, hosts = true, paths = true, counters = true, string = true,
    ["scsp.cache"] = true }

local function size(v)
	local kind = core.kind(v)
	if v == nil or v == false then return 0 end
	if not lists[kind] then
		core.fail(("a list expected, got %s"):format(tostring(v)))
	end
	if kind == "string" then return #bag.names(v) end
	if kind == "table" and #v == 0 then
		local n = 0
		for _ in pairs(v) do n = n + 1 end
		return n
	end
	return #v
end

-- What was counted, at most a few lines of it.
local function sample(v, n)
	if n == 0 or core.kind(v) ~= "log" then return shown(v) end
	local lines = {}
	for i = 1, math.min(n, 5) do
		lines[#lines + 1] = "\n#     " .. v:line(i)
	end
	if n > 5 then lines[#lines + 1] = "\n#     ..." end
	return tostring(n) .. table.concat(lines)
end

function verbs.count(e, n, what)
	if math.type(n) ~= "integer" then
		core.fail "count: a whole number expected"
	end
	local found = size(e[1])
	return judge(found == n, "count is " .. n, what, tostring(n),
	    sample(e[1], found))
end

function verbs.none(e, what)
	local n = size(e[1])
	return judge(n == 0, "is nothing", what, "nothing", sample(e[1], n))
end

function verbs.has(e, y, what)
	local ok = false
	for _, v in ipairs(items(e[1])) do ok = ok or equal(v, y) end
	return judge(ok, "has " .. shown(y), what, shown(y), shown(e[1]))
end

function verbs.truthy(e, what)
	return judge(e[1] and true or false, "holds", what, "true",
	    shown(e[1]))
end

local expect_meta = { __name = "expectation" }

function expect_meta.__index(e, key)
	if key == 1 then return nil end -- expect(nil)
	closed(e)
	if verbs[key] then return verbs[key] end
	local words = {}
	for word in pairs(verbs) do words[#words + 1] = word end
	table.sort(words)
	local near = core.nearest(tostring(key), words)
	core.fail(("expect(...) has no verb '%s'%s"):format(tostring(key),
	    near and (" (did you mean '%s'?)"):format(near) or
	    " (" .. table.concat(words, ", ") .. ")"))
end

local function expect(...)
	if select("#", ...) == 0 then
		core.fail "expect: a value expected, as in expect(M1.role)"
	end
	return opened(setmetatable({ (...) }, expect_meta))
end

-- Narration: comments of the TAP stream, left out with --quiet.
local function say(...)
	if core.config().quiet then return end
	local words = {}
	for i = 1, select("#", ...) do
		words[i] = tostring((select(i, ...)))
	end
	for line in (table.concat(words, " ") .. "\n"):gmatch "(.-)\n" do
		io.stdout:write("# ", line, "\n")
	end
end

return { globals = { expect = expect, say = say } }
