-- SPDX-License-Identifier: BSD-2-Clause
--
-- Time and events.  Everything that happens by itself - net:at, net:every,
-- net:go, object:on - runs as a task, a coroutine that may sleep and wait.  The
-- script itself is no task: when it sleeps or waits, the world runs.

local core = require "marsh.core"

local M = {}
local task_net = setmetatable({}, { __mode = "k" }) -- coroutine -> its net

local function task()
	local co = coroutine.running()
	return task_net[co] and co
end

local function sched(net)
	local data = core.data(net)
	if not data.sched then
		data.sched = { timers = {}, last = 0, subs = {} }
	end
	return data.sched
end

local function seconds(value, name)
	if type(value) ~= "number" or value < 0 or value ~= value then
		core.fail(("%s: a number of seconds expected, got %s"):format(
		    name, tostring(value)))
	end
	return value
end

local function func(value, name)
	if type(value) ~= "function" then
		core.fail(("%s: a function expected, got %s"):format(name,
		    core.kind(value)))
	end
	return value
end

-- Tasks ---------------------------------------------------------------------

local function resume(co, ...)
	local ok, err = coroutine.resume(co, ...)
	if not ok then error(err, 0) end
end

local function spawn(net, fn, ...)
	local co = coroutine.create(fn)
	task_net[co] = net
	resume(co, ...)
end

-- A callback that can be taken back: h:cancel(), or at the end of its block.
local handle_meta = { __name = "callback" }
handle_meta.__index = {
	cancel = function(h)
		local off = rawget(h, "off")
		h.off = nil
		if off then off() end
		return true
	end,
}
handle_meta.__index.close = handle_meta.__index.cancel
handle_meta.__index.heal = handle_meta.__index.cancel
handle_meta.__close = handle_meta.__index.cancel

local function handle(off) return setmetatable({ off = off }, handle_meta) end

-- Timers --------------------------------------------------------------------

local function timer(net, t, fn)
	local s = sched(net)
	s.last = s.last % 0x7ffffffe + 1
	local token = s.last
	s.timers[token] = fn
	core.at(net, t, token)
	return function() s.timers[token] = nil end
end

local function on_timer(net, token)
	local timers = sched(net).timers
	local fn = timers[token]
	timers[token] = nil
	if fn then fn() end
end

local net_call = core.class("net").call

function net_call.at(net, t, fn)
	seconds(t, "t")
	func(fn, "fn")
	return handle(timer(net, t, function() spawn(net, fn) end))
end

function net_call.every(net, s, fn)
	if seconds(s, "s") <= 0 then
		core.fail("s: a number of seconds above 0 expected")
	end
	func(fn, "fn")
	local start, n, off = net.now, 0, nil
	local function tick()
		n = n + 1
		off = timer(net, start + (n + 1) * s, tick)
		spawn(net, fn)
	end
	off = timer(net, start + s, tick)
	return handle(function() off() end)
end

function net_call.go(net, fn)
	func(fn, "fn")
	return handle(timer(net, net.now, function() spawn(net, fn) end))
end

-- Events --------------------------------------------------------------------

local kinds

