#!/usr/bin/env marsh
-- SPDX-License-Identifier: BSD-2-Clause
-- A chain of five servers splits, both halves change, and the split heals.  Only
-- the two at the split align again; all others must get what they missed from
-- their neighbours, though those never lost each other.
--
-- Shows RFC 2334 sections 2.2.3, 2.3 and B.2.0.2.  Taken to the letter, what was
-- solicited has a hop count of 1 and dies at the next server: with
-- literal_a18 the halves stay different for ever, and everybody calls itself
-- aligned.  A server that learns something new by soliciting has to flood it.

local names = { "A", "B", "C", "D", "E" }

local function chain(literal)
	local net = fabric { seed = 1 }
	local s = {}
	for i, name in ipairs(names) do
		s[i] = scsp.server(name, { net = net, id = i, hello = 1,
		    literal_a18 = literal })
	end
	return net, s, scsp.line(s)
end

-- What each server knows, one letter an entry.
local function known(s)
	local out = {}
	for i, server in ipairs(s) do
		local keys = {}
		for key in pairs(server.cache) do keys[#keys + 1] = key end
		out[i] = ("%s  %s"):format(server.name,
		    table.concat(keys, " "))
	end
	return table.concat(out, "\n")
end

local function split_and_heal(net, s)
	local f <close> = net:partition("A B C", "D E")
	run_until(function() return s[3].peers[2].hfsm ~= "Bidirectional" end,
	    60)
	say "cut between C and D; A, D and E change something"
	s[1].cache:put("left", "written by A")
	s[4].cache:put("right", "written by D")
	s[5].cache:remove "of-E"
	run_for(5)
	expect(#s[3].cache):is(6, "C has heard of the left side's change")
	expect(#s[5].cache):is(5, "E of the right side's")
	expect(s[3].cache:get "right"):is(nil, "and C of nothing beyond the cut")
end

local function together(links)
	return run_until(function()
		for _, p in ipairs(links) do
			if not p.aligned then return false end
		end
		return true
	end, 120)
end

-- While all are together, changes are flooded to the end of the chain.
local function write(s)
	for i, server in ipairs(s) do
		server.cache:put("of-" .. names[i], "at first")
	end
	run_for(5)
end

local net, s, links = chain(false)
expect(together(links)):is(true, "five servers in a chain align")
write(s)
settle()
for i = 2, 5 do
	expect(s[i].cache):is(s[1].cache, names[i] .. " knows what A knows")
end
split_and_heal(net, s)
local t = net.now
expect(together(links)):is(true, "the two ends of the cut align again")
run_for(5)
say(known(s))
say(net:ladder { from = t, max = 60 })
for i = 2, 5 do
	expect(s[i].digest):is(s[1].digest, names[i] .. " equals A again")
end
expect(s[1].cache:get "right"):is("written by D", "A knows what D wrote")
expect(s[1].cache:get "of-E"):is(nil, "and that E withdrew something")
expect(s[5].cache:get "left"):is("written by A", "E knows what A wrote")
expect(net:log { op = "CA", from = "A E", since = t }):none(
    "A and E did not have to align for that")
settle()
net:close()

say "the same, by the letter: hop count 1 for what was solicited"
net, s, links = chain(true)
together(links)
write(s)
expect(s[5].digest):is(s[1].digest, "before the cut all five are equal")
split_and_heal(net, s)
expect(together(links)):is(true, "by the letter, too, everybody is aligned")
run_for(300)
say(known(s))
expect(s[3].digest == s[4].digest):is(true, "C and D are equal")
expect(s[1].digest == s[5].digest):is(false, "but A and E never become so")
expect(s[1].cache:get "right"):is(nil, "A never hears of D's change")
expect(s[5].cache:get "left"):is(nil, "nor E of A's")
