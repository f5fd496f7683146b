"""Chat: a conversation a line, as TRL, open-instruct and axolotl read them."""

from typing import Self

import orjson

from ul2_flan.pipelines.export.columns import Columns
from ul2_flan.pipelines.storage.whole_files import WholeFile
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Feature, Manifest
from ul2_flan.tasks.ragged import Ragged
from ul2_flan.tasks.records import Frames

# What `flan --keep_text` stores beside the ids.
_TEXTS = ('inputs_pretokenized', 'targets_pretokenized')


def check(manifest: Manifest, where: str) -> None:
  """Refuses a run whose examples have no text.

  Raises:
    UserError: they have none.
  """
  if not manifest.features.keys() >= {*_TEXTS}:
    raise UserError(
      f'--format chat takes the text of examples, and {where} has none: make '
      'its run with `flan --keep_text` (and `mix --keep_strings`), or give '
      '--format parquet for token ids'
    )


def features(manifest: Manifest) -> dict[str, Feature]:
  """Describes what a line has."""
  texts = {k: f for k, f in manifest.features.items() if f.dtype == 'string'}
  kept = {name: f for name, f in texts.items() if name not in _TEXTS}
  return {'messages': Feature('string'), **kept}


class ChatWriter:
  """Writes a shard as JSON lines; see `Writer`.

  A line has 'messages', of a user and an assistant, and the example's other
  text, such as 'provenance/key'.
  """

  def __init__(self, file: WholeFile, columns: Columns):
    self._file, self._columns = file, columns

  def write(self, frames: Frames, where: str) -> None:
    columns = self._columns.decode(frames, where)
    texts = {
      name: [text.decode() for text in column]
      for name, column in columns.items()
      if not isinstance(column, Ragged)
    }
    sides = [texts.pop(name) for name in _TEXTS]
    lines = []
    for number, (inputs, targets) in enumerate(zip(*sides, strict=True)):
      messages = [
        {'role': 'user', 'content': inputs},
        {'role': 'assistant', 'content': targets},
      ]
      more = {name: column[number] for name, column in texts.items()}
      lines.append(orjson.dumps({'messages': messages, **more}))
    self._file.write(b''.join(line + b'\n' for line in lines))

  def __enter__(self) -> Self:
    return self

  def __exit__(self, error: type[BaseException] | None, *more: object) -> None:
    """Writes nothing: each line is whole."""
