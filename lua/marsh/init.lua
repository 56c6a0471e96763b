-- SPDX-License-Identifier: BSD-2-Clause
--
-- What every script starts with: the table `marsh`, and globals that appear
-- when they are first named.  Only this file is read at start.
--
-- Reading a global that does not exist is a mistake and says so, with the
-- nearest name there is.  Names that are not variables still mean something:
-- `net` is the newest net, `k` the newest lab, and a node's name that node.

local core = require "marsh.core"

-- global -> the module that brings it
local auto = {
	fabric = "marsh.make", atm = "marsh.make", mars = "marsh.make",
	mcs = "marsh.make", scsp = "marsh.make",
	run_for = "marsh.time", run_until = "marsh.time",
	settle = "marsh.time", wait = "marsh.time", sleep = "marsh.time",
	lab = "marsh.lab", expect = "marsh.expect", say = "marsh.expect",
	help = "marsh.help", dump = "marsh.pretty",
}

-- For scripts that need faults, or hours: |why| says what for.
local function fabric_only(why)
	if core.config().atm then
		core.fail(("this script is for the fabric (%s): run it "
		    .. "without --bind atm"):format(why))
	end
end

marsh = setmetatable({ version = "0.1", core = core, command = core.command,
    fabric_only = fabric_only }, {
	__index = function(t, key)
		if key == "commands" then
			t.commands = require "marsh.commands"
			return t.commands
		elseif key == "show_values" then
			return require("marsh.pretty").show_values
		end
	end,
})

local function bring(name)
	for key, value in pairs(require(auto[name]).globals) do
		if rawget(_G, key) == nil then rawset(_G, key, value) end
	end
	return rawget(_G, name)
end

local function meant(name)
	if name == "k" then return marsh.lab end
	if type(name) ~= "string" or not core.current() then return nil end
	if name == "net" then return core.current() end
	return core.find(nil, name)
end

local function suggest(name)
	local words = {}
	for key in pairs(_G) do
		if type(key) == "string" then words[#words + 1] = key end
	end
	for key in pairs(auto) do words[#words + 1] = key end
	if core.current() then
		for _, n in ipairs(core.nodes(core.current())) do
			words[#words + 1] = n.name
		end
	end
	table.sort(words)
	local near = core.nearest(name, words)
	return near and (" (did you mean '%s'?)"):format(near) or ""
end

marsh.autoload = auto

setmetatable(_G, {
	__index = function(_, name)
		if auto[name] then return bring(name) end
		local value = meant(name)
		if value ~= nil then return value end
		core.fail(("no variable is called '%s'%s"):format(
		    tostring(name), suggest(tostring(name))))
	end,
})
