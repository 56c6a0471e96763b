-- SPDX-License-Identifier: BSD-2-Clause
--
-- Narration for guided tours: chapters, paragraphs, drawings and small tables.
-- On a terminal it pauses so that people can read; piped or with --quiet it
-- does not.  --quiet leaves only the expectations.

local core = require "marsh.core"

local tour = {}

-- How long people get to read a piece: by its length, in seconds.
local function read_time(text)
	return math.min(4, 0.8 + #text / 250)
end

local function show(text)
	if core.config().quiet then
		return
	end
	io.write(text, "\n")
	io.flush()
	core.linger(read_time(text))
end

local chapters = 0

-- Starts a chapter with a heading.
function tour.chapter(title)
	chapters = chapters + 1
	show(("\n%d. %s\n%s"):format(chapters, title,
	    ("="):rep(#title + #tostring(chapters) + 2)))
end

-- Tells something in plain sentences.
function tour.say(text)
	show(text .. "\n")
end

-- Draws the topology as it is now.
function tour.picture(net)
	show(net:draw())
end

-- Draws what was said since time `from`, between `nodes`: row by row, since a
-- long one runs out of the screen at the top.
function tour.ladder(net, from, nodes)
	if core.config().quiet then
		return
	end
	local text = net:ladder { from = from, to = net.now, nodes = nodes }
	for line in text:gmatch "[^\n]*\n" do
		io.write(line)
		io.flush()
		core.linger(0.1)
	end
	show ""
end

-- Prints rows under a heading, columns aligned.
function tour.table(head, rows)
	local width = {}
	local all = { head }
	for _, row in ipairs(rows) do
		all[#all + 1] = row
	end
	for _, row in ipairs(all) do
		for i, cell in ipairs(row) do
			width[i] = math.max(width[i] or 0, #tostring(cell))
		end
	end
	local lines = {}
	for _, row in ipairs(all) do
		local cells = {}
		for i, cell in ipairs(row) do
			cells[i] = ("%-" .. width[i] .. "s"):format(tostring(cell))
		end
		lines[#lines + 1] = "  " .. table.concat(cells, "  ")
	end
	show(table.concat(lines, "\n"))
end

return tour
