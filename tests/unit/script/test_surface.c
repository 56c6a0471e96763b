/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every documented name is there, with the value that it should have in a
 * cluster at rest; every mistyped one is told with its neighbour.
 */
#include "lua_run.h"

static void
nets_have_what_is_documented(void **state)
{
	(void)state;
	good("net = fabric { seed = 7, uni = '3.1', delay = 0.001, jitter = 0,"
	    " loss = 0, vcmax = 1e6, leafmax = 32767 }"
	    " assert(net.now == 0 and net.seed == 7 and #net.nodes == 0)"
	    " assert(#net.vcs == 0 and #net:vcs_of{} == 0)"
	    " assert(#net:hash() == 16 and net.clock == 'virtual')");
	good("assert(fabric().seed == 1 and fabric{ uni = 3.0 })");
	good("k = lab.ft{} net = k.net assert(#net.nodes == 7)"
	    " assert(net.nodes.M3 == k.M3 and net.nodes[1] == k.M1)"
	    " assert(#net:vcs_of{ kind = 'pp' } == 3)"
	    " assert(#net:vcs_of{ root = 'C1', group = k.X } == 1)"
	    " assert(#net:vcs_of{ root = k.C1 } == 2)"
	    " assert(#net:vcs_of{ leaf = 'C3', kind = 'data' } == 2)"
	    " assert(net:vcs_of{ kind = 'ccvc' }[1].leaves:has 'C2')");
	good("assert(type(net:draw()) == 'string')"
	    " assert(net:ladder { from = 0, to = 1, nodes = 'M1 C1' })"
	    " assert(net:ladder():find 'JOIN')");
	good("b = 0 local h = net:at(net.now, function() a = 1 end)"
	    " local e = net:every(1, function() b = b + 1 end)"
	    " net:go(function() sleep(2) c = 3 end)"
	    " run_for(5.5) assert(a == 1 and b == 5 and c == 3)"
	    " h:cancel() e:cancel()");
	good("local s = net:switch() assert(s == 1 and net:link(0, s, 0.01))"
	    " local x = mars.client 'C9' { net = net, mars = 'M1' }"
	    " assert(net:place(x, s)) x:register() run_for(1)"
	    " assert(x.registered)");
}

static void
servers_have_what_is_documented(void **state)
{
	(void)state;
	good("k = lab.ft{} M1, X = k.M1, k.X"
	    " assert(M1.role == 'Active' and M1.up and M1.name == 'M1')"
	    " assert(tostring(M1.map) == 'M1 M2 M3 M4' and not M1.map.hard)"
	    " assert(tostring(k.M2.map) == 'M2 M1 M3 M4')"
	    " assert(#M1.living == 4 and #M1.group == 4 and M1.prio == 1)");
	good("assert(tostring(M1.ccvc.leaves) == 'C1 C2 C3')"
	    " assert(M1.ccvc.csn == 3 and M1.ccvc.root == 'M1')"
	    " assert(#M1.scvc.leaves == 0 and M1.scvc.ssn == 0)"
	    " assert(not k.M2.ccvc.open and #k.M2.ccvc.leaves == 0)");
	good("assert(M1.cache.cmi[2] == 'C2' and #M1.cache.cmi == 3)"
	    " assert(tostring(M1.cache.hosts[X]) == 'C1 C2 C3')"
	    " assert(#M1.cache.hosts['224.7.7.7'] == 0)"
	    " assert(#M1.cache.servers[X] == 0 and #M1.cache.hosts == 1)"
	    " for g, names in pairs(M1.cache.hosts) do"
	    "  assert(g == X and #names == 3) end"
	    " local n = 0 for cmi, name in pairs(M1.cache.cmi) do n = n + cmi"
	    " end assert(n == 6)");
	good("local st = M1.stats assert(st.rx.JOIN == 6 and st.priv.MULTI == 2"
	    " and st.ccvc.MAP == st.ccvc.REDIRECT_MAP)"
	    " assert(st.drops.malformed == 0 and st.bad.checksum == 0)");
	good("for _, verb in ipairs { 'elect', 'drain', 'split' } do"
	    "  local ok, why, code = M1[verb](M1, 'C1')"
	    "  assert(ok == nil and code == 'unsupported') end");
	good("assert(k.M2.role == 'Backup') M1:kill() assert(M1.role == 'Dead' and not M1.up)"
	    " assert(#M1.map == 0 and next(M1.cache.cmi) == nil)"
	    " assert(tostring(M1.living):find 'M1' == nil)"
	    " assert(k.M2.role == 'Active' and k.M3.role == 'Backup')"
	    " run_for(40) M1:restart { cold = true }"
	    " assert(k.M2.role == 'Active' and M1.role == 'Backup')"
	    " M1:hang() assert(M1.role == 'Hung') M1:restart()"
	    " M1:stop() assert(M1.role == 'Stopped')");
	good("local S = mars.server 'S9' { cmi = {5, 9}, prio = 2,"
	    " group = 'S9 S10', policy = { sync = 'none' }, T_map = 30 }"
	    " assert(S.net == k.net and S.policy.sync == 'none')"
	    " local c = mars.client 'K1' { mars = S } c:register() run_for(1)"
	    " assert(c.cmi == 5 and tostring(S.map) == 'S9 S10')");
}

