#!/bin/sh
# Everything that must hold before a change lands. Arguments go to pytest.
set -eu
cd "$(dirname "$0")/.."
export QT_QPA_PLATFORM=offscreen PYTEST_QT_API=pyside6 LC_ALL=C.UTF-8 QT_LOGGING_RULES="*.debug=false"
# A developer's own settings must not decide of the result.
unset PLEIADE_DOSSIER DISPLAY WAYLAND_DISPLAY http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
sh packaging/oracle.sh --node
.venv/bin/ruff check app tests packaging migrations
.venv/bin/mypy
.venv/bin/lint-imports
# Two workers; the parts that own a machine-wide server stay on one of them. The scenarios run by
# themselves: their windows would slow down the widgets' tests that share a process with them.
if [ $# -gt 0 ]; then
    exec .venv/bin/python -m pytest -q -n 2 --dist loadgroup "$@"
fi
.venv/bin/python -m pytest -q -n 2 --dist loadgroup --ignore-glob='*/test_ui_*.py' \
    tests/components tests/unit
# Each file of widgets in a process of its own: windows of one must not weigh on the next.
ls tests/unit/test_ui_*.py | xargs -P 2 -n 1 .venv/bin/python -m pytest -q
exec .venv/bin/python -m pytest -q -n 2 --dist loadgroup tests/scenarios
