"""Run a Python program many times for the price of one start: fork for each line of standard input.

``forks.py SCRIPT PACKAGE...`` loads the packages, with the Python that the script is for, and then
runs the script as often as it is asked to: ``{"env", "cwd", "gone", "words"}`` is answered by
``{"code", "out", "err"}``. Each run is a process of its own. What modules read as they are loaded is
that of the first process, so its HOME has to be the one of every run; the packages themselves are
loaded again, since that of the AWS CLI adds to AWS_DATA_PATH.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import sys
import tempfile
import traceback
from typing import IO, Any, Never


def serve(script: str, packages: list[str]) -> None:
    for line in sys.stdin:
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            child = os.fork()
            if child == 0:
                become(script, packages, json.loads(line), out, err)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            answer = {"code": code, "out": text(out), "err": text(err)}
        print(json.dumps(answer), flush=True)  # noqa: T201 - this is the answer


def become(
    script: str, packages: list[str], asked: dict[str, Any], out: IO[bytes], err: IO[bytes]
) -> Never:
    code = 1
    try:
        with open(os.devnull) as nothing:
            for number, stream in enumerate((nothing.fileno(), out.fileno(), err.fileno())):
                os.dup2(stream, number)
        os.chdir(asked["cwd"])
        if asked["gone"]:
            os.rmdir(asked["cwd"])
        assert asked["env"]["HOME"] == os.environ["HOME"]
        os.environ.clear()
        os.environ.update(asked["env"])
        for package in packages:
            importlib.reload(sys.modules[package])
        sys.argv = [script, *asked["words"]]
        runpy.run_path(script, run_name="__main__")
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)  # noqa: T201 - as Python itself does
    except BaseException:  # noqa: BLE001 - as Python itself does
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def text(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode()


if __name__ == "__main__":
    for module in sys.argv[2:]:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()
    serve(sys.argv[1], sorted({module.split(".")[0] for module in sys.argv[2:]}))
