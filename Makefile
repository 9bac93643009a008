# Two commands: `make demo` and `make test`. Both set up everything they need in .venv.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
RUN := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
FASTTEXT := $(VENV)/.fasttext
OP := pqrnn_tf/projection/_projection_op.so
EXTRAS := dev,train,teachers,scale,datasets,plots,recipes,values

# Folder of MTOP files for `make demo DATA=...`; empty for the embedded grammar.
DATA ?=
DEMO_OUT ?= demo_out
VOCABULARY ?=
export TF_CPP_MIN_LOG_LEVEL ?= 3

.PHONY: setup demo test test-web test-jvm bench lint format clean

setup: $(INSTALLED) $(OP)

# The op is compiled against the installed TensorFlow, so TensorFlow comes first. The dependencies are
# built in isolation: seqeval is a source archive that needs its own build requirements.
$(INSTALLED): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "Python 3.11 is needed: make PYTHON=/path/to/python3.11 …")'
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --upgrade pip 'setuptools>=77,<81' wheel
	$(RUN) -c 'import sys, tomllib; project = tomllib.load(open("pyproject.toml", "rb"))["project"]; print(*project["dependencies"], *(line for extra in sys.argv[1].split(",") for line in project["optional-dependencies"][extra] if not line.startswith(project["name"] + "[")), sep="\n")' $(EXTRAS) > $(VENV)/requirements.txt
	$(RUN) -m pip install --quiet -r $(VENV)/requirements.txt
	$(RUN) -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $(INSTALLED)

$(OP): $(INSTALLED) setup.py $(wildcard pqrnn_tf/projection/cc/*) pqrnn_tf/runtime/spec.py pqrnn_tf/runtime/unicode_v1.json pqrnn_tf/runtime/folding_v2.json
	$(RUN) setup.py --quiet build_ext --inplace
	touch $(OP)

demo: setup
	$(RUN) -m pqrnn_tf.demo --output $(DEMO_OUT) $(if $(DATA),--data $(DATA))

# Two processes of one thread each: the operations of the small models of tests are too short to be shared.
test: setup
	OMP_NUM_THREADS=1 TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1 $(RUN) -m pytest -n 2 --dist worksteal

# Other runtimes; each needs its own tools (docs/deployment.md).
test-web: setup
	cd tflite_export/web && npm ci && npm run check && npm test
	$(RUN) -m pytest --run_large -rs tests/tflite_export/test_web.py tests/tflite_export/test_web_texts.py tests/runtime/test_parse_golden.py

test-jvm: setup
	mvn -q -B -f tflite_export/android/pom.xml test
	$(RUN) -m pytest --run_large -rs tests/tflite_export/test_jvm.py

# All benchmarks and their page, in at most 15 minutes. Needs MTOP English beside the checkout
# (benchmarks/records.py); VOCABULARY=vocab.txt of an uncased BERT gives the peers their own word pieces.
bench: setup $(FASTTEXT)
	$(RUN) -m benchmarks.run_all $(if $(VOCABULARY),--vocabulary $(VOCABULARY))

# A peer; without it (it is compiled when installed) its row says that it is missing.
$(FASTTEXT): $(INSTALLED)
	-$(RUN) -c 'import tomllib; print("\n".join(tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["benchmarks"]))' > $(VENV)/benchmarks.txt \
	&& $(RUN) -m pip install --quiet -r $(VENV)/benchmarks.txt && touch $(FASTTEXT)

lint: setup
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	git ls-files '*.cc' '*.h' | xargs $(VENV)/bin/clang-format --dry-run --Werror

format: setup
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .
	git ls-files '*.cc' '*.h' | xargs $(VENV)/bin/clang-format -i

clean:
	rm -rf build demo_out pqrnn_tf/projection/_projection_*.so pqrnn_tf/projection/cc/*.o
