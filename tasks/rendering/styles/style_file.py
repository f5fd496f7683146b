"""Reads the TOML files that hold the styles, which lie beside this module."""

import importlib.resources
import tomllib
from typing import Any


def read_styles(name: str) -> dict[str, Any]:
  """Reads a TOML file of this folder, such as 'layouts.toml'."""
  folder = importlib.resources.files('ul2_flan.tasks') / 'rendering/styles'
  return tomllib.loads((folder / name).read_text(encoding='utf-8'))
