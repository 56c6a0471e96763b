-- SPDX-License-Identifier: BSD-2-Clause
--
-- Completion of Lua at the prompt: the names that may stand where the text
-- ends.  Only fields that are plain to read are walked; nothing is called.

local core = require "marsh.core"

local keywords = { "and", "break", "do", "else", "elseif", "end", "false",
    "for", "function", "goto", "if", "in", "local", "nil", "not", "or",
    "repeat", "return", "then", "true", "until", "while" }

local function add(out, t)
	for key in pairs(t) do
		if type(key) == "string" and key:match "^[%a_][%w_]*$" and
		    not key:match "^__" then
			out[key] = true
		end
	end
end

local function globals(out)
	add(out, _G)
	add(out, marsh.autoload)
	for _, word in ipairs(keywords) do out[word] = true end
	if core.current() then
		out.net = true
		for _, n in ipairs(core.nodes(core.current())) do
			out[n.name] = true
		end
	end
	if marsh.lab then out.k = true end
end

local lab_names = { "net", "X", "Y", "name", "clients", "servers", "flows",
    "active", "log", "meter", "where", "on" }

local function object_names(v, sep, out)
	local kind = core.kind(v)
	if type(v) == "userdata" then
		local class = core.class(kind)
		if sep == "." then add(out, class.get) end
		add(out, class.call)
	elseif kind == "bag" then
		if v[1] then object_names(v[1], sep, out) end
		for _, item in ipairs(v) do
			if core.kind(item):match "%.server$" or
			    core.kind(item):match "%.client$" then
				out[item.name] = true
			end
		end
	elseif kind == "lab" then
		for _, word in ipairs(lab_names) do out[word] = true end
		for _, n in ipairs(core.nodes(v.net)) do out[n.name] = true end
	elseif type(v) == "table" then
		add(out, v)
	elseif type(v) == "string" then
		add(out, string)
	end
end

local function walk(path)
	local v
	for i, name in ipairs(path) do
		local ok, value = pcall(function()
			if i == 1 then return _G[name] end
			return v[name]
		end)
		if not ok or value == nil then return nil end
		v = value
	end
	return v
end

return function(text)
	local chain = text:match "[%a_][%w_%.:]*$" or ""
	local head, sep, part = chain:match "^(.*)([%.:])([%w_]*)$"
	local names, out = {}, {}
	if head then
		local path = {}
		for word in head:gmatch "[^%.:]+" do path[#path + 1] = word end
		local v = walk(path)
		if v ~= nil then object_names(v, sep, names) end
	else
		part = chain
		globals(names)
	end
	for name in pairs(names) do
		if name:sub(1, #part) == part then
			out[#out + 1] = head and head .. sep .. name or name
		end
	end
	table.sort(out)
	return #out > 0 and table.concat(out, "\n") .. "\n" or ""
end
