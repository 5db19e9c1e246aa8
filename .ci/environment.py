"""Make .venv with what `make` needs, once: python .ci/environment.py demo|test|bench|fuzz|mutate

Written so that every Python can read it: one that is too old must get a sentence, not a traceback.
"""

import glob
import hashlib
import json
import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)
REQUIREMENTS = {
    "demo": "examples/requirements.txt",
    "test": "tests/requirements.txt",
    "bench": "benchmarks/requirements.txt",
    "fuzz": "tests/fuzz/requirements.txt",
    "mutate": "tests/mutation/requirements.txt",
}
BESIDE_TEST = ("fuzz", "mutate")  # they add to what the tests need, and bring nothing but themselves
VENV = ".venv"
PYTHON = os.path.join(VENV, "bin", "python")
NODE = os.path.join(VENV, "npm")
PACKAGES = os.path.join("tests", "interop", "npm")


def stop(sentence):
    sys.stderr.write(sentence + "\n")
    sys.exit(1)


def check_python():
    if sys.version_info[:2] < OLDEST:
        stop(
            "coop_ledger needs Python %d.%d or later; this is Python %d.%d (%s). "
            "Install a newer one, or name it: make PYTHON=/path/to/python3.11 ..."
            % (OLDEST + tuple(sys.version_info[:2]) + (sys.executable,))
        )


def check_venv():
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        stop(
            "This Python cannot make virtual environments: the module venv or ensurepip is missing. "
            "On Debian or Ubuntu install the package python3-venv, or put uv on the PATH."
        )


def fingerprint(kind):
    digest = hashlib.sha256(sys.version.encode())
    for name in (REQUIREMENTS[kind], "pyproject.toml"):
        with open(name, "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def run(*command):
    code = subprocess.call(command)
    if code:
        stop("This did not work (exit code %d): %s" % (code, " ".join(command)))


def install(kind):
    requirements = REQUIREMENTS[kind]
    uv = shutil.which("uv")
    if uv:
        if not os.path.exists(PYTHON):
            run(uv, "venv", "--quiet", "--python", sys.executable, VENV)
        pip = (uv, "pip", "install", "--quiet", "--python", PYTHON)
    else:
        if not os.path.exists(PYTHON):
            check_venv()
            run(sys.executable, "-m", "venv", VENV)
        pip = (PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "-qq")
    # two calls: an editable package has no hash
    run(*(pip + (("--no-deps",) if kind in BESIDE_TEST else ()) + ("--require-hashes", "-r", requirements)))
    run(*(pip + ("--no-deps", "--no-build-isolation", "-e", ".")))


def install_for_node():
    """What a verifier of others needs that runs on Node: by hashes too. Without Node its tests are skipped, visibly."""
    npm = shutil.which("npm")
    if not npm:
        return
    names = ("package.json", "package-lock.json")
    wanted = hashlib.sha256()
    for name in names:
        with open(os.path.join(PACKAGES, name), "rb") as file:
            wanted.update(file.read())
    stamp = os.path.join(NODE, "installed")
    if os.path.exists(stamp):
        with open(stamp) as file:
            if file.read() == wanted.hexdigest():
                return
    shutil.rmtree(NODE, ignore_errors=True)
    os.makedirs(NODE)
    for name in names:
        shutil.copy(os.path.join(PACKAGES, name), NODE)
    flags = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--silent")
    if subprocess.call((npm, "ci") + flags, cwd=NODE):
        sys.stderr.write("npm could not install what tests/interop/npm names: the tests that need it will be skipped\n")
        return
    with open(stamp, "w") as file:
        file.write(wanted.hexdigest())


def install_strace():
    """What makes system calls fail for the fault suite. Without it those tests are skipped, and in CI the run ends."""
    if shutil.which("strace") or not sys.platform.startswith("linux"):
        return
    if shutil.which("apt-get") and os.geteuid() == 0:
        install = ("apt-get", "install", "-y", "-qq", "--no-install-recommends", "strace")
        with open(os.devnull, "w") as nowhere:
            if subprocess.call(install, stdout=nowhere):  # the lists of packages may be old, or missing
                subprocess.call(("apt-get", "update", "-qq"), stdout=nowhere)
                subprocess.call(install, stdout=nowhere)
    if shutil.which("strace"):
        return
    sentence = "The fault suite makes system calls fail with strace, which is not here: install the package strace."
    if os.environ.get("COOP_LEDGER_FORBID_SKIPS"):
        stop(sentence)
    sys.stderr.write(sentence + " The tests that need it will be skipped.\n")


def is_editable():
    """Whether .venv runs the code that stands here: `pip install .` there would freeze a copy of it."""
    found = glob.glob(
        os.path.join(VENV, "lib", "python*", "site-packages", "coop_ledger-*.dist-info", "direct_url.json")
    )
    if len(found) != 1:
        return False
    with open(found[0]) as file:
        origin = json.load(file)
    path = origin.get("url", "").replace("file://", "", 1)
    return bool(origin.get("dir_info", {}).get("editable")) and os.path.realpath(path) == os.path.realpath(".")


def install_once(kind):
    stamp = os.path.join(VENV, "installed-" + kind)
    wanted = fingerprint(kind)
    if os.path.exists(stamp) and is_editable():
        with open(stamp) as file:
            if file.read() == wanted:
                return
    install(kind)
    with open(stamp, "w") as file:
        file.write(wanted)


def main():
    check_python()
    if len(sys.argv) != 2 or sys.argv[1] not in REQUIREMENTS:
        stop("usage: python .ci/environment.py %s" % "|".join(sorted(REQUIREMENTS)))
    kind = sys.argv[1]
    if kind in BESIDE_TEST:
        install_once("test")
    install_once(kind)
    if kind == "test":
        install_for_node()
        install_strace()


if __name__ == "__main__":
    main()
