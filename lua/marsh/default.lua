-- SPDX-License-Identifier: BSD-2-Clause
--
-- What a net is made of when a script does not say: the fabric, or what --bind
-- names.  A kernel's network has no delay or loss that could be chosen.

local core = require "marsh.core"

return function(opts)
	if not core.config().atm then return core.fabric(opts or {}) end
	local net, why = core.atm { seed = opts and opts.seed }
	return net or core.fail("net: " .. why)
end
