-- SPDX-License-Identifier: BSD-2-Clause
--
-- Two small things that several modules need.

local core = require "marsh.core"

local M = {}

-- What Lua keeps about a net: core.data(net) is a table of its own.
function M.notes(net, name)
	local data = core.data(net)
	data.nodes = data.nodes or {}
	data.nodes[name] = data.nodes[name] or {}
	return data.nodes[name]
end

-- Octets as they may be shown in a line.
function M.quoted(s)
	return '"' .. (s:gsub("[%c\127\"\\]", function(c)
		return c:find "[\"\\]" and "\\" .. c or
		    ("\\x%02x"):format(c:byte())
	end)) .. '"'
end

function M.options(what, opts)
	if type(opts) == "table" then return opts end
	core.fail(("%s: a table of options expected, got %s"):format(what,
	    core.kind(opts)))
end

return M
