"""Loads a run's vocabulary: the launcher by its path, workers by the plan.

Both must have the same one. The plan keeps the file's SHA-256, and a worker
that sees other bytes under the same path refuses to go on.
"""

from collections.abc import Mapping
from typing import Any

from ul2_flan.pipelines.storage import files
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import T5_EOS
from ul2_flan.tasks.vocabulary import Vocabulary


def load(
  path: str, extra_ids: int | None, sentinels: str = '', eos: str = ''
) -> Vocabulary:
  """Loads the vocabulary that a user names.

  Args:
    path: a SentencePiece model or a `tokenizer.json`, on any file system.
    extra_ids: as in `Vocabulary`, and so are the others.

  Raises:
    UserError: the file cannot be read, or is no vocabulary that can be used.
  """
  try:
    model = files.read_bytes(path)
  except (OSError, ValueError) as e:
    raise UserError(f"--vocabulary '{path}': {files.why(e)}") from e
  try:
    return Vocabulary(model, extra_ids, sentinels, eos)
  except UserError as e:
    raise UserError(f"--vocabulary '{path}': {e}") from e


def described(vocabulary: Vocabulary, path: str) -> dict[str, Any]:
  """Describes a vocabulary for a plan, so that `load_planned` can check it."""
  others = {
    'kind': vocabulary.kind,
    'sentinels': vocabulary.named_sentinels,
    'eos': vocabulary.named_eos,
    'eos_id': vocabulary.eos_id,
  }
  # As before there were others than T5's.
  usual = {
    'kind': 'sentencepiece',
    'sentinels': '',
    'eos': '',
    'eos_id': T5_EOS,
  }
  return {
    'path': path,
    'sha256': vocabulary.sha256,
    'extra_ids': vocabulary.extra_ids,
    **{k: v for k, v in others.items() if v != usual[k]},
  }


def load_planned(description: Mapping[str, Any]) -> Vocabulary:
  """Loads the vocabulary that a plan describes.

  Args:
    description: what `described` made when the run was planned.

  Raises:
    UserError: the file has changed since then.
  """
  path = description['path']
  vocabulary = Vocabulary(
    files.read_bytes(path),
    description['extra_ids'],
    description.get('sentinels', ''),
    description.get('eos', ''),
  )
  if vocabulary.sha256 != description['sha256']:
    raise UserError(
      f'{path} is not the vocabulary that the run was planned with: '
      'it was replaced, or a worker sees another file'
    )
  return vocabulary
