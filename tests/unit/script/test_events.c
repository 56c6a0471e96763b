/* SPDX-License-Identifier: BSD-2-Clause */
/* Time, tasks, callbacks, faults, live queries and judgement. */
#include "lua_run.h"

#include "script/script_int.h"

static void
tasks_sleep_and_wait(void **state)
{
	(void)state;
	good("k = lab.ft{ tau = 1 } n = k.net t0 = n.now out = {}"
	    " n:go(function() sleep(3) out[1] = n.now - t0"
	    "  local e = wait(k.C1, 'register', 60)"
	    "  out[2] = e.node out[3] = n.now - t0 end)"
	    " n:go(function() out[4] = select(3, wait('M4', 'register', 5)) end)"
	    " n:at(t0 + 5, function() k.M1:kill() end) run_for(20)"
	    " assert(math.abs(out[1] - 3) < 1e-3 and out[2] == 'C1')"
	    " assert(out[3] >= 7 and out[3] < 8 and out[4] == 'timeout')");
	good("local e = wait(k.C2, 'send', 100) assert(e == nil or e.node)"
	    " local x, why, code = wait(k, 'elected', 5)"
	    " assert(x == nil and code == 'timeout')");
	good("n:go(function() run_for(2) done = run_until(function()"
	    " return n.now > t0 end, 5) end) run_for(3) assert(done)");
	good("t = n.now assert(run_until(function() return n.now >= t + 7 end))"
	    " assert(n.now - t < 7.2)"
	    " assert(run_until(function() return false end, 1) == false)");
}

static void
callbacks_end_when_told(void **state)
{
	(void)state;
	good("k = lab.one{} n = k.net c = 0"
	    " do local h <close> = n:every(1, function() c = c + 1 end)"
	    " run_for(3.5) end run_for(5) assert(c == 3)"
	    " local h = k.M1:on('register', function(e) c = c + 100"
	    "  assert(e.node == 'M1' and e.kind == 'register') end)"
	    " k.C1:deregister() run_for(1) k.C1:register() run_for(1)"
	    " assert(c == 103) h:cancel()"
	    " k.C1:deregister() run_for(1) k.C1:register() run_for(1)"
	    " assert(c == 103)");
}

static void
errors_in_callbacks_reach_the_script(void **state)
{
	(void)state;
	good("k = lab.one{} n = k.net");
	bad("n:at(0, function() error 'one' end)\nrun_for(1)", "test:1: one");
	bad("n:on('fault', function() error 'two' end) k.M1:hang()", "two");
	good("k = lab.one{} n = k.net");
	bad("n:go(function() sleep(1) k.C1.foo() end) run_for(5)",
	    "mars.client has no field 'foo'");
	good("local ok, e = pcall(function() n:at(0, function() error({ 5 })"
	    " end) run_for(1) end) assert(not ok and e[1] == 5)"
	    " run_for(1)");
	bad("n:on('state', function() marsh.core.run(n, 1) end) k.C1:deregister()"
	    " run_for(5)", "the net runs already");
	/* and the world goes on as if it had not been stopped */
	good("n = fabric{}");
	bad("n:at(1, function() error 'x' end)"
	    " run_until(function() return false end, 5)", "x");
	good("local t = n.now run_for(3) assert(n.now == t + 3)");
	good("k = lab.one{}");
	bad("k.net:at(0, function() k.net:close() end) run_for(1)",
	    "cannot be closed while it runs");
	bad("k.net:go(function() settle() end) run_for(1)", "not in a task");
}