static void
clients_have_what_is_documented(void **state)
{
	(void)state;
	good("k = lab.ft{} C1, X = k.C1, k.X"
	    " assert(C1.mars == 'M1' and C1.registered and C1.cmi == 1)"
	    " assert(C1.hsn == 3 and #C1.list >= 3 and C1.bounced == 0)"
	    " assert(C1.groups[1] == X and #C1.groups == 1)"
	    " assert(C1.state == 'Registered' and C1.rereg == nil)");
	good("assert(tostring(C1.vc[X].leaves) == 'C2 C3')"
	    " assert(C1.vc[X].kind == 'data' and C1.vc[X].group == X)"
	    " assert(C1.vc['224.9.9.9'] == nil and #C1.vc == 1)"
	    " for g, vc in pairs(C1.vc) do assert(g == X and vc == C1.vc[X])"
	    " end assert(k.C3.vc[X] == nil)");
	good("assert(C1:join '224.3.0.0/16' and C1:join '224.4.4.4')"
	    " run_for(1) assert(#C1.groups == 3 and #C1.unconfirmed == 0)"
	    " assert(C1:leave '224.3.0.0/16' and C1:leave '224.4.4.4')"
	    " run_for(1) assert(#C1.groups == 1)");
	bad("C1:join '10.0.0.1'", "10.0.0.1 is a host's address");
	bad("C1:flow('2001:db8::1', 1)", "2001:db8::1 is a host's address");
	bad("C1:kill { back = 'x' }", "back: a number of seconds expected, got 'x'");
	bad("C1:hang { back = -1 }", "back: a number of seconds expected, got -1");
	bad("C1:kill { cold = 1 }", "cold: true or false expected");
	good("assert(C1.up and C1.registered)");
	good("local ok, why, code = C1:join(X)"
	    " assert(ok == nil and code == 'exists' and why)"
	    " ok, why, code = C1:leave '224.5.5.5'"
	    " assert(ok == nil and code == 'not_found')");
	good("local a = C1:request(X) assert(not a.done and #a == 0)"
	    " run_for(1) assert(a.done and not a.nak and #a == 3)"
	    " assert(a[1] == 'C1' and tostring(a) == 'C1 C2 C3')"
	    " local b = C1:request '224.8.8.8' run_for(1)"
	    " assert(b.done and b.nak and #b == 0)"
	    " local g = C1:grouplist '224.0.0.0-239.255.255.255' run_for(1)"
	    " assert(g.done and g[1] == X and #g == 1)");
	good("f = C1:flow(X, 10) run_for(10) f:stop() run_for(1)"
	    " assert(f.sent >= 100 and f.lost == 0 and f.dup == 0)"
	    " assert(f.refl == 0 and f.from == 'C1' and f.group == X)"
	    " assert(f.to.C2.received == f.sent and f['C3'].lost == 0)"
	    " assert(f.to[k.C2].lost == 0 and f.C2.dup == 0)"
	    " f:reset() assert(f.sent == 0)");
	good("assert(C1:send(X) and C1:send(X, 3) and C1:send(X, 'bytes'))"
	    " assert(C1:blind(5) and C1:release(X)) run_for(1)"
	    " assert(C1.vc[X] == nil)");
	good("assert(C1:deregister()) run_for(1) assert(not C1.registered)"
	    " assert(C1:register()) run_for(1) assert(C1.registered)"
	    " local st = C1.stats assert(st.tx.JOIN > 0 and st.reg == 2)");
}

