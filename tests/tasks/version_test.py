"""Versions are those of what is installed."""

import importlib.metadata
import sys

import pytest

from ul2_flan.tasks.version import VERSION, version_of


def test_the_version_is_that_of_the_package():
  assert importlib.metadata.version('ul2-flan') == VERSION


@pytest.mark.parametrize('package', ['numpy', 'sentencepiece', 'pyarrow'])
def test_packages_tell_their_versions(
  package: str, monkeypatch: pytest.MonkeyPatch
):
  __import__(package)
  assert version_of(package) == importlib.metadata.version(package)
  # As if it were not imported.
  monkeypatch.delitem(sys.modules, package)
  assert version_of(package) == importlib.metadata.version(package)


def test_what_is_not_installed_is_an_error():
  with pytest.raises(importlib.metadata.PackageNotFoundError):
    version_of('no-such-package')
