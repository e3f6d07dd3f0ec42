# credmock build entry points; `make help` lists them.
# Needs Go (with cgo and a C compiler, for -race), Node.js with npm, and git.
# Everything else is installed below, at pinned versions, into ignored folders.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
# `check` ends with the tests: with -j their lines would not end the output.
.NOTPARALLEL:

GO       ?= go
NPM      ?= npm
SPEC     ?= openapi.yaml
FUZZTIME ?= 10s
SOAK     ?= 10m
ATTACK   ?= 1000000
SEEDS    ?= 1000
TIME     ?= 200ms
TURNS    ?= 9
REQUESTS ?= 1000000
TESTS    ?= true

# The binary's name holds both versions, so a bump of either rebuilds it:
# golangci-lint refuses a module newer than the Go it was built with.
GOLANGCI_VERSION := v2.15.0
GO_VERSION        = $(shell $(GO) env GOVERSION)
GOLANGCI          = $(CURDIR)/.bin/golangci-lint-$(GOLANGCI_VERSION)-$(GO_VERSION)

# `./...` stops at a nested go.mod, so each example module gets its own turn.
EXAMPLES := $(patsubst %/go.mod,%,$(wildcard examples/*/go.mod examples/*/*/go.mod))
MODULES  := $(EXAMPLES) .

# npm writes this file inside node_modules at each install.
NODE_STAMP := node_modules/.package-lock.json
SMALL      := examples/small/typescript

# The linters must not phone home: lint has to pass without a network.
export REDOCLY_TELEMETRY := off
export REDOCLY_SUPPRESS_UPDATE_NOTICE := true

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | \
		awk -F ':.*## ' '{printf "%-12s %s\n", $$1, $$2}'

.PHONY: check
check: lint test-examples test ## Lint, then test; CI runs proof, generators, interop and test-bench too

# Tests whose point is that things happen at once: with the race detector in `make proof`, without it in `make test`.
CONCURRENT := ^Test(DeleteAndAttachExclude|NoUpdateIsLost|ConcurrentClients|ReloadKeepsState|ReloadReplacesFixtureFaults|ReloadKeepsMutant|$\
ReloadUnderLoad|SessionsAreIsolated|SessionsEnd|JournalHoldsNoSecret|JournalKeepsTheLatest|JournalsShareBudget|JournalsShareBytes|$\
StalledClientsDoNotDelayShutdown|ListenersAreBounded|CreateUnderWayIsAwaited|UnansweredCreateIsFoundByName|UnknownCreateIsReported|$\
AnInterruptedRunLeavesNothing|LeakWhileOtherChecksRun|ConnectionsAreBounded|StopWithDeafClients|BacklogIsAnswered|TallyRepeatsNothing|$\
Soak)$$
RACED := ./contract ./mockserver ./mockserver/internal/api ./mockserver/internal/journal ./cmd/credmock/internal/listen ./internal/attack/soak

# Most tests make much garbage and keep little, so the collector runs less often. Many of them wait, so more run at a time than there are
# processors.
# `make lint` vets. The packages that take longest begin first.
LONGEST := ./scenarios ./contract ./cmd/credmock/... ./contract/... ./mockserver/...
GO_TEST := GOGC=800 $(GO) test -vet=off -shuffle=on -p 6 -parallel 6

.PHONY: test
test: announce $(NODE_STAMP) $(SMALL)/$(NODE_STAMP) programs ## Run the tests in random order, a sample of those that are alike
	@$(GO_TEST) -short $(LONGEST) ./...

# Modules of their own, with clients and servers that a reader may copy.
.PHONY: test-examples
test-examples: test-typescript ## Test the examples
	@status=0; for mod in $(EXAMPLES); do \
		echo "go test: module $$mod"; \
		(cd "$$mod" && $(GO_TEST) -short ./...) || status=1; \
	done; exit $$status

# The tests of which -short has a sample: broken servers and sound variants, changes of the document, respellings, unreadable answers,
# hostile targets, pages.
SAMPLED := ^Test(SingleFaults|DoubleFaults|Verdicts|SoundVariants|EveryNode|Respellings|RespeltConforms|UnreadableAnswersAreNoFinding|$\
TheCommandsUnderAttack|Pages|Parity|HabitsAreSound|LagOfSlowReadsIsWaitedFor|ALeakStopsNoReport|SoakNotices)$$
PROVED := . ./contract ./contract/mutants ./internal/attack/respelt ./internal/attack/soak ./cmd/credmock ./cmd/credmock/internal/attack ./cmd/credmock/internal/command

.PHONY: proof
proof: ## Run what make test has a sample of, and the tests of concurrency with the race detector (takes two minutes)
	@status=0; \
	$(GO_TEST) -race -run '$(CONCURRENT)' $(RACED) || status=1; \
	(cd examples/go-implementation && $(GO_TEST) -run '$(SAMPLED)') || status=1; \
	$(GO_TEST) -run '$(SAMPLED)' $(PROVED) || status=1; \
	exit $$status

