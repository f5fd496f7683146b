"""The vocabulary file of a run: loaded at the launcher, checked by workers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ul2_flan.pipelines.storage import files
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.vocabulary import Vocabulary


def load(path: str, extra_ids: int | None) -> Vocabulary:
  """The vocabulary that a user names."""
  try:
    model = files.read_bytes(path)
  except (OSError, ValueError) as e:
    raise UserError(f"--vocabulary '{path}': {files.why(e)}") from e
  try:
    return Vocabulary(model, extra_ids)
  except UserError as e:
    raise UserError(f"--vocabulary '{path}': {e}") from e


def described(vocabulary: Vocabulary, path: str) -> dict[str, Any]:
  """What a plan's configuration keeps of a vocabulary."""
  return {
    'path': path,
    'sha256': vocabulary.sha256,
    'extra_ids': vocabulary.extra_ids,
  }


def load_planned(known: Mapping[str, Any]) -> Vocabulary:
  """The vocabulary that a run was planned with, as `described` has it."""
  vocabulary = Vocabulary(files.read_bytes(known['path']), known['extra_ids'])
  if vocabulary.sha256 != known['sha256']:
    raise UserError(
      f'{known["path"]} is not the vocabulary that the run was planned with: '
      'it was replaced, or a worker sees another file'
    )
  return vocabulary