static void
faults_heal(void **state)
{
	(void)state;
	good("k = lab.ft{} n = k.net"
	    " do local f <close> = n:cut('C1', 'M1') run_for(0.5)"
	    "  assert(f.live and f.kind == 'cut' and not k.C1.registered) end"
	    " run_for(15) assert(k.C1.registered and k.C1.mars == 'M1')");
	good("f = n:cut('C1 C2', { k.M1, 'M2' }) assert(f:heal() and not"
	    " f.live) assert(f:heal())");
	good("f = n:loss { op = 'MAP', to = 'C1', n = 1 } run_for(130)"
	    " assert(f.hits == 1) f:heal() assert(f.hits == 1)"
	    " g = n:lag { op = 'DATA', by = 1 }"
	    " h = n:partition('M1 C1 C2 C3', 'M2 M3 M4')"
	    " r = n:refuse('M2', { cause = 41 })"
	    " assert(g.kind == 'lag' and h.kind == 'partition')"
	    " assert(n:heal() and not r.live)");
	/* two refusals of one node: the one that is left still counts */
	good("do local o = lab.one{} local a = o.net:refuse('M1', 41)"
	    " local b = o.net:refuse('M1')"
	    " assert(tostring(a):match 'refuse M1 cause 41$')"
	    " b:heal() o.net:cut('C1', 'M1'):heal() run_for(20)"
	    " assert(not o.C1.registered) a:heal() run_for(80)"
	    " assert(o.C1.registered) o.net:close() end");
	good("f = k.M1:kill { back = 5, cold = true } assert(not k.M1.up)"
	    " run_for(6) assert(k.M1.up and f.healed)"
	    " do local g <close> = k.M1:hang() end assert(k.M1.up)"
	    " local ok, why, code = k.M1:stop() assert(ok)"
	    " ok, why, code = k.M1:kill() assert(code == 'dead')");
}

static void
queries_are_live(void **state)
{
	(void)state;
	good("k = lab.ft{ pps = 5 } n = k.net t = n.now"
	    " maps = k:log { op = 'MAP', on = k.M1.ccvc, since = t }"
	    " vcs = k:log { kind = 'vc', what = 'fail|open', node = 'C1' }"
	    " all = #vcs"
	    " assert(all > 0 and #k:log { kind = 'vc', what = 'open' } >= all)"
	    " assert(#maps == 0) run_for(600) assert(#maps == 10)"
	    " e = maps[1] assert(e.t > t and e.node == 'M1' and e.op =="
	    " 'REDIRECT_MAP' and e.from == 'M1' and e.use == 'ccvc')"
	    " assert(e.msn == 4 and e.vc == maps[-1].vc and not maps[11])"
	    " assert(maps:line(1):find 'MAP')");
	good("assert(#k:log { op = 'MAP', to = 'C1', kind = 'recv',"
	    " since = t } == 10)"
	    " assert(#k:log { op = 'MAP', to = 'C1', since = t } == 0)"
	    " assert(#k:log { from = 'C1 C2', since = t } == 0)"
	    " assert(#k:log { op = 'JOIN|LEAVE', from = 'C1', to = 'M1',"
	    " register = false } == 1)"
	    " assert(#k:log { op = 'JOIN', on = 'ccvc', group = k.X } == 3)"
	    " assert(#k:log { op = 'JOIN', group = '224.9.9.9' } == 0)"
	    " assert(#k:log { op = 'JOIN', use = 'pp', register = true,"
	    " copy = true, node = 'M1' } == 3)"
	    " assert(#k:log { op = 'MAP', since = t, till = t + 100 } <= 2)");
	good("k.M1:kill() run_for(60)"
	    " j = k:log { op = 'JOIN', on = k.M2.ccvc }"
	    " assert(#j == 3) for i = 1, 3 do assert(j[i].group == k.X) end"
	    " assert(#k:log { kind = 'fault', what = 'kill' } == 1)"
	    " assert(#k:log { kind = 'vc', on = k.C1.vc[k.X] } >= 2)"
	    " assert(#k:log {} > 50)");
	good("j = nil collectgarbage() collectgarbage() run_for(1)");
}

