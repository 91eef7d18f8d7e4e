# "make help" lists what there is. GNU make 4.3 or later, Go 1.26, git and, for
# Kratos and the race detector, a C compiler.

SHELL         := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS     += --no-print-directory

VERSION   := $(or $(shell git describe --tags --always --dirty 2>/dev/null),dev)
GO        ?= go
AGENT     := bin/kratos-agent
LDFLAGS   := -s -w -X main.version=$(VERSION)
# Leaves out of urfave/cli what makes its own manual pages: 0.3 MB, and a fifth of
# the time that a short command takes.
TAGS      := urfave_cli_no_docs
FUZZTIME  ?= 20s
PACKAGES  ?= ./...

# The race detector needs cgo: a compiler and the headers of the C library.
# Asked only by the target that wants to know.
CAN_CGO = $(shell printf '\043include <stdlib.h>\n' | $$($(GO) env CC) -E - >/dev/null 2>&1 && echo yes)

##@ Try

.PHONY: demo
demo: build ## Walk the main job against a real Kratos and its pages (KEEP=1 leaves them up until Ctrl-C).
	@mkdir -p build && $(GO) build -o build/demo ./internal/dev/demo
	@build/demo $(if $(filter-out 0,$(KEEP)),-keep)

.PHONY: build
build: ## Build bin/kratos-agent: static, stripped, its version stamped.
	CGO_ENABLED=0 $(GO) build -tags $(TAGS) -trimpath -buildvcs=false -ldflags '$(LDFLAGS)' -o $(AGENT) ./cmd/kratos-agent

.PHONY: kratos
kratos: ## Build the pinned Kratos server of the demo and the tests (about two minutes, once).
	@CGO_ENABLED=0 $(GO) run ./internal/dev/kratos

.PHONY: charm
charm: ## Pack the charm: build/charm/ and build/kratos_<base>_<arch>.charm.
	@$(GO) run ./internal/dev/pack -version '$(VERSION)'

##@ Check

.PHONY: test
test: ## Run all tests; what this machine cannot run is listed at the end.
	@$(if $(KRATOS_BIN),:,$(MAKE) kratos) || echo 'Kratos cannot be built here: the tests that need it say so.'
	@$(if $(CAN_CGO),:,echo 'No C compiler with headers: without the race detector. To enable: apt-get install gcc libc6-dev.')
	@CGO_ENABLED=$(if $(CAN_CGO),1,0) $(GO) run ./internal/dev/testsum \
	  $(GO) test $(if $(CAN_CGO),-race) -shuffle=on -json $(PACKAGES)

.PHONY: lint
lint: ## Check format, vet, staticcheck, and which package imports which.
	@unformatted=$$(gofmt -l .); \
	if [ -n "$$unformatted" ]; then echo "gofmt would change:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(GO) tool -modfile=tools/lint/go.mod staticcheck ./...
	$(GO) run ./internal/dev/layers

.PHONY: check-generated
check-generated: ## Fail if a generated file is not what its source makes it.
	@$(GO) run ./internal/dev/generate -check

.PHONY: generate
generate: ## Write the files that are made from the declarations.
	@$(GO) run ./internal/dev/generate

.PHONY: cover
cover: ## Measure which statements the tests reach: build/cover.html.
	@mkdir -p build
	@$(GO) run ./internal/dev/testsum $(GO) test -json -coverpkg=./... -coverprofile=build/cover.out $(PACKAGES)
	@$(GO) tool cover -html=build/cover.out -o build/cover.html
	@$(GO) tool cover -func=build/cover.out | tail -n 1

.PHONY: bench
bench: build ## Print get-identity beside curl and net/http, what each hook asks, and pages beside Kratos' own answers.
	@$(GO) run ./internal/dev/bench
	@$(GO) test ./internal/dispatch -run '^$$' -bench Hook -benchtime 20x
	@$(GO) test ./internal/selfservice/... -run '^$$' -bench . -cpu 1

.PHONY: fuzz
fuzz: ## Run every fuzz target for FUZZTIME (20s).
	@set -e; for file in $$(grep -rl --include='*_test.go' --exclude-dir=build '^func Fuzz' .); do \
	  for target in $$(sed -nE 's/^func (Fuzz[A-Za-z0-9_]*)\(.*/\1/p' "$$file"); do \
	    $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$(dirname "$$file")"; \
	  done; \
	done

##@ Else

.PHONY: clean
clean: ## Remove bin/ and build/.
	rm -rf bin build

.PHONY: help
help: ## List the targets.
	@awk 'BEGIN {FS = ":.*## "} \
	  /^##@ / {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
