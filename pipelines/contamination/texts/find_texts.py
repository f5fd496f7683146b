"""Finds what a search looks through, and divides it into pieces.

That is what finished runs train on, and what no run has read yet: the rows of
tasks, and raw text.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ul2_flan.pipelines import sources
from ul2_flan.pipelines.contamination.config import Config
from ul2_flan.pipelines.contamination.texts.rows import find_rows
from ul2_flan.pipelines.run.paths import OF_EXPORT, Ours
from ul2_flan.pipelines.sources import Piece, SourceOptions, formats
from ul2_flan.pipelines.storage import files, folders
from ul2_flan.pipelines.ul2.find_sources import find_sources
from ul2_flan.pipelines.ul2.planning import pieces_of
from ul2_flan.tasks.errors import UserError, given_by
from ul2_flan.tasks.manifest import Manifest

# Shards of examples have this kind of piece; others have those of text.
SHARD = 'shard'

# The group of raw text, and the training task that it is.
TEXT = 'text'


class Found(NamedTuple):
  """What is looked through.

  Attributes:
    pieces: of each group.
    rows: of each suite whose rows are read, what is known of its tasks.
    note: what is left out of raw text; may be empty.
  """

  pieces: dict[str, list[Piece]]
  rows: dict[str, dict[str, Any]]
  note: str


def find_texts(
  config: Config, manifests: Mapping[str, Manifest], output: str, size: int
) -> Found:
  """Finds what runs train on, the rows of tasks, and raw text.

  Args:
    config: of the search.
    manifests: of the runs, by their groups.
    output: the folder that the search will write to; nothing there is a source.
    size: about how many bytes a piece of text has.

  Raises:
    UserError: a file of a run's sources is not as it was; or there are no such
      tasks, or no such text.
  """
  pieces = {
    label: [*_pieces(config, manifest, folder, size)]
    for (label, manifest), folder in zip(
      manifests.items(), config.outputs, strict=True
    )
  }
  rows: dict[str, dict[str, Any]] = {}
  for suite, below in config.sources.items():
    with given_by(f'--source {suite}'):
      pieces[suite], rows[suite] = find_rows({suite: below}, output)
  note = ''
  if config.inputs:
    text = find_sources(config.inputs, Ours(output, config.name, OF_EXPORT))
    pieces[TEXT] = pieces_of(config.text, text.files, size)
    note = text.note
  return Found(pieces, rows, note)


def reads_documents(config: Mapping[str, Any], manifest: Manifest) -> bool:
  """Whether the documents of a run are read, by the plan's configuration."""
  return manifest.run['job'] == 'ul2' and not config['examples']


def _refuse_changed(manifest: Manifest, options: SourceOptions) -> None:
  """Refuses documents that are not as their run read them."""
  changed = [
    path
    for path in folders.differing(manifest.run['sources'])
    # A run counts the rows of Parquet, which are not all of a file.
    if not files.exists(path) or formats.kind_of(path, options) != 'parquet'
  ]
  if changed:
    more = f' and {len(changed) - 1} more files' if len(changed) > 1 else ''
    raise UserError(
      f'{changed[0]}{more}, which the run {manifest.name} was made of: gone, '
      'or of another size. Give --examples, to read what was made of them'
    )


def _pieces(
  config: Config, manifest: Manifest, folder: str, size: int
) -> Iterator[Piece]:
  """Yields what a run trains on, as pieces."""
  if reads_documents({'examples': config.examples}, manifest):
    options = SourceOptions(**manifest.run['config']['source_options'])
    _refuse_changed(manifest, options)
    for path, whole in manifest.run['sources'].items():
      yield from sources.split(path, whole, size, options)
    return
  there = False
  for splits in manifest.data_sets.values():
    # A validation split is not trained on.
    for shard in splits['train'].shards if 'train' in splits else ():
      path = files.join(folder, shard.path)
      if shard.records:
        there = True
        yield Piece(path, SHARD, 0, shard.bytes, shard.bytes, split='train')
  if not there:
    raise UserError(f'--manifest {folder}: the run has nothing to train on')
