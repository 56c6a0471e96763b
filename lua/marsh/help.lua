-- SPDX-License-Identifier: BSD-2-Clause
--
-- help(), help(object), help "word".  The texts are data: word -> lines.  An
-- object's help lists what its class really has, so it cannot be out of date.

local core = require "marsh.core"
require "marsh.make"

local texts = {}

texts[""] = [[
Objects have fields you read and verbs you call.  Start with a cluster:
  k = lab.one {}             one MARS, three clients, a group
  k = lab.ft {}              the same with three backup MARSs
  fabric {}  mars.server "M1" {}  mars.client "C1" { mars = "M1" }
  scsp.server "A" {}         a server of the cache protocol: help "scsp"
Let time pass and look:
  run_for(10)  run_until(fn, timeout)  settle()  wait(M1, "register", 60)
  k.net:draw()  k.net:ladder {}  k:where()  k:log { op = "JOIN" }  k:meter()
Break things:
  k.M1:kill { back = 30 }  k.M1:hang()  k.net:cut("C1", "M1")
  k.net:loss { n = 1 }
Judge:
  expect(k.C1.mars):is "M2"
More: help(k.M1), help(k.C1), help(k.net), help "redirect", help "knobs"]]

texts.fabric = [[
fabric { seed, uni, delay, jitter, loss, vcmax, leafmax, clock }
A new ATM network in virtual time.  clock="real" paces it by the wall clock.]]
texts.lab = [[
lab.one {}  lab.ft {}        ready-made clusters; they take knobs: help "knobs"
lab.orders(list)             iterates over every order of a list
lab.seeds(n)                 iterates over n seeds, from that of the command line
lab.race(make, acts)         a cluster for each order of the acts]]
texts.knobs = [[
Timers (seconds): rereg_lo rereg_hi (tau), rejoin_lo rejoin_hi (tau_j), reval_lo
reval_hi (tau_v), retransmit, loop_wait (W), map_silence (T_miss), map_interval
(T_map), purge, reply_wait, nak_lo nak_hi, leaf_retry_lo leaf_retry_hi,
data_idle, mars_idle.  tau=1 pins a delay, tau={1,5} bounds it.
Policy: list on_return election sync peer_loss mcs_memory mcs_late cmi assign
backups order repartition request_db.  In this version only sync="none" and the
defaults of the others work.]]
texts.run_for = "run_for(seconds): lets virtual time pass."
texts.run_until = [[
run_until(fn, timeout): runs until fn() holds; looks whenever all that happens at
one time has happened.  Returns whether it came to hold.]]
texts["until"] = [[
until M1 Active, until C1 Registered, until register, until C1 join: lets time
pass until a node has that role or state, or an event happens; without a node,
anybody's.  Anything else is a condition: until C1.cmi == 4.  run_until in Lua.]]
texts.command = [[
marsh.command { word=, args="node node: whom, [n number]", help=, example=, run= }
A command of your own; kinds of arguments: node nodes server client group op
number time prob file scsp choice(a|b) rest.  run(a): a.node, a.n ... are text.]]
texts.settle = [[
settle(timeout): runs until nothing but periodic upkeep happens, then checks the
invariants.  A violated one makes the exit status 7.]]
texts.wait = [[
wait(object, event, timeout): the next event of that kind at a node or in a net;
nil, text, "timeout" when there is none.  In net:go tasks other things go on.]]
texts.sleep = "sleep(seconds): in a task, lets the others go on; else run_for."
texts.expect = [[
expect(x):is(y)  :is_not(y)  :list "M2 M1"  :set "C1 C2"  :within(lo, hi)
:all(v)  :count(n)  :none()  :has(v)       a last argument says what it shows]]
texts.log = [[
k:log { op="JOIN|LEAVE", on=M1.ccvc, from="C1", to="M1", group=X, since=0,
till=, kind="send|recv|...", node=, use="ccvc", copy=, register=, hard=, what= }
A live list of events.  Without kind, messages count once, as they were sent.]]
texts.meter = [[
k:meter() counts from here on: .reg .join .leave .req (clients' messages), .call
.setup .add .drop .release (their VCs), .ccvc.JOIN .priv.MULTI (MARSs' messages)]]
texts.redirect = [[
M1:redirect("M2 M1", { hard=false, only="C1 C2" })
Sends MARS_REDIRECT_MAP now.  Clients go to the first MARS of the list; after a
soft redirect they keep what they have, after a hard one they rebuild it.]]
texts.kill = [[
M1:kill { back=30, cold=true }: crashes a node; its VCs are released.  back: it
restarts that many seconds later.  The fault heals (restarts) when closed.]]
texts.hang = "M1:hang(): the program is stuck, its VCs stand."
texts.stop = "M1:stop(): ends in order; a client deregisters first."
texts.restart = "M1:restart { cold=true }: starts again, cold with empty tables."
texts.scsp = [[
A = scsp.server "A" { id=1, sgid=1, pid=3 }    an SCSP server (RFC 2334)
p = scsp.peer(A, B, { hello=1, dead=3, key="secret" })     a link; also
scsp.mesh { A, B, C }  scsp.line {...}  scsp.ring {...}  scsp.star {...}
A.cache:put(key, value)  :get(key, originator)  :remove(key)  :entries()  #A.cache
p.hfsm  p.cafsm  p.queue  p.crl  p.master  p.other  p:solicit(key)  p:close()
p:key { spi=, key=, lifetime=, at="A" }  p:unkey { spi= }  p:open()
Options of a server: hello dead rexmt ca_rexmt csus_rexmt csu_rexmt ca_hold hops
family own multipoint tombstone csus_max csu_max guard window restart mtu
auth_fail_drop literal_a02 literal_a18.]]
texts.cache = [[
M1.cache: groups and members a MARS knows.  A.cache: entries of an SCSP server:
A.cache:put(key, value) writes one of its own, :remove(key) withdraws it,
:get(key, originator) reads, #A.cache counts, pairs(A.cache) and :entries() list.]]
texts.entries = [[
A.cache:entries() lists all that is known, also what was removed: .key .value
.originator .seq .own .tombstone of each.]]
texts.put = "put A key value, A.cache:put(key, value): writes an own entry."
texts.remove = "remove A key, A.cache:remove(key): withdraws an own entry."
texts.solicit = [[
solicit A B key, p:solicit(key, originator): A asks B for its instance (CSUS).]]
texts.raw = [[
R = net:raw "R": a bare port.  R:call(addr, use) R:multi(addr, use) return a ref;
R:add(ref, addr) R:drop(ref, addr) R:release(ref) R:send(ref, bytes); R:recv(s)
returns bytes, ref, from; R:next(s) any indication; R:on("frame", fn); R.vcs.
Bytes are strings, LLC/SNAP included; scsp.format(bytes) reads them.]]
texts.cut = [[
local f <close> = net:cut("C1", "M1"): nothing passes between the two until
f:heal(), or the end of the block.]]
texts.partition = [[
net:partition("M1 C1", "M2 C2"): nothing passes between the sides.]]
texts.loss = [[
net:loss { op="JOIN", from=, to="M1", n=1, p= }: loses the next n, or each with
probability p, or all.]]
texts.lag = "net:lag { op=\"MULTI\", from=, to=, by=2 }: delays messages."
texts.refuse = "net:refuse(\"M1\", cause): calls to it fail."
texts.join = "C1:join(X), C1:join \"224.1.0.0/16\": joins a group or a block."
texts.leave = "C1:leave(X): leaves a group or a block joined before."
texts.send = "C1:send(X, n): sends n packets; C1:send(X, \"bytes\") sends these."
texts.flow = [[
f = C1:flow(X, pps): sends at a rate.  f.sent .lost .dup .refl, for one receiver
f.to.C2.lost; f:reset() forgets, f:stop() ends it.]]
texts.request = [[
a = C1:request(X): asks the MARS.  a.done, a.nak, a[1], #a once time has passed.]]
texts.blind = "C1:blind(s): does not notice trouble with its MARS for a while."
texts.draw = "net:draw(): the topology as text."
texts.ladder = [[
net:ladder { from=0, to=, nodes="M1 C1", file="x.svg", data=true }: a message
sequence chart, as text or into a file.]]
texts.capture = "net:capture \"out.pcap\": every frame; Wireshark opens it."
texts.dump = "dump(x): a value or an object, unfolded."
texts.events = [[
net:on(kind, fn), M1:on(kind, fn), k:on(kind, fn); h:cancel() takes it back.
Kinds: send recv drop state vc register deregister join leave cmi map redirect
aligned fault alarm ...]]
texts.at = "net:at(t, fn): calls fn at time t, as a task."
texts.every = "net:every(s, fn): calls fn every s seconds, as a task."
texts.go = "net:go(fn): a task; inside, sleep(s) and wait(...) let time pass."

local function names(t)
	local out = {}
	for key in pairs(t) do
		if type(key) == "string" then out[#out + 1] = key end
	end
	table.sort(out)
	return out
end

local function wrap(label, words, out)
	local line = label
	for _, word in ipairs(words) do
		if #line + #word + 1 > 78 then
			out[#out + 1] = line
			line = (" "):rep(#label)
		end
		line = line .. " " .. word
	end
	out[#out + 1] = line
end

local function about_object(x)
	local kind = core.kind(x)
	if texts[kind:match "%w+$"] and type(x) ~= "userdata" then
		return texts[kind:match "%w+$"]
	end
	local out = { kind .. (type(x) == "userdata" and x.name and
	    " " .. x.name or "") }
	if type(x) ~= "userdata" then
		if kind == "lab" then
			wrap("fields:", { "net", "X", "Y", "clients", "servers",
			    "flows", "active" }, out)
			wrap("verbs: ", { "log", "meter", "where", "on" }, out)
			return table.concat(out, "\n")
		end
		return kind .. ": " .. require("marsh.pretty").short(x)
	end
	local class = core.class(kind)
	wrap("fields:", names(class.get), out)
	wrap("verbs: ", names(class.call), out)
	return table.concat(out, "\n")
end

local function about_word(word)
	word = word:match "([%w_]+)$" or word
	if texts[word] then return texts[word] end
	local words = names(texts)
	table.remove(words, 1)
	local near = core.nearest(word, words)
	return ("no help for '%s'%s"):format(word, near and
	    (" (did you mean '%s'?)"):format(near) or
	    ": " .. table.concat(words, " "))
end

local function help(...)
	local x = ...
	if select("#", ...) == 0 then
		io.stdout:write(texts[""], "\n")
	elseif type(x) == "string" then
		io.stdout:write(about_word(x), "\n")
	elseif type(x) == "userdata" or type(x) == "table" then
		io.stdout:write(about_object(x), "\n")
	else
		core.fail "help: an object or a word expected, as in help \"scsp\""
	end
end

return { globals = { help = help }, texts = texts, about = about_word }
