"""The version of this package, and of those that it works with."""

import sys

# `setup.py` reads it here.
VERSION = '0.1.0'


def version_of(package: str) -> str:
  """Returns the version of a package that tells its own, as most do.

  Raises:
    PackageNotFoundError: it is not installed.
  """
  if package in sys.modules:
    version: str = sys.modules[package].__version__
    return version
  # Here, because to look up what is installed takes ten milliseconds.
  import importlib.metadata

  return importlib.metadata.version(package)
