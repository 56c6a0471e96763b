-- SPDX-License-Identifier: BSD-2-Clause
--
-- Bare ports: net:raw "R".  What comes in waits in the port's queue until :recv
-- or :next takes it; once a callback is there, callbacks take everything.

local core = require "marsh.core"
local time = require "marsh.time"
local shared = require "marsh.notes"
local options = shared.options

local class = core.class "raw"
local call = class.call
local node_on = core.class("mars.server").call.on

local net_call = core.class("net").call

function net_call.raw(net, name, opts)
	return core.raw(net, name, options("raw", opts or {}))
end

-- Who a frame came from is known of its VC.
local function take(port)
	local i = core.raw_take(port)
	if i and i.kind == "frame" then
		local vc = port.vcs[i.ref]
		i.peer = vc and not vc.multi and vc.peer or nil
	end
	return i
end

local function wait_for(port, timeout, wanted)
	local got
	timeout = timeout == nil and 60 or timeout
	if type(timeout) ~= "number" or timeout < 0 then
		core.fail(("timeout: a number of seconds expected, got %s")
		    :format(core.kind(timeout)))
	end
	time.until_in(port.net, function()
		while not got do
			local i = take(port)
			if not i then return false end
			if not wanted or i.kind == wanted then got = i end
		end
		return true
	end, timeout)
	if got then return got end
	return nil, ("nothing came within %g s"):format(timeout), "timeout"
end

-- The next indication of any kind: ack, call, failed, dropped, released, frame.
function call.next(port, timeout) return wait_for(port, timeout) end

-- The next frame: its octets, the VC's reference, and who sent it.
function call.recv(port, timeout)
	local i, why, code = wait_for(port, timeout, "frame")
	if not i then return nil, why, code end
	return i.bytes, i.ref, i.peer
end

local kinds = { frame = "recv", ack = "state", call = "state",
    failed = "state", dropped = "state", released = "state" }

-- One subscription each serves all callbacks of a port, while it has some.
local function serve(port, note)
	if note.served then return end
	local function deliver()
		for i in function() return take(port) end do
			for _, fn in ipairs { table.unpack(note.handlers[i.kind]
			    or {}) } do
				time.spawn(port.net, fn, i)
			end
		end
	end
	note.served = { node_on(port, "recv", deliver),
	    node_on(port, "state", deliver) }
end

local function unserve(note)
	for _, list in pairs(note.handlers) do
		if #list > 0 then return end
	end
	for _, h in ipairs(note.served or {}) do h:cancel() end
	note.served = nil
end

function call.on(port, kind, fn)
	if not kinds[kind] then return node_on(port, kind, fn) end
	if type(fn) ~= "function" then
		core.fail(("fn: a function expected, got %s"):format(
		    core.kind(fn)))
	end
	local note = shared.notes(port.net, port.name)
	note.handlers = note.handlers or {}
	local list = note.handlers[kind] or {}
	note.handlers[kind] = list
	list[#list + 1] = fn
	serve(port, note)
	return time.handle(function()
		for i, other in ipairs(list) do
			if other == fn then table.remove(list, i) break end
		end
		unserve(note)
	end)
end