# Tests of the size of bodies, lists and reports: the race detector changes what they measure.
LARGE := ^Test(ManyCredentialsOfOthers|UnreadableAnswersAreNoFinding|ReportIsBounded|LeakInLongAnswerIsFound|LargeMemberIsNotKept|$\
RunKeepsItsMemoryBudget|HostileTargetCannotSteerReports|IDBecomesNoScenarioCommand|ManyMembersKeepReportShort|NoTextChangesAReport|$\
JournalIsBounded|FixturesAreBounded|LongListsAreStreamed|ImportUsesMemoryInProportion|InvalidBodiesUseBoundedMemory|$\
ManyItemsOfOneName|TracesStayBounded|TheCommandsUnderAttack|HostileTargets)$$

.PHONY: race
race: announce $(NODE_STAMP) $(SMALL)/$(NODE_STAMP) programs ## Run all tests with the race detector, but for those of size and the mutants (takes minutes)
	@status=0; for mod in $(MODULES); do \
		echo "go test -race: module $$mod"; \
		(cd "$$mod" && $(GO) test -race -shuffle=on -skip '$(LARGE)' $$($(GO) list ./... | grep -v '/contract/mutants$$')) || status=1; \
	done; exit $$status

.PHONY: smoke
smoke: ## Build, vet, and run the fastest tests: a first answer in 20 seconds
	$(GO) build ./...
	$(GO) vet ./...
	$(GO) test -short . $$($(GO) list ./internal/... | grep -v /attack/)

# Tests give the reports to validators that come from npm, show pages in a real browser, run the commands of the documentation, and put
# mocks behind nginx.
# Where a program for that is missing and cannot be installed, those tests say so and are skipped; in CI they fail instead.
PROGRAMS := chromium curl jq nginx python3
MISSING   = $(strip $(foreach program,$(PROGRAMS),$(if $(shell command -v $(program)),,$(program))))
CAN_APT   = $(shell command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] && echo yes)

.PHONY: announce
announce:
	@installs="$(strip $(if $(CAN_APT),$(MISSING)) $(if $(and $(wildcard $(NODE_STAMP)),$(wildcard $(SMALL)/$(NODE_STAMP))),,npm packages))"; \
	if [ -n "$$installs" ]; then echo "installing first: $$installs; about 20 seconds for each of chromium and npm, the rest at once"; fi

.PHONY: programs
programs:
	@if [ -n "$(MISSING)" ] && [ -n "$(CAN_APT)" ]; then \
		{ apt-get update -q && apt-get install -y -q --no-install-recommends $(MISSING); } >/dev/null; \
	fi

# A client in another language.
.PHONY: test-typescript
test-typescript: examples/typescript-client/$(NODE_STAMP)
	@if command -v node >/dev/null; then \
		cd examples/typescript-client && $(NPM) test --silent; \
	else echo "node is not installed: the TypeScript client is not tested"; fi

# A module of its own, for what generators bring along is nothing that credmock needs.
.PHONY: generators
generators: $(NODE_STAMP) generators/$(NODE_STAMP) ## Run client generators on the document, and their clients against the mock
	cd generators && $(GO) test -count=1 .

# A module of its own for the same reason.
.PHONY: interop
interop: interop/$(NODE_STAMP) programs ## Send token requests to servers of other makes, and run clients of other makes against the mock
	cd interop && $(GO) test -count=1 .

.PHONY: docs
docs: ## Write the reference, the recipes, the catalogue of checks and the kill matrix anew (takes minutes)
	$(GO) test ./cmd/credmock -run '^TestReferenceIsPrinted$$' -update
	$(GO) run ./cmd/credmock verify --list --report markdown=docs/checks.md
	$(GO) run ./cmd/credmock recipe --page > docs/recipes.md
	{ printf '# Kill matrix\n\nEvery broken server of the catalogue, judged by the check that must catch it, and every sound variant, judged by the whole suite.\n\n'; \
		$(GO) run ./cmd/credmock mutants --format markdown; } > docs/kill-matrix.md

.PHONY: picture
picture: ## Take the picture of the inspector anew (needs chromium)
	$(GO) test ./cmd/credmock -run '^TestPicture$$' -picture '$(CURDIR)/docs/images/inspector.png'

# A module of its own for the same reason. Without node the mocks of other makes are left out. exec: an interrupt reaches the program.
.PHONY: bench
bench: ## Measure credmock beside other servers, its growth and its start, and print tables (takes seven minutes)
	@cd bench && if command -v node >/dev/null; then $(MAKE) --no-print-directory -C .. bench/$(NODE_STAMP) >/dev/null 2>&1 || true; fi; \
	$(GO) build -o build/bench . && \
	exec build/bench measure -record out/run.json -time $(TIME) -turns $(TURNS) -requests $(REQUESTS) -tests=$(TESTS)

.PHONY: test-bench
test-bench: ## Test that docs/performance.md agrees with the recorded numbers, and that the measuring works
	cd bench && $(GO) test -count=1 ./...

