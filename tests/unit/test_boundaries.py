"""Who may import whom, that the domain is pure, and what no file of the project may hold."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.needs import program

ROOT = Path(__file__).parents[2]
PACKAGES = ("risk", "flink_jobs", "generator", "sinks", "stack", "monitoring", "cli", "bench")
RUNNING = ("flink_jobs", "generator", "sinks", "stack", "monitoring")  # each alone, on top of risk
MOST_LINES = 250

# An allow list: a module that isn't here may read a clock, a file, a socket or the environment.
PURE = frozenset(
    (
        *("__future__", "abc", "array", "ast", "bisect", "collections", "contextlib", "copy"),
        *("dataclasses", "datetime", "decimal", "difflib", "enum", "fractions", "functools"),
        *("hashlib", "heapq", "ipaddress", "itertools", "json", "math", "operator", "re"),
        *("string", "struct", "textwrap", "types", "typing", "unicodedata", "zlib"),
        *("msgspec", "numpy", "yaml", "risk"),
    )
)
IMPURE_CALLS = frozenset({"open", "print", "input", "exec", "eval", "__import__", "breakpoint"})
# The compiler of rules runs what it has built itself, from a tree of known nodes.
MAY_EXEC = Path("risk/rules/compiler.py")
CLOCK_CALLS = frozenset({"now", "utcnow", "today"})


def modules(*packages: str) -> list[Path]:
    found = [path for package in packages for path in sorted((ROOT / package).rglob("*.py"))]
    return [path.relative_to(ROOT) for path in found]


def tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def imported(module: ast.Module) -> set[str]:
    """The top-level names of all imports, those inside of functions too."""
    found = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: a relative import"
            found.add((node.module or "").partition(".")[0])
    return found


def tracked(pattern: str = "*") -> list[Path]:
    """The text files under version control."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: clone the project to run this")
    command = (program("git"), "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--", pattern)
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    paths = [Path(name) for name in listed.stdout.split("\0") if name]
    return [path for path in paths if (ROOT / path).is_file() and text(path) is not None]


def text(path: Path) -> str | None:
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


@pytest.mark.parametrize("path", modules("risk"), ids=str)
def test_risk_is_pure(path: Path) -> None:
    module = tree(path)
    impure = IMPURE_CALLS - ({"exec"} if path == MAY_EXEC else set())
    assert imported(module) <= PURE
    for node in ast.walk(module):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name):
            assert node.func.id not in impure, f"line {node.lineno}"
        if isinstance(node.func, ast.Attribute):
            assert node.func.attr not in CLOCK_CALLS, f"line {node.lineno}"


@pytest.mark.parametrize("package", RUNNING)
def test_what_runs_imports_only_risk_of_the_others(package: str) -> None:
    forbidden = {other for other in PACKAGES if other not in ("risk", package)} | {"tests"}
    for path in modules(package):
        assert not imported(tree(path)) & forbidden, path


def test_what_measures_does_not_import_the_command_line() -> None:
    for path in modules("bench"):
        assert not imported(tree(path)) & {"cli", "tests"}, path


@pytest.mark.parametrize("path", modules(*PACKAGES), ids=str)
def test_every_module_says_what_it_is(path: Path) -> None:
    if (ROOT / path).stat().st_size:
        assert ast.get_docstring(tree(path)), f"{path}: no docstring"


def test_risk_needs_nothing_but_msgspec_numpy_and_yaml(tmp_path: Path) -> None:
    for name in ("msgspec", "numpy", "yaml", "_yaml"):
        spec = find_spec(name)
        if spec and spec.origin:
            folder = Path(spec.origin).parent
            (tmp_path / name).symlink_to(folder)
            libraries = folder.with_name(f"{name}.libs")  # where a wheel keeps its own
            if libraries.exists():
                (tmp_path / libraries.name).symlink_to(libraries)
    names = [
        ".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in modules("risk")
    ]
    code = f"import sys; sys.path += {[str(tmp_path), str(ROOT)]!r}\n"
    code += "\n".join(f"import {name}" for name in names)
    # -I -S: no environment and no site-packages, so no third party but those linked above.
    done = subprocess.run(
        (sys.executable, "-I", "-S", "-B", "-c", code), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_no_module_is_long() -> None:
    lines = {path: (text(path) or "").count("\n") for path in modules(*PACKAGES)}
    assert {path: count for path, count in lines.items() if count > MOST_LINES} == {}


# In pieces, so that this file doesn't name them either.
HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("repo", "maven", "apache", "org"),
        ("repo1", "maven", "org"),
        ("npmjs", "org"),
        ("crates", "io"),
        ("proxy", "golang", "org"),
        ("deb", "debian", "org"),
    )
]


def test_no_file_names_a_package_registry() -> None:
    """Where packages come from is the machine's to say: a mirror, a cache, a registry."""
    for path in tracked():
        content = (text(path) or "").lower()
        assert [host for host in HOSTS if host in content] == [], path


_NAME = r"\w*(?:password|passwd|secret|api_?key|access_?key|private_?key)"
IN_QUOTES = re.compile(rf"(?i)\b{_NAME}[\"']?\s*[:=]\s*[\"'](?![${{<])[^\"'\s]{{4,}}[\"']")
BARE = re.compile(rf"(?im)^\s*-?\s*{_NAME}\s*[:=][ \t]*(?![${{<\"'#]|null\b|~)\S{{4,}}")
KEYS = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\bgh[ps]_\w{36}")
CONFIGURATION = {".yaml", ".yml", ".env", ".properties", ".conf", ".ini", ".toml"}


def secrets(path: Path, content: str) -> list[str]:
    found = [*KEYS.findall(content)]
    if path.parts[0] != "tests":
        found += IN_QUOTES.findall(content)
        found += BARE.findall(content) if path.suffix in CONFIGURATION else []
    return found


def test_no_file_holds_a_secret() -> None:
    for path in tracked():
        assert secrets(path, text(path) or "") == [], path


@pytest.mark.parametrize(
    ("name", "line", "caught"),
    [
        ("a.py", 'password = "hunter2"', True),
        ("a.py", "{'db_password': 'hunter2'}", True),
        ("a.py", "password: str | None = None", False),
        ("a.py", 'password = environment["RISK_POSTGRES__PASSWORD"]', False),
        ("a.yaml", "  password: hunter2", True),
        ("a.yaml", "  POSTGRES_PASSWORD: ${POSTGRES_PASSWORD}", False),
        ("a.yaml", "  password:\n  user: risk", False),
        ("a.md", "-----BEGIN RSA " + "PRIVATE KEY-----", True),
    ],
)
def test_a_secret_is_found(name: str, line: str, caught: bool) -> None:
    assert bool(secrets(Path(name), line)) is caught