static void
labs_have_what_is_documented(void **state)
{
	(void)state;
	good("k = lab.one{} assert(#k.servers == 1 and #k.clients == 3)"
	    " assert(k.X == '224.1.1.1' and k.Y and #k.flows == 2)"
	    " assert(k.active == k.M1 and k.net == net)"
	    " assert(k:where().C3 == 'M1' and k.flows.C1.from == 'C1')");
	good("assert(#k.clients.cmi == 3 and k.clients.cmi[3] == 3)"
	    " assert(k.clients.C2 == k.C2 and k.clients[2] == k.C2)"
	    " assert(#k.clients:join '224.6.6.6' == 3)"
	    " assert(#k.clients 'C1 C3' == 2)"
	    " local n = 0 for _, c in pairs(k.clients) do n = n + c.cmi end"
	    " for _, c in ipairs(k.clients) do n = n + c.cmi end"
	    " assert(n == 12)");
	good("local ok, why = k.clients:leave '224.7.7.7'"
	    " assert(ok == nil and why:find '^C1: ')");
	good("local m = k:meter() run_for(60) assert(m.ccvc.MAP == 1)"
	    " assert(m.reg == 0 and m.join == 0 and m.req == 0)"
	    " k.M1:kill() k.M1:restart { cold = true } run_for(60)"
	    " assert(m.reg == 3 and m.priv.JOIN >= 3 and m.call == 3)"
	    " m:reset() assert(m.reg == 0)");
	good("local n = 0 for o in lab.orders { 1, 2, 3 } do n = n + 1 end"
	    " assert(n == 6)"
	    " local s = {} for seed in lab.seeds(3) do s[#s + 1] = seed end"
	    " assert(s[3] == 3)"
	    " n = 0 for k, o in lab.race(lab.one, { function(k) k.C1:leave(k.X)"
	    " end, function(k) k.C1:send(k.X) end }) do n = n + #o end"
	    " assert(n == 4)");
	good("k = lab.ft { seed = 5, tau = 1, T_map = 30, purge = 'immediate',"
	    " clients = 5, pps = 2, sync = 'none', list = 'group' }"
	    " assert(k.net.seed == 5 and k.C5.cmi == 5 and #k.flows == 2)");
}

static void
typos_are_told(void **state)
{
	static const struct row rows[] = {
		{ "k.M1.cach()", "mars.server has no field 'cach' (did you mean"
				 " 'cache'?)" },
		{ "print(k.M1.cach)", "(did you mean 'cache'?)" },
		{ "k.M1:kil()", "no field 'kil' (did you mean 'kill'?)" },
		{ "print(k.C1.hns)", "mars.client has no field 'hns' (did you"
				     " mean 'hsn'?)" },
		{ "print(k.clients.cmj)", "(did you mean 'cmi'?)" },
		{ "print(k.net.vsc)", "net has no field 'vsc' (did you mean"
				      " 'vcs'?)" },
		{ "print(k.clint)", "lab.one has no field 'clint'" },
		{ "print(k.C1.vc[k.X].leafs)", "(did you mean 'leaves'?)" },
		{ "print(k.flows[1].losst)", "(did you mean 'lost'?)" },
		{ "print(k:meter().joins)", "(did you mean 'join'?)" },
		{ "print(k:meter().ccvc.JION)", "no message is called 'JION'" },
		{ "print(k.M1.stats.rx.JION)", "no counter is called 'JION'" },
		{ "print(k.M1.cache.host)", "has no field 'host'" },
		{ "print(k:log{}[1].grup)", "(did you mean 'group'?)" },
		{ "print(expekt)", "no variable is called 'expekt' (did you mean"
				   " 'expect'?)" },
		{ "expect(1):iss(1)", "(did you mean 'is'?)" },
		{ "local f = fabric { sed = 1 }", "fabric has no option 'sed'"
						  " (did you mean 'seed'?)" },
		{ "local f = lab.ft { synk = 1 }", "lab.ft has no option 'synk'"
						   " (did you mean 'sync'?)" },
		{ "local f = lab.fd {}", "lab has no field 'fd' (did you mean"
					 " 'ft'?)" },
		{ "local f = mars.server 'Q' { grup = 1 }", "mars.server has no"
		    " option 'grup' (did you mean 'group'?)" },
		{ "local f = mars.client 'Q' { bakups = 1 }", "(did you mean"
		    " 'backups'?)" },
		{ "local f = k:log { opp = 'JOIN' }", "(did you mean 'op'?)" },
		{ "local f = k:log { op = 'JION' }", "no message is called" },
		{ "local f = k:log { kind = 'sned' }", "(did you mean 'send'?)" },
		{ "local f = k.net:vcs_of { rot = 1 }", "(did you mean 'root'?)" },
		{ "local f = k.net:loss { too = 'M1' }", "(did you mean 'to'?)" },
		{ "k.M1:kill { bakc = 1 }", "(did you mean 'back'?)" },
		{ "k.net:on('regster', print)", "(did you mean 'register'?)" },
		{ "k.net:cut('C1', 'M11')", "no node is called 'M11' (did you"
					    " mean 'M1'?)" },
		{ "k.C1.cmi = 5", "fields of mars.client are read, not set" },
	};

	(void)state;
	good("k = lab.one{} k.C1:flow(k.X)");
	BAD_ROWS(rows);
}

