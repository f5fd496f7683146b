"""Writes what `reproduce.measuring` keeps, of models that never were."""

from collections.abc import Sequence
import gzip
import json
from pathlib import Path
from typing import Any


def keep(
  folder: Path, arm: str, seed: int, lines: Sequence[dict[str, Any]]
) -> None:
  """Keeps questions of decoders, and an arm's `scores` of them."""
  questions = [{k: v for k, v in x.items() if k != 'scores'} for x in lines]
  scores = [line['scores'] for line in lines]
  for name, kept in (
    ('questions.decoder', questions),
    (f'{arm}.{seed}', scores),
  ):
    with gzip.open(folder / f'{name}.jsonl.gz', 'wt') as f:
      f.writelines(f'{json.dumps(one)}\n' for one in kept)
