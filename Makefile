# Two commands for a newcomer: `make demo` runs the main job, `make test` proves it.
.PHONY: setup demo test check attaques matrice nomenclature livraison audit verrou propre

setup:
	@sh packaging/setup.sh

demo: setup
	@sh packaging/demo.sh

test: setup
	@sh packaging/test.sh

# Lint, types and floors alone.
check: setup
	.venv/bin/ruff check app tests packaging migrations
	.venv/bin/mypy
	.venv/bin/lint-imports

# Play the attack tests and write docs/securite/tests.md from their results.
attaques: setup
	@rm -f .attaques.json
	@PLEIADE_ATTAQUES=$(CURDIR)/.attaques.json sh packaging/test.sh -m attaque tests || true
	@.venv/bin/python packaging/attaques.py .attaques.json
	@rm -f .attaques.json

# Bill of materials (CycloneDX 1.6) of what is locked and installed.
nomenclature: setup
	@.venv/bin/python packaging/nomenclature.py dist/pleiade.cdx.json
	@echo dist/pleiade.cdx.json

# Play the scenarios; their matrix becomes the reference when no requirement was lost.
matrice: setup
	@mkdir -p dist/preuves && rm -f dist/preuves/resultats.jsonl
	@PLEIADE_PREUVES=$(CURDIR)/dist/preuves sh packaging/test.sh tests/scenarios
	@.venv/bin/python packaging/matrice.py dist/preuves dist --adopter

# A version: sources with their installers, bill of materials, matrix, digests, signature.
livraison: setup
	@sh packaging/livraison.sh dist

# Secrets in the sources, known vulnerabilities of the locked packages (when the service answers).
audit: setup
	@.venv/bin/python packaging/audit/controler.py

# Lock the dependencies again (needs uv).
verrou:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements/runtime.in -o requirements/runtime.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements/dev.in -o requirements/dev.txt
	.venv/bin/python packaging/audit/roues.py

propre:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache captures
