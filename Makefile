PYTHON ?= python3

.PHONY: report test lab lint translations dependencies
report test lab lint:
	$(PYTHON) kit.py $@

translations:
	$(PYTHON) kit.py python tools/translations.py

dependencies:
	$(PYTHON) kit.py python tools/dependencies.py