local function kind_bit(kind)
	kinds = kinds or core.kinds()
	if kinds[kind] then return kinds[kind] end
	local words = {}
	for word in pairs(kinds) do words[#words + 1] = word end
	table.sort(words)
	local near = type(kind) == "string" and core.nearest(kind, words)
	core.fail(("no event is called '%s'%s"):format(tostring(kind),
	    near and (" (did you mean '%s'?)"):format(near) or
	    " (" .. table.concat(words, ", ") .. ")"))
end

local function set_mask(net, subs)
	local mask = 0
	for kind, list in pairs(subs) do
		if next(list) then mask = mask | 1 << kind_bit(kind) end
	end
	core.mask(net, mask)
end

-- |fn| is called with each event of |kind| at |node| (nil: anywhere).
local function subscribe(net, node, kind, fn)
	local subs = sched(net).subs
	kind_bit(kind)
	subs[kind] = subs[kind] or {}
	local list = subs[kind]
	local sub = { node = node, fn = fn }
	list[#list + 1] = sub
	set_mask(net, subs)
	return function()
		for i, other in ipairs(list) do
			if other == sub then table.remove(list, i) break end
		end
		set_mask(net, subs)
	end
end

local function on_event(net, e)
	local list = sched(net).subs[e.kind]
	if not list then return end
	for _, sub in ipairs { table.unpack(list) } do
		if not sub.node or sub.node == e.node then sub.fn(e) end
	end
end

local function net_on(net, kind, fn)
	func(fn, "fn")
	return handle(subscribe(net, nil, kind,
	    function(e) spawn(net, fn, e) end))
end

local function node_on(node, kind, fn)
	func(fn, "fn")
	local net = node.net
	return handle(subscribe(net, node.name, kind,
	    function(e) spawn(net, fn, e) end))
end

net_call.on = net_on
core.class("mars.server").call.on = node_on
core.class("mars.client").call.on = node_on
core.class("scsp.server").call.on = node_on
core.hooks(on_event, on_timer)

-- Running -------------------------------------------------------------------

local function current(net)
	return net or core.current() or
	    core.fail "there is no net yet: make one with fabric{}"
end

local function sleep(s)
	seconds(s, "seconds")
	local co = task()
	if not co then return core.run(nil, s) end
	local net = task_net[co]
	timer(net, net.now + s, function() resume(co) end)
	coroutine.yield()
end

function M.run_for(s)
	sleep(s)
	return true
end

function M.run_until(fn, timeout)
	func(fn, "fn")
	if timeout ~= nil then seconds(timeout, "timeout") end
	local co = task()
	if not co then return core.run_until(nil, fn, timeout) end
	local net = task_net[co]
	local stop = timeout and net.now + timeout
	while not fn() do
		if stop and net.now >= stop then return false end
		sleep(0.1)
	end
	return true
end

-- The same in |net|, looking after each event; in a task others go on.
function M.until_in(net, fn, timeout)
	if task() then return M.run_until(fn, timeout) end
	return core.run_until(net, fn, timeout, true)
end

-- Whose events: a node, its name, a net, or a lab.
local function source(obj)
	local kind = core.kind(obj)
	if kind == "net" then return obj, nil end
	if kind == "lab" then return obj.net, nil end
	local node = core.find(nil, type(obj) == "userdata" and obj.name or obj,
	    "object")
	if type(obj) == "userdata" then node = obj end
	return node.net, node.name
end

local function wait_in_task(co, net, name, event, timeout)
	local off, stop
	local function back(e)
		off()
		if stop then stop() end
		resume(co, e)
	end
	off = subscribe(net, name, event, back)
	if timeout then stop = timer(net, net.now + timeout, back) end
	return coroutine.yield()
end

local function wait_in_script(net, name, event, timeout)
	local seen
	local off = subscribe(net, name, event, function(e) seen = seen or e end)
	local ok, err = pcall(core.run_until, net,
	    function() return seen end, timeout, true)
	off()
	if not ok then error(err, 0) end
	return seen
end

-- Returns the event, or nil, text, "timeout".
function M.wait(obj, event, timeout)
	local net, name = source(obj)
	kind_bit(event)
	if timeout ~= nil then seconds(timeout, "timeout") end
	local co = task()
	local e
	if co then
		e = wait_in_task(co, net, name, event, timeout)
	else
		e = wait_in_script(net, name, event, timeout)
	end
	if e then return e end
	return nil, ("no '%s' within %g s"):format(event, timeout or 0),
	    "timeout"
end

-- Judgement -----------------------------------------------------------------

local function report(net, n, text)
	core.violated(n)
	for line in text:gmatch "[^\n]+" do
		io.stdout:write(("# violated at %.6f s (seed %d): %s\n"):format(
		    net.now, net.seed, line))
	end
end

-- Runs until quiet, then asks for every invariant.
function M.settle(timeout)
	local net = current()
	if task() then core.fail "settle: not in a task" end
	timeout = timeout == nil and 600 or seconds(timeout, "timeout")
	local quiet, who, what = core.settle(net, timeout)
	local n, text = core.check(net, quiet)
	if n > 0 then
		report(net, n, text)
		return false, text, "violated"
	end
	if quiet then return true end
	local why = ("not quiet after %g s: %s %s"):format(timeout, who, what)
	io.stdout:write("# settle: ", why, "\n")
	return false, why, "timeout"
end

M.sleep, M.spawn, M.handle = sleep, spawn, handle
M.globals = { run_for = M.run_for, run_until = M.run_until,
    settle = M.settle, wait = M.wait, sleep = sleep }
return M
