# 督办. Two commands matter: `make run` and `make test`. Nothing is needed but Debian 12, Python 3.11, git and make.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
DEMO   ?= var/demo
YEAR   ?= var/demo-year
BIND   ?= 127.0.0.1:8000

# what `make test` needs from Debian, and what a desk without Chinese fonts would miss
PACKAGES := chromium clamav-daemon fonts-noto-cjk libreoffice-writer-nogui python3-venv

# tests run on every core, a file of tests at a time: each process has its own database and data folder;
# tests/conftest.py puts the long files first
SPREAD := -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

.PHONY: help setup packages run try demo-year test lint types contracts static unit postgresql browser bench lock clean

help:
	@echo "make setup   准备环境（.venv、依赖、字体、浏览器）"
	@echo "make run     载入样例通知并在 $(BIND) 启动演示"
	@echo "make try     从导入通知开始走一遍（虚构的临江区，空台账）"
	@echo "make demo-year  播放一年（虚构的临江区）到 $(YEAR)，再告诉怎样打开"
	@echo "make test    全部检查与测试（SQLite、PostgreSQL、浏览器）"
	@echo "make bench   性能测量"

setup: packages $(READY)

packages:
	@missing=""; for p in $(PACKAGES); do dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q "install ok installed" || missing="$$missing $$p"; done; \
	if command -v chromium >/dev/null 2>&1 && PATH="$$PATH:/usr/sbin" command -v clamd >/dev/null 2>&1 && command -v soffice >/dev/null 2>&1 && $(PYTHON) -c "import ensurepip" >/dev/null 2>&1 && fc-list :lang=zh 2>/dev/null | grep -q .; then missing=""; fi; \
	if [ -z "$$missing" ]; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	else echo "请先安装：sudo apt-get install$$missing（只运行、不测试时可不装 chromium、clamav-daemon、libreoffice-writer-nogui）"; fi

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "需要 Python 3.11 或更新版本")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

run: setup
	$(BIN)/duban up --demo --data $(DEMO) --bind $(BIND)

try: setup
	$(BIN)/duban up --demo --empty --data var/empty --bind $(BIND)

demo-year: setup
	$(BIN)/duban demo-year --data $(YEAR)

test: setup static unit postgresql browser

static: setup
	@$(MAKE) --no-print-directory -j2 -O lint types contracts

lint: setup
	$(BIN)/ruff check src tests bench
	$(BIN)/ruff format --check src tests bench

types: setup
	$(BIN)/mypy

contracts: setup
	$(BIN)/lint-imports

unit: setup
	$(BIN)/pytest $(SPREAD) -m "not browser"

postgresql: setup
	$(BIN)/python -m tests.with_postgresql $(SPREAD) -m "not browser and not engine_free"

browser: setup
	$(BIN)/pytest tests/browser -m browser

bench: setup
	$(BIN)/python -m bench

lock:  # needs uv: pip install uv
	uv pip compile --quiet --all-extras --generate-hashes --no-emit-index-url --python-version 3.11 pyproject.toml -o requirements.lock
	sed -i '2s/.*/#    make lock/' requirements.lock

clean:
	rm -rf $(VENV) var build dist
