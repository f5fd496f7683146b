"""Reads what gin files say of a model or a run, without running T5X.

T5X writes all settings of a run into `config.gin`, beside the checkpoints. What
a setting refers to stays text: a network or an optimizer is not made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
import dataclasses
import os
from typing import Any

from gin import config_parser, resource_reader
import tensorflow as tf

from ul2_flan.tasks.errors import UserError
from ul2_flan.trainer_plugin import stage

CONFIG = 'config.gin'


@dataclasses.dataclass(frozen=True)
class Settings:
  """The settings that a checkpoint does not show.

  Attributes:
    path: of the gin file, for messages.
    network: maps fields of the network's configuration to values, such as
      'mlp_activations'.
    macros: maps names such as 'MANIFEST' to values.
  """

  path: str
  network: Mapping[str, Any]
  macros: Mapping[str, Any]


class _AsText(config_parser.ParserDelegate):
  """Leaves references as text."""

  def configurable_reference(self, scoped_name: str, evaluate: bool) -> str:
    return f'@{scoped_name}'

  def macro(self, scoped_name: str) -> str:
    return f'%{scoped_name}'


def macros(text: str) -> dict[str, Any]:
  r"""Reads the macros of gin's text, by name.

  >>> macros('STEPS = %N\nN = 5')
  {'STEPS': '%N', 'N': 5}
  """
  return {
    one.selector: one.value
    for one in config_parser.ConfigParser(text, _AsText())
    if isinstance(one, config_parser.BindingStatement) and not one.arg_name
  }


def read(model_dir: str, model: str | None = None) -> Settings:
  """Reads the settings of a run.

  Args:
    model_dir: the folder of its checkpoints.
    model: name of one of our model files, or the path of a gin file; by default
      the `config.gin` that T5X wrote into the folder.

  Raises:
    UserError: there is no such file, or it is not written in gin's language.
  """
  path = stage.gin_file(model) if model else f'{model_dir}/{CONFIG}'
  network: dict[str, Any] = {}
  named: dict[str, Any] = {}
  for statement in _statements(path):
    if not isinstance(statement, config_parser.BindingStatement):
      continue
    # An included file comes first, so what comes later counts.
    if not statement.arg_name:
      named[statement.selector] = statement.value
    elif statement.selector.split('.')[-1] in ('T5Config', 'TransformerConfig'):
      network[statement.arg_name] = statement.value
  return Settings(path, network, named)


def _statements(path: str) -> Iterator[object]:
  """Yields the statements of a file and of those that it includes."""
  try:
    for statement in config_parser.ConfigParser(_text(path), _AsText()):
      if isinstance(statement, config_parser.IncludeStatement):
        yield from _statements(statement.filename)
      else:
        yield statement
  except SyntaxError as e:
    raise UserError(f'{path} is not a gin file: {e}') from e


def _text(path: str) -> str:
  """Reads a file, or one that lies in a package, as `t5x/…` does."""
  try:
    is_packaged = '://' not in path and not os.path.isabs(path)
    if is_packaged and resource_reader.system_path_file_exists(path):
      with resource_reader.system_path_reader(path) as f:
        return str(f.read())
    with tf.io.gfile.GFile(path, 'r') as f:
      return str(f.read())
  except tf.errors.OpError as e:
    raise UserError(
      f'no {path}, which says what the model is. T5X writes {CONFIG} beside '
      'its checkpoints; without it, give --model, such as t5_1_1_small'
    ) from e
