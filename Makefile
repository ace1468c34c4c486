bin := node_modules/.bin
installed := node_modules/.package-lock.json
vitest := $(bin)/vitest run --config vitest.workspace.ts
checks := lint types unused floors

.PHONY: run test test-exhaustive check $(checks) bench picture build clean

# `exec`: with no shell between make and the command, a signal to make's group is the command's to answer.
run: export LP_CONFIG ?= development
run: $(installed)
	@exec bin/test-services start

test: $(installed)
	@$(vitest) $(ARGS)

# The tests that repeat their work, as often as it takes; `make test` repeats them a few times.
test-exhaustive: $(installed)
	@TEST_EXHAUSTIVE=1 $(vitest) $(ARGS)

# All of them run, also when one fails.
check: $(installed)
	@$(MAKE) --no-print-directory --keep-going $(checks)

lint: $(installed)
	$(bin)/biome check --error-on-warnings

types: $(installed)
	$(bin)/tsc
	$(bin)/tsc --project test/vitest/projects
	$(bin)/tsc --project src/page/client

unused: $(installed)
	$(bin)/knip

floors: $(installed)
	$(vitest) test/floors.test.ts

# Not by the command `tsx`, which kills what takes its time to clean up after a signal.
bench: $(installed)
	@exec node --import tsx bench/run.ts $(ARGS)

# Draws docs/images/start.svg from a real run.
picture: $(installed)
	@exec node --import tsx bench/picture/main.ts

build: $(installed)
	$(bin)/tsx build/build.ts $(ARGS)

clean:
	rm -rf dist coverage

$(installed): package.json package-lock.json
	npm install --no-audit --no-fund --no-update-notifier --loglevel=error
	@touch $@
