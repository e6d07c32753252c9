# SPDX-License-Identifier: GPL-3.0-or-later
"""Knowledge distillation on toy distributions: klsim's commands as functions that return pandas frames.

An option of the command is a keyword argument, with underscores for dashes:

>>> import klsim
>>> frame = klsim.run(teacher="longtail", objective=["fkl", "rkl"], epochs=10, quiet=True)
>>> frame.query("epoch == 10")[["objective", "tail_error"]].round(4)
   objective  tail_error
10       fkl      0.1291
21       rkl      0.3568

The numbers are the command's own; `klsim run --help` and `klsim list` describe options and names.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from klsim._command import KLSimError, command, execute
    from klsim._identify import Verdict, assert_descends, identify
    from klsim._studies import compare, estimate, gradient, reproduce, run, sequence, sweep
    from klsim._tables import read
    from klsim._teachers import export_teacher

__all__ = [
    "KLSimError", "Verdict", "assert_descends", "command", "compare", "estimate", "execute",
    "export_teacher", "gradient", "identify", "read", "reproduce", "run", "sequence", "sweep",
]

_MODULES = {
    "KLSimError": "_command", "command": "_command", "execute": "_command", "Verdict": "_identify",
    "assert_descends": "_identify", "identify": "_identify", "read": "_tables", "export_teacher": "_teachers",
}


def __getattr__(name: str) -> object:
    """Imports what is used when it is used: klsim is imported in a millisecond."""
    if name not in __all__:
        raise AttributeError(f"module 'klsim' has no attribute '{name}'")
    from importlib import import_module

    globals()[name] = value = getattr(import_module(f"klsim.{_MODULES.get(name, '_studies')}"), name)
    return value


def __dir__() -> list[str]:
    return __all__