static void
misuse_names_the_argument(void **state)
{
	static const struct row rows[] = {
		{ "k.C1:join()", "group: a group such as \"224.1.1.1\" expected,"
				 " got nothing" },
		{ "k.C1:join '1.2.3'", "group: '1.2.3' is no group" },
		{ "k.C1:send('224.1.0.0/16')", "group: one group expected" },
		{ "k.C1:send(k.X, {})", "n: a whole number expected, got table" },
		{ "k.C1:flow(k.X, 'a')", "pps: a number expected, got 'a'" },
		{ "k.C1:blind()", "seconds: a number of seconds expected" },
		{ "k.C1.join(k.X)", "call verbs with ':'" },
		{ "k.clients.join(k.X)", "call it with ':'" },
		{ "k.M1:redirect()", "list: at least one MARS expected" },
		{ "k.M1:redirect('M1', { hard = 1 })", "hard: true or false" },
		{ "k.M1:redirect('M8')", "list: no node is called 'M8'" },
		{ "run_for()", "seconds: a number" },
		{ "run_for(-1)", "seconds: a number" },
		{ "run_for(0/0)", "seconds: a number" },
		{ "run_until(1)", "fn: a function expected, got number" },
		{ "k.net:at('x', print)", "t: a number" },
		{ "k.net:every(0, print)", "above 0" },
		{ "k.net:partition('M1')", "two or more sides" },
		{ "k.net:partition('M1', 'M1')", "'M1' is on two sides" },
		{ "k.net:lag { op = 'JOIN' }", "by: a number of seconds" },
		{ "k.net:loss { p = 2 }", "p: a probability" },
		{ "local f = fabric { uni = 4 }", "uni: \"3.0\" or \"3.1\"" },
		{ "local f = fabric { loss = 2 }", "loss: a probability" },
		{ "local f = fabric { clock = 'x' }", "clock:" },
		{ "local f = fabric(3)", "fabric: a table of options expected" },
		{ "local f = mars.server(3)", "a name expected" },
		{ "local f = mars.server 'M1' {}", "a node called 'M1' already" },
		{ "local f = mars.server 'a b' {}", "is no name for a node" },
		{ "local f = mars.server 'Q' { cmi = {9, 5} }", "cmi[2]: 5" },
		{ "local f = mars.client 'Q' { mars = 'M9' }", "mars: no node" },
		{ "local f = mars.client 'Q' { rereg_lo = 20 }", "rereg_lo: 20" },
		{ "local f = mars.client('Q').name", "is not made yet" },
		{ "local f = lab.ft { sync = 'full' }", "is not in this version" },
		{ "local f = lab.ft { sync = 'some' }", "none of its values" },
		{ "local f = lab.ls {}", "lab.ls is not in this version" },
		{ "local f = lab.one { clients = 0 }", "clients: a whole number" },
		{ "local f = mcs 'S1' {}", "mcs is not in this version" },
		{ "local f = scsp.peer(1, 2)", "a: a node or its name" },
		{ "local f = scsp.peer('M1', 'C1')", "does not speak SCSP" },
		{ "expect()", "a value expected" },
		{ "expect(1):within(1)", "two numbers expected" },
		{ "expect(1):is(1, 5)", "a string" },
		{ "local f = wait('M9', 'register')", "no node is called 'M9'" },
	};

	(void)state;
	good("k = lab.one{}");
	BAD_ROWS(rows);
	good("local n, why, code = atm{} assert(n == nil and"
	    " code == 'unsupported')");
}

static void
the_dead_say_so(void **state)
{
	static const struct row rows[] = {
		{ "print(C1.cmi)", "mars.client 'C1' is gone: its net was"
				   " closed" },
		{ "C1:join '224.1.1.1'", "'C1' is gone" },
		{ "print(n.now)", "this net is gone: it was closed" },
		{ "print(v.leaves)", "this VC is gone" },
		{ "print(f.lost)", "this flow is gone" },
		{ "print(#q)", "this log is gone" },
		{ "local x = mars.server 'M2' { net = n }", "net is gone" },
	};

	(void)state;
	good("k = lab.one{} n, C1 = k.net, k.C1 v, f, q = C1.vc[k.X],"
	    " C1:flow(k.X), k:log{} x = n:cut('C1', 'M1') n:close()");
	BAD_ROWS(rows);
	good("assert(tostring(C1) == 'C1 (gone)' and C1.name == 'C1')"
	    " assert(tostring(n):find 'closed' and not n.alive)"
	    " assert(tostring(v) == 'VC (gone)' and x:heal())");
	bad("run_for(1)", "there is no net yet");
	good("do local n <close> = fabric{} assert(n.alive) old = n end"
	    " assert(not old.alive)");
	good("for i = 1, 20 do lab.one{} end collectgarbage()"
	    " assert(marsh.core.current().alive)");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LUA_TEST(nets_have_what_is_documented),
		LUA_TEST(servers_have_what_is_documented),
		LUA_TEST(clients_have_what_is_documented),
		LUA_TEST(labs_have_what_is_documented),
		LUA_TEST(typos_are_told),
		LUA_TEST(misuse_names_the_argument),
		LUA_TEST(the_dead_say_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
