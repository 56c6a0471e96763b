#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
cat <<'END'
make            build/marsh
make demo       install what is missing, build, and run the guided tour
make check      install what is missing, build, and run every test
                STEPS="lint unit ...": only these steps
make unit-DIR   the unit tests of src/DIR
make lint       the house rules          make trace   which requirement has a test
make fuzz       TARGET=name SECONDS=n    make bench   JSON=1 for a machine
make soak       SEEDS=n or from-to: random groups of SCSP servers; n-n tells one
make lab        a kernel with ATM SVCs and a shell in it, built once in minutes
make lab-hub    joins several of them: make lab LINE=1, LINE=2, ...
make install    PREFIX=/usr/local DESTDIR=            make uninstall
make deps       only install what is missing          make clean
variables: CC=clang  SAN=address,undefined  B=another-build-directory
END