static void
quiet_means_nothing_is_pending(void **state)
{
	(void)state;
	good("k = lab.ft{} k.M1:kill() assert(settle())"
	    " assert(k:where().C1 == 'M2' and k:where().C3 == 'M2')"
	    " assert(#k.clients.list[1] >= 4 and k.C1.list[1] == 'M2')");
	good("k = lab.one{} k.M1:kill() assert(settle()) -- looping is quiet\n"
	    "assert(k.C1.state == 'Looping' or k.C1.state == 'Waiting'"
	    " or k.C1.state == 'Calling')"
	    " k.M1:restart { cold = true } assert(settle())"
	    " assert(k.C1.registered and k.C2.registered and k.C3.registered)");
	good("k = lab.one{} k.M1:hang()"
	    " local ok, why, code = settle(20) assert(not ok and"
	    " code == 'timeout' and why:find 'noticed')"
	    " k.M1:restart() assert(settle())");
	assert_int_equal(S->violated, 0);
}

static void
judgements_compare_what_is_meant(void **state)
{
	(void)state;
	good("k = lab.ft{}"
	    " assert(expect(k.M1.map):list 'M1 M2 M3 M4')"
	    " assert(expect(k.M1.map):is 'M1 M2 M3 M4')"
	    " assert(expect(k.M1.map):is { k.M1, 'M2', k.M3, 'M4' })"
	    " assert(expect(k.M1.ccvc.leaves):set 'C3 C1 C2')"
	    " assert(expect(k.clients):set 'C3 C1 C2')"
	    " assert(expect(k.clients.cmi):is { 1, 2, 3 })"
	    " assert(expect(k.clients.cmi):list '1 2 3')"
	    " assert(expect(k.clients.mars):all(k.M1))"
	    " assert(expect(k:where()):is { C1 = 'M1', C2 = k.M1, C3 = 'M1' })"
	    " assert(expect(k.active):is 'M1' and expect('M1'):is(k.M1))"
	    " assert(expect(k.C1.hsn):within(1, 10))"
	    " assert(expect(k:log { op = 'MIGRATE' }):none())"
	    " assert(expect(k:log { op = 'JOIN', on = 'ccvc' }):count(3))"
	    " assert(expect(nil):is(nil) and expect(nil):none())"
	    " assert(expect(k.M1.map):has 'M3' and expect(1):is_not(2))");
	assert_int_equal(S->failed, 0);
	good("assert(not expect(k.M1.map):list 'M1 M2')"
	    " assert(not expect(k.M1.map):set 'M1 M2 M3')"
	    " assert(not expect(k.clients.cmi):all(1))"
	    " assert(not expect(k.clients.rereg):within(0, 100))"
	    " assert(not expect(5):within(1, 4))"
	    " assert(not expect({ 1 }):none('nothing there'))"
	    " assert(not expect({}):all(1))"
	    " assert(not expect({ a = 1 }):is { a = 1, b = 2 })"
	    " assert(not expect(k:log { op = 'JOIN' }):count(0))");
	assert_int_equal(S->failed, 9);
	assert_int_equal(script_finish(S), 1);
}

static void
the_same_seed_is_the_same_run(void **state)
{
	(void)state;
	good("local function run(seed) local k = lab.ft { seed = seed, pps = 5,"
	    " jitter = 0.01 } k.M1:kill { back = 20 } run_for(300)"
	    " return k.net:hash() end"
	    " local a, b, c = run(3), run(3), run(4)"
	    " assert(a == b and a ~= c)");
	/* that somebody looks must not change what is seen */
	good("local function run(look) local k = lab.ft { seed = 3 }"
	    " local q = look and k:log {} if look then k:on('recv',"
	    " function() end) end k.M1:kill() run_for(200)"
	    " return k.net:hash() end assert(run(true) == run(false))");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LUA_TEST(tasks_sleep_and_wait),
		LUA_TEST(callbacks_end_when_told),
		LUA_TEST(errors_in_callbacks_reach_the_script),
		LUA_TEST(faults_heal),
		LUA_TEST(queries_are_live),
		LUA_TEST(quiet_means_nothing_is_pending),
		LUA_TEST(judgements_compare_what_is_meant),
		LUA_TEST(the_same_seed_is_the_same_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
