-- SPDX-License-Identifier: BSD-2-Clause
--
-- What the commands of the shell do.  Each function is called by the row of its
-- name with one table: key -> text, as the row's arguments say.  A refusal of
-- the world becomes an error that the prompt prints.

local core = require "marsh.core"
require "marsh.make"
local time = require "marsh.time"

local M = {}

-- nil, why, code -> error
local function must(what, value, why)
	if value == nil and why then error(what .. ": " .. why, 0) end
	return value
end

local function net()
	return core.current() or
	    error("there is no net yet: 'load lab.one' makes one", 0)
end

local function node(a, key)
	return core.find(net(), a[key or "node"], key or "node")
end

local function nodes(a, key)
	local out = {}
	for i, name in ipairs(core.list(a[key])) do
		out[i] = core.find(net(), name, key)
	end
	return out
end

local function number(a, key) return a[key] and tonumber(a[key]) end

local function whole(a, key)
	local v = number(a, key)
	return v and math.tointeger(v) or
	    v and error(key .. ": a whole number expected", 0)
end

local function say(...) io.stdout:write(table.concat { ... }, "\n") end

-- What is no command: a word of Lua's help, or the name of an object.
function M.help(a)
	local help = require "marsh.help"
	local word = a.word:match "^[\"'](.*)[\"']$" or a.word
	local object = rawget(_G, word)
	if object ~= nil and not help.texts[word] then
		return help.globals.help(object)
	end
	if not help.texts[word] then error(help.about(word), 0) end
	say(help.texts[word])
end

-- Nodes -----------------------------------------------------------------------

function M.kill(a)
	local back = number(a, "back")
	must("kill", node(a):kill { back = back })
	say(a.node, " is dead", back and (", back in %g s"):format(back) or "")
end

function M.restart(a)
	must("restart", node(a):restart { cold = a.cold ~= nil })
	say(a.node, " is up again, ", a.cold and "its memory empty" or
	    "what it knew kept")
end

function M.hang(a)
	must("hang", node(a):hang())
	say(a.node, " hangs: its VCs stand, nobody answers")
end

function M.stop(a)
	must("stop", node(a):stop())
	say(a.node, " has stopped in order")
end

function M.redirect(a)
	must("redirect", node(a):redirect(nodes(a, "list"), { hard = a.mode == "hard",
	    only = a.only and nodes(a, "only") }))
end

-- Members -----------------------------------------------------------------------

function M.register(a) must("register", node(a):register()) end
function M.deregister(a) must("deregister", node(a):deregister()) end
function M.join(a) must("join", node(a):join(a.group)) end
function M.leave(a) must("leave", node(a):leave(a.group)) end
function M.send(a) must("send", node(a):send(a.group, whole(a, "n"))) end

function M.flow(a)
	local f = must("flow", node(a):flow(a.group, number(a, "pps")))
	say(tostring(f))
end

local function answer(a)
	if not core.run_until(net(), function() return a.done end, 120) then
		error("no answer within 120 s", 0)
	end
	say(a.nak and "nobody (MARS_NAK)" or #a == 0 and "none" or tostring(a))
end

function M.request(a) answer(must("request", node(a):request(a.group))) end
function M.grouplist(a) answer(must("grouplist", node(a):grouplist(a.group))) end
function M.blind(a) must("blind", node(a):blind(number(a, "seconds"))) end

-- SCSP ----------------------------------------------------------------------------

function M.put(a)
	local value = a.value:match '^"(.*)"$' or a.value:match "^'(.*)'$" or
	    a.value
	must("put", node(a).cache:put(a.key, value))
end

function M.remove(a) must("remove", node(a).cache:remove(a.key)) end

function M.solicit(a)
	local asks, asked = node(a), node(a, "other")
	for _, p in ipairs(core.peers(asks)) do
		if p.b == asked then
			return must("solicit", p:solicit(a.key, a.of))
		end
	end
	error(("solicit: %s has no link with %s"):format(a.node, a.other), 0)
end

-- Faults -------------------------------------------------------------------------

local function made(what, f, why)
	must(what, f, why)
	say(tostring(f))
end

function M.cut(a) made("cut", net():cut(node(a, "a"), node(a, "b"))) end

function M.partition(a)
	local sides = {}
	for _, key in ipairs { "a", "b", "c", "d" } do
		if a[key] then sides[#sides + 1] = nodes(a, key) end
	end
	made("partition", net():partition(table.unpack(sides)))
end

local function message(a)
	return a.op ~= "ANY" and a.op or nil
end

function M.loss(a)
	made("loss", net():loss { op = message(a), from = a.from, to = a.to,
	    n = whole(a, "n"), p = number(a, "p") })
end

function M.lag(a)
	made("lag", net():lag { op = message(a), from = a.from, to = a.to,
	    by = number(a, "by") })
end

function M.refuse(a) made("refuse", net():refuse(node(a), whole(a, "cause"))) end
function M.heal(a) must("heal", net():heal(whole(a, "fault"))) end

-- Time -----------------------------------------------------------------------------

function M.run(a)
	local n = net()
	local events = n.events
	time.run_for(number(a, "seconds"))
	say(("now %.3f s, %d events"):format(n.now, n.events - events))
end

M["until"] = function(a) say(require "marsh.until"(net(), a.what)) end

-- The number of the newest event, or 0.
local function newest(n)
	local log = core.log(n, { since = n.now, till = n.now })
	return #log > 0 and log[-1].seq or 0
end

-- What an event was may be seen from what it left in the log.
function M.step(a)
	local n = net()
	local since, seq = n.now, newest(n)
	if core.step(n, whole(a, "n") or 1) == 0 then
		return say "nothing more will happen"
	end
	local log = core.log(n, { since = since, till = n.now })
	local told = false
	for i = 1, #log do
		if log[i].seq > seq then
			say(log:line(i))
			told = true
		end
	end
	if not told then
		say(("now %.3f s: nothing to tell"):format(n.now))
	end
end

-- The session ------------------------------------------------------------------------

local function value_of(text)
	if text == "true" then return true end
	if text == "false" then return false end
	return math.tointeger(tonumber(text)) or tonumber(text) or text
end

function M.load(a)
	local name = a.topology:match "^lab%.(%w+)$" or a.topology
	local knobs = {}
	for key, value in (a.knobs or ""):gmatch "([%w_]+)=([^%s]+)" do
		knobs[key] = value_of(value)
	end
	local made = lab[name](knobs)
	rawset(_G, "k", made)
	say(tostring(made))
	-- The scenarios' own names for groups serve at the prompt too.
	for _, group in ipairs { "X", "Y" } do
		rawset(_G, group, made[group])
	end
	say(("X is %s, Y is %s; k is the lab; try 'show cluster'")
	    :format(made.X, made.Y))
end

return M
