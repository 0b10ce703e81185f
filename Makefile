# What people who work on Portrait type. `make` alone lists it.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo build generate format check test sbom release bench load lighthouse soak screenshots clean

# Stands in node_modules as long as they are what package-lock.json says.
npm := node_modules/.done
templ := go tool -modfile=tools/go.mod templ

help: ## list what there is to make
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

demo: build ## build everything and start the demo; Ctrl+C ends it
	@bin/portrait demo

build: generate ## build bin/portrait and what it embeds
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o bin/portrait ./cmd/portrait

generate: $(npm) ## make views/*_templ.go, static/dist and static/extra from their sources
	$(templ) generate -path views -log-level warn
	go run -C tools ./dist

format: ## put Go and templ files into their usual form
	gofmt -w $$(git ls-files -co --exclude-standard '*.go')
	$(templ) fmt views

check: $(npm) ## look at everything without running it
	@tools/check.sh

test: ## check, Go tests with the race detector on both databases, browser tests; installs what is missing
	@tools/test.sh

sbom: build ## write what is in bin/portrait, with licences, to bin/portrait.cdx.json (CycloneDX)
	go run -C tools ./sbom ../bin/portrait > bin/portrait.cdx.json.part
	mv bin/portrait.cdx.json.part bin/portrait.cdx.json

release: generate ## build for every system, with checksums and what is in it, into bin/release
	@tools/release.sh

bench: build bench/node_modules/.done ## compare pictures with sharp, on one core, batches with what Graph takes, and measure the editor; writes docs/performance.md and docs/editor-figures.md
	@tools/install.sh butteraugli chromium
	go run ./bench
	tools/with-postgres.sh go test -count=1 -v -timeout 30m -run '^TestBatchThroughput$$' ./cmd/portrait -throughput ../../docs/performance.md
	E2E_FIGURES=1 go test -count=1 -run '^TestFigures$$' -v ./e2e

load: build ## put the program under load on this machine, a quarter of an hour; writes docs/load.md
	go run ./bench/load

lighthouse: build tools/lighthouse/node_modules/.done ## have Lighthouse look at the demo's pages as on a phone; writes docs/lighthouse.md
	@tools/install.sh chromium
	CHROME_PATH=$$(command -v chromium chromium-browser google-chrome | head -1) node tools/lighthouse/run.mjs

soak: ## what takes too long for every time: fuzz targets for minutes, the program killed 50 times while people save or it works a batch, 10,000 items with faults, an hour of mixed load (MIXED=1h)
	@tools/fuzz.sh $(or $(EACH),5m)
	tools/with-postgres.sh go test -count=1 -v -timeout 60m -run '^TestKilled' ./cmd/portrait -kills 50
	tools/with-postgres.sh go test -count=1 -v -timeout 2h -run '^TestABatchThatIsKilled' ./cmd/portrait -batch-items 500 -batch-kills 50
	tools/with-postgres.sh go test -count=1 -v -timeout 8h -run '^TestABatchMeetsEveryFault' ./cmd/portrait -batch-faulty-items 10000
	tools/with-postgres.sh go test -count=1 -v -timeout 90m -run '^TestMixedLoad' ./cmd/portrait -mixed $(or $(MIXED),1h)
	go test -count=1 -v -timeout 120m -run '^TestPicturesGoUpBesideThePage' ./e2e -pictures 1000
	go test -count=1 -v -timeout 30m -run CorpusOverHTTP ./cmd/portrait -whole-corpus

screenshots: build ## every view at three widths in light and dark, into e2e/screenshots, and the guides' pictures, docs/photo-page*.png
	go run -C tools ./dist -extra
	E2E_SCREENSHOTS=1 E2E_GUIDE=1 go test -count=1 -run 'Gallery|GuidePictures' -v ./e2e

clean: ## remove what was built and is not committed
	rm -rf bin node_modules bench/node_modules tools/lighthouse/node_modules e2e/screenshots
	git clean -fdxq static/extra

# Scripts of packages don't run: nothing here needs them, and they could do anything.
$(npm): package.json package-lock.json
	@tools/install.sh node
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

tools/lighthouse/node_modules/.done: tools/lighthouse/package.json tools/lighthouse/package-lock.json
	@tools/install.sh node
	npm ci --prefix tools/lighthouse --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# sharp's library comes as a package of its own for each system, without scripts.
bench/node_modules/.done: bench/package.json bench/package-lock.json
	@tools/install.sh node
	npm ci --prefix bench --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
