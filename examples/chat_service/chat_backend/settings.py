"""Where the backend takes its settings from."""

import importlib.util
import os
import warnings


class EnvironmentWarning(UserWarning):
    """Settings come from somewhere that tests share with the machine."""


def environment():
    """The isolated environment where it is installed, else the process's own."""
    if importlib.util.find_spec("isolated_environment"):
        from isolated_environment import environ

        return environ
    warnings.warn(
        "The isolated environment is not installed: using the regular os.environ",
        EnvironmentWarning,
        stacklevel=2,
    )
    return os.environ