.PHONY: performance
performance: ## Write docs/performance.md and its plots anew, from the latest make bench
	cp bench/out/run.json bench/recorded.json
	cd bench && $(GO) run . draw

.PHONY: fuzz
fuzz: ## Run each fuzz target for FUZZTIME (10s)
	@for pkg in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' "$$pkg" | grep '^Fuzz' || true); do \
			echo "fuzz: $$pkg $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$pkg"; \
		done; \
	done

# No part of check: it takes minutes, and an entry made today would fail the commits of yesterday.
.PHONY: vuln
vuln: ## Look for known vulnerabilities that are called (GOVULNDB=URL: a mirror)
	@.ci/vuln $(MODULES)

# With the race detector: make soak RACE=-race.
.PHONY: soak
soak: ## Ask a mock of everything at once for SOAK (10m), and compare with a model
	SOAK=$(SOAK) $(GO) test $(RACE) -count=1 -timeout 0 -v -run '^TestSoak$$' ./internal/attack/soak

# Checks that race or draw at random must not accuse a sound server, whatever the seed.
EXAMPLE_TOKENS := --organization 41 --token north-engineer --viewer-token north-member --other-token south-engineer
.PHONY: seeds
seeds: ## Judge the mock with SEEDS (1000) random seeds, and the Go implementation with a fifth of that
	@bin=$$(mktemp -d); trap 'kill $$server 2>/dev/null || true; rm -rf "$$bin"' EXIT; server=; status=0; \
	$(GO) build -o "$$bin/credmock" ./cmd/credmock; \
	(cd examples/go-implementation && $(GO) build -o "$$bin/implementation" .); \
	echo "the mock:"; .ci/seeds $(SEEDS) 2 "$$bin/credmock" verify --strict || status=1; \
	"$$bin/implementation" -addr 127.0.0.1:0 >"$$bin/address" & server=$$!; \
	until [ -s "$$bin/address" ]; do sleep 0.1; done; \
	echo "examples/go-implementation:"; \
	.ci/seeds $$(( ($(SEEDS) + 4) / 5 )) 2 "$$bin/credmock" verify --url "$$(sed 's/listening on //' "$$bin/address")" $(EXAMPLE_TOKENS) || status=1; \
	exit $$status

.PHONY: attack
attack: ## Attack the mock with ATTACK (1000000) hostile requests, then verify and run with hostile targets
	$(GO) run ./cmd/credmock/internal/attack -requests $(ATTACK)

.PHONY: run
run: ## Serve the mock API
	$(GO) run ./cmd/credmock serve

.PHONY: lint
lint: lint-fmt lint-go lint-spec ## Check formatting, Go code and the OpenAPI document

.PHONY: lint-fmt
lint-fmt:
	@files=$$(find . -name '*.go' -not -path './node_modules/*' -not -path './generators/build/*' -not -path '*/testdata/*' -exec gofmt -l {} +); \
	if [ -n "$$files" ]; then printf 'gofmt: run "make fmt" on:\n%s\n' "$$files"; exit 1; fi

.PHONY: lint-go
lint-go: $(GOLANGCI)
	@for mod in $(MODULES) bench; do \
		echo "go vet, golangci-lint: module $$mod"; \
		(cd "$$mod" && $(GO) vet ./... && "$(GOLANGCI)" run ./...); \
	done

.PHONY: lint-spec
lint-spec: $(NODE_STAMP)
	@mkdir -p .bin && $(GO) run ./cmd/credmock spec --for clients --spec $(SPEC) > .bin/clients.yaml
	node_modules/.bin/spectral lint --fail-severity=warn --ruleset .spectral.yaml $(SPEC) .bin/clients.yaml
	node_modules/.bin/redocly lint --config redocly.yaml $(SPEC) .bin/clients.yaml

.PHONY: fmt
fmt: $(GOLANGCI) ## Format all Go files
	@for mod in $(MODULES); do (cd "$$mod" && "$(GOLANGCI)" fmt ./...); done

.PHONY: clean
clean: ## Remove the installed tools
	rm -rf .bin node_modules generators/node_modules generators/build interop/node_modules bench/node_modules bench/build bench/out \
		examples/typescript-client/node_modules examples/typescript-client/build $(SMALL)/node_modules $(SMALL)/build

# Built from source, which takes a minute or two once; later runs, and fresh
# clones on the same machine, find it in .bin or in Go's build cache.
$(GOLANGCI):
	@echo "building golangci-lint $(GOLANGCI_VERSION)"
	@GOBIN="$(CURDIR)/.bin" $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	@mv .bin/golangci-lint "$@"

# --ignore-scripts: no tool here needs an install script, and one dependency's
# only reports usage statistics.
$(NODE_STAMP) generators/$(NODE_STAMP) interop/$(NODE_STAMP) bench/$(NODE_STAMP) examples/typescript-client/$(NODE_STAMP) $(SMALL)/$(NODE_STAMP): %$(NODE_STAMP): %package.json %package-lock.json
	cd ./$* && $(NPM) ci --ignore-scripts --no-audit --no-fund
	@touch $@
