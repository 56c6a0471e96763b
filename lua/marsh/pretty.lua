-- SPDX-License-Identifier: BSD-2-Clause
--
-- Values for people: short in a line, or unfolded with dump(x).

local core = require "marsh.core"

local M = {}

local function escape(s)
	return (s:gsub("[%c\127]", function(c)
		return c == "\n" and "\\n" or ("\\x%02x"):format(c:byte())
	end))
end

local function sorted_keys(t)
	local keys = {}
	for key in pairs(t) do keys[#keys + 1] = key end
	table.sort(keys, function(a, b)
		if math.type(a) and math.type(b) then return a < b end
		if math.type(a) then return true end
		if math.type(b) then return false end
		return tostring(a) < tostring(b)
	end)
	return keys
end

local function number(v)
	if math.type(v) == "float" and v == math.floor(v) and
	    math.abs(v) < 1e15 then
		return ("%d"):format(v)
	end
	return math.type(v) == "float" and ("%.6g"):format(v) or tostring(v)
end

local short

local function short_table(t, depth)
	if depth > 3 then return "{...}" end
	local out = {}
	for i = 1, #t do out[i] = short(t[i], depth + 1) end
	for _, key in ipairs(sorted_keys(t)) do
		if not (math.type(key) == "integer" and key >= 1 and
		    key <= #t) then
			local name = type(key) == "string" and
			    key:match "^[%a_][%w_]*$" or
			    "[" .. short(key, depth + 1) .. "]"
			out[#out + 1] = name .. "=" .. short(t[key], depth + 1)
		end
		if #out > 30 then
			out[#out + 1] = "..."
			break
		end
	end
	return "{" .. table.concat(out, ", ") .. "}"
end

-- One line.  Lists of names print as they may be written: "M2 M1".
function short(v, depth)
	depth = depth or 0
	local kind = core.kind(v)
	if kind == "string" then
		return depth > 0 and ("%q"):format(escape(v)):gsub("\\\n",
		    "\\n") or escape(v)
	elseif kind == "number" then
		return number(v)
	elseif kind == "list" or kind == "bag" then
		local text = tostring(v)
		return text == "" and "(none)" or escape(text)
	elseif kind == "log" then
		return ("%d events"):format(#v)
	elseif kind == "table" or kind == "counters" then
		if kind == "table" and next(v) == nil then return "(none)" end
		return short_table(v, depth)
	end
	return escape(tostring(v))
end
M.short = function(v) return short(v) end

-- A cache: key -> value, with whose it is.
local function entries_of(cache)
	local out = {}
	for _, e in ipairs(cache:entries()) do
		local text = e.tombstone and "(removed)" or short(e.value, 1)
		local line = ("%s  of %s, seq 0x%08x"):format(text,
		    e.originator, e.seq & 0xffffffff)
		local key = e.key
		if out[key] then key = key .. " of " .. e.originator end
		out[key] = setmetatable({}, { __tostring = function()
			return line
		end, __name = "entry" })
	end
	return out
end

-- Objects unfold into their fields.
local function fields_of(v)
	local kind = core.kind(v)
	if kind == "scsp.cache" then return entries_of(v) end
	if type(v) == "userdata" then
		if kind == "log" then
			local out = {}
			for i = 1, math.min(#v, 50) do out[i] = v:line(i) end
			return out
		end
		local out = {}
		for key in pairs(core.class(kind).get) do
			if type(key) == "string" then
				local ok, value = pcall(function()
					return v[key]
				end)
				out[key] = ok and value or nil
			end
		end
		return out
	end
	return v
end

local function leaf(v)
	local kind = core.kind(v)
	return type(v) ~= "table" and (type(v) ~= "userdata") or
	    kind == "list" or kind == "bag" or kind == "entry"
end

local function unfold(v, indent, seen, out, depth)
	local pad = ("  "):rep(indent)
	if seen[v] or depth > 5 then
		out[#out + 1] = pad .. "..."
		return
	end
	seen[v] = true
	local t = fields_of(v)
	for _, key in ipairs(sorted_keys(t)) do
		local value = t[key]
		local kind = core.kind(value)
		if value == 0 and core.kind(t) == "counters" then
			goto next -- what did not happen is not worth a line
		end
		if leaf(value) or type(value) == "userdata" then
			local text = type(value) == "string" and
			    core.kind(v) == "log" and value or short(value)
			out[#out + 1] = ("%s%s: %s"):format(pad, short(key),
			    text)
		elseif kind == "counters" or next(value) ~= nil or
		    getmetatable(value) then
			local head = #out + 1
			out[head] = pad .. short(key) .. ":"
			unfold(value, indent + 1, seen, out, depth + 1)
			if #out == head then out[head] = out[head] .. " -" end
		else
			out[#out + 1] = pad .. short(key) .. ": (none)"
		end
		::next::
	end
	seen[v] = nil
end

function M.long(v)
	if leaf(v) then return short(v) end
	local out = {}
	unfold(v, 0, {}, out, 0)
	return #out == 0 and "(none)" or table.concat(out, "\n")
end

local function dump(...)
	if select("#", ...) == 0 then
		core.fail "dump: a value expected, as in dump(M1.cache)"
	end
	io.stdout:write(M.long((...)), "\n")
end

-- At the prompt -----------------------------------------------------------------

local LINES = 40

-- The newest events, as lines.
local function show_log(v)
	local n = #v
	local out = {}
	if n > LINES then
		out[1] = ("... %d events before"):format(n - LINES)
	end
	for i = math.max(1, n - LINES + 1), n do out[#out + 1] = v:line(i) end
	return n == 0 and "(no events)" or table.concat(out, "\n")
end

M.log = show_log

local function show_server(s)
	return ("%s: %s, map %s, clients %s"):format(s.name, s.role,
	    short(s.map), short(s.ccvc.leaves))
end

local function show_client(c)
	return ("%s: %s, MARS %s, CMI %d, groups %s"):format(c.name, c.state,
	    c.mars or "none", c.cmi, short(c.groups))
end

-- Drawings and tables keep their lines, and their colours where there are any;
-- anything else that is not text does not reach the terminal.
local function show_text(text)
	local color = core.config().color
	local plain = text:gsub("()([%c\127])", function(at, c)
		if c == "\n" or c == "\t" or
		    color and text:find("^\27%[[%d;]*m", at) then
			return nil
		end
		return ("\\x%02x"):format(c:byte())
	end)
	-- C1 controls and marks that turn the direction of writing
	for _, hidden in ipairs { "\xc2[\x80-\x9f]", "\xe2\x80[\xaa-\xae]",
	    "\xe2\x81[\xa6-\xa9]" } do
		plain = plain:gsub(hidden, function(s)
			return ("\\u{%x}"):format(utf8.codepoint(s))
		end)
	end
	return plain
end

local function show_scsp(s)
	return ("%s: %s, %s, peers %s"):format(s.name, s.state,
	    tostring(s.cache), short(s.peers))
end

local one = {
	log = show_log,
	["mars.server"] = show_server,
	["mars.client"] = show_client,
	["scsp.server"] = show_scsp, ["scsp.cache"] = M.long,
	["scsp.entries"] = tostring, ["scsp.entry"] = tostring,
	string = show_text,
	cache = M.long, counters = M.long, meter = M.long, hosts = M.long,
	paths = M.long, receivers = M.long,
}

-- What an expression came to; a refusal in words.
function M.show_values(...)
	local n = select("#", ...)
	local first, why, code = ...
	if n == 3 and first == nil and type(why) == "string" and
	    type(code) == "string" then
		io.stdout:write("refused: ", escape(why), " (", code, ")\n")
		return
	end
	if n == 1 and one[core.kind(first)] then
		local text = one[core.kind(first)](first)
		io.stdout:write(text, text:sub(-1) == "\n" and "" or "\n")
		return
	end
	local out = {}
	for i = 1, n do out[i] = short((select(i, ...))) end
	io.stdout:write(table.concat(out, "\t"), "\n")
end

M.globals = { dump = dump }
return M
