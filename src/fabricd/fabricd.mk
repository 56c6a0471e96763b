# SPDX-License-Identifier: BSD-2-Clause
# The program; its archive and tests are made like those of every directory.
$(B)/bin/fabricd: $(B)/fabricd/fabricd.o $(call libs,fabricd)
	@mkdir -p $(@D)
	@echo "  LD  $@"
	$(V)$(CC) $(LDFLAGS) -o $@ $^ -lpthread
