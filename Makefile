# Every target is described by the comment behind it; `make` lists them.

FUZZTIME    ?= 10s
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

.DEFAULT_GOAL := help
.PHONY: help all test race lint golangci bench bench-quick bench-go bench-wire bench-growth bench-storage bench-worker bench-producer bench-peers fuzz examples cross foreign functions

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-16s %s\n", $$1, $$2}'

all: test lint race fuzz examples cross foreign functions ## everything that CI does

test: ## run the tests
	go test ./...

race: ## run the tests under the race detector
	go test -race ./...

lint: ## gofmt, go vet, staticcheck
	@test -z "$$(gofmt -l .)" || { echo "not formatted:"; gofmt -l .; exit 1; }
	go vet ./...
	go run $(STATICCHECK) ./...

golangci: ## the wider set of linters, if golangci-lint 2 is installed
	golangci-lint run

bench: ## run all comparisons, in about an hour, and write docs/benchmarks.md
	benchmarks/run

bench-quick: ## run all comparisons that need Go alone, in about eleven minutes, and write a page beside their results
	benchmarks/run quick

bench-go: ## run the benchmarks among the tests
	go test -run '^$$' -bench . -benchmem ./...

bench-wire: ## compare quayside serve with other servers and a fixed answer, in one run of about fifteen minutes
	cd benchmarks && go run ./wire

bench-growth: ## measure localqueue in process, by messages, queues, groups and receivers, in one run of about two minutes
	cd benchmarks && go run ./growth

bench-storage: ## compare localqueue.Open with the disk, pebble, bbolt, SQLite and NATS, in one run of about twenty minutes
	cd benchmarks && go run ./storage

bench-worker: ## compare the worker with bare SDK calls, in one run of about seven minutes
	cd benchmarks && go run ./worker

bench-producer: ## compare the producer with bare SDK calls, in one run of about two minutes
	cd benchmarks && go run ./producer

bench-peers: ## compare worker and producer with those of other libraries, in one run of about eleven minutes
	cd benchmarks && go run ./peers

fuzz: ## run every fuzz target for FUZZTIME (10s)
	FUZZTIME=$(FUZZTIME) bash .ci/fuzz

examples: ## run the examples
	bash .ci/examples

cross: ## build, and vet the tests, for the systems this machine is not
	bash .ci/cross

foreign: ## install clients in other languages and drive quayside serve with each
	bash .ci/foreign

functions: ## run functions in Go and Python on 10,000 messages each, with crashes
	bash .ci/functions
