"""The fields of a manifest, and reading one."""

from collections.abc import Callable, Mapping
import dataclasses
import posixpath
from typing import Any

import orjson

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import architecture as architecture_lib
from ul2_flan.tasks.manifest import checksum, shape
from ul2_flan.tasks.strict_tables import typed

# Manifests of format 1, of the version before, end without a checksum.
FORMAT = 2
_FORMATS = (1, FORMAT)
FILE_NAME = 'manifest.json'

# The id of EOS in T5's vocabulary, and in any of which a manifest says nothing.
T5_EOS = 1

# The format of the shards of all runs but exports, and reports on other runs.
TFRECORD = 'tfrecord'
JSON_LINES = 'jsonl'


def path_of(output: str) -> str:
  """Returns the path of a manifest.

  Args:
    output: a run's output folder, or the manifest itself.

  >>> path_of('gs://b/flan/'), path_of('gs://b/flan/manifest.json')
  ('gs://b/flan/manifest.json', 'gs://b/flan/manifest.json')
  """
  is_file = posixpath.basename(output) == FILE_NAME
  return output if is_file else posixpath.join(output, FILE_NAME)


def output_of(path: str) -> str:
  """Returns the output folder of a run.

  Args:
    path: of the folder, or of the manifest in it.

  >>> output_of('gs://b/flan'), output_of('flan/manifest.json')
  ('gs://b/flan', 'flan')
  >>> output_of('manifest.json')
  '.'
  """
  if posixpath.basename(path) != FILE_NAME:
    return path
  return posixpath.dirname(path) or '.'


@dataclasses.dataclass(frozen=True, slots=True)
class Feature:
  """A feature of a run's examples.

  Attributes:
    dtype: 'int32' for token ids, which records store as int64; 'string'; or
      'int64' for a number.
    length: how many tokens an example has at most, EOS included; 0 for text and
      for a number.
    add_eos: whether the reader appends EOS. Records never end with it.
    eos_after: the sides of an example, of 'inputs' and 'targets', that EOS
      follows as a model reads them in this feature, whoever puts it there:
      packed sequences hold it.
  """

  dtype: str
  length: int = 0
  add_eos: bool = False
  eos_after: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Shard:
  """One TFRecord file.

  Attributes:
    path: below the output folder.
    records: how many examples it has.
    bytes: its size.
    crc32c: the CRC-32C of its bytes, as eight hexadecimal digits.
  """

  path: str
  records: int
  bytes: int
  crc32c: str


@dataclasses.dataclass(frozen=True, slots=True)
class Split:
  """One split of a data set.

  Attributes:
    shards: in order.
    stats: 'examples', '<feature>_tokens' and '<feature>_max_tokens' as seqio
      names them, EOS not counted, and 'source_tokens'.
  """

  shards: tuple[Shard, ...]
  stats: Mapping[str, int]

  @property
  def examples(self) -> int:
    """How many examples it has."""
    return self.stats['examples']


@dataclasses.dataclass(frozen=True, slots=True)
class Manifest:
  """A finished run.

  Attributes:
    name: of the run, and of what it registers.
    features: by name; the same for all data sets.
    vocabulary: 'path', 'sha256', 'extra_ids' and 'size'; 'kind' if it is no
      SentencePiece model; 'sentinels' and 'eos' if the user named pieces of the
      model as such; 'eos_id' if it is not 1.
    decoder_only: whether a decoder reads inputs and targets as one text. Then
      only the sum of their lengths counts.
    data_sets: name -> split -> shards and counts.
    mixtures: name -> data set -> rate.
    run: all else: configuration, sources, counts, versions; the kind of run
      ('job'); what it went without, and why ('left_out'); how data sets of
      tasks are scored ('evaluation', see `evaluation.evaluation_of`); the
      denoisers of which a data set has validation shards in turn
      ('validation_by').
    architecture: of the models that it was made for, one of `ARCHITECTURES`.
      Manifests of before do not say it, nor what EOS follows; then both are
      worked out.
  """

  name: str
  features: Mapping[str, Feature]
  vocabulary: Mapping[str, Any]
  decoder_only: bool
  data_sets: Mapping[str, Mapping[str, Split]]
  mixtures: Mapping[str, Mapping[str, float]]
  run: Mapping[str, Any]
  architecture: str = ''

  def __post_init__(self) -> None:
    if not self.architecture:
      for name, value in architecture_lib.worked_out(self).items():
        object.__setattr__(self, name, value)

  @property
  def eos_id(self) -> int:
    """The id of the vocabulary's EOS."""
    eos: int = self.vocabulary.get('eos_id', T5_EOS)
    return eos

  @property
  def is_packed(self) -> bool:
    """Whether its examples are packed sequences, which have segment ids."""
    return bool(architecture_lib.packed_for(self.features))

  @property
  def inputs_eos(self) -> bool:
    """Whether EOS follows the inputs of an example as a model reads them."""
    return any('inputs' in f.eos_after for f in self.features.values())

  @property
  def file_format(self) -> str:
    """The format of its shards: `TFRECORD`, `JSON_LINES` or of `EXPORTS`."""
    return str(self._of_run('format') or TFRECORD)

  @property
  def cards(self) -> Mapping[str, Any]:
    """The cards of the run: their sizes and checksums by name."""
    cards = self._of_run('cards')
    return cards if isinstance(cards, Mapping) else {}

  def _of_run(self, key: str) -> Any:
    # One that was changed, and is read to be overwritten, may have anything.
    return self.run.get(key) if isinstance(self.run, Mapping) else None

  @property
  def task_feature_lengths(self) -> dict[str, int]:
    """The `task_feature_lengths` at which seqio trims nothing, in tokens.

    For packed sequences of a decoder-only model, seqio's converters also want
    lengths of 'inputs' and 'targets'. A prefix LM's sequence is as long as
    their sum, a causal LM's as long as 'targets'.
    """
    lengths = {k: f.length for k, f in self.features.items() if f.length}
    if 'decoder_causal_attention' in lengths:
      packed = self.run['config']['pack']
      lengths |= {side: packed[side] for side in ('inputs', 'targets')}
    elif 'decoder_segment_ids' in lengths:
      lengths['targets'] = lengths['decoder_segment_ids']
    return lengths


def refuse_export(manifest: Manifest, where: str) -> None:
  """Refuses what is not for seqio, where examples for it are needed.

  Args:
    manifest: any run's.
    where: its path, or its folder, for the message.

  Raises:
    UserError: it is an export's, or a report's.
  """
  if manifest.file_format == JSON_LINES:
    raise UserError(
      f'{where} is the report of a run of {manifest.run["job"]}, which has no '
      'examples: give one of the runs that it is about'
    )
  if manifest.file_format != TFRECORD:
    source = manifest.run['config']['manifest']['output']
    raise UserError(
      f'{where} is an export ({manifest.file_format}), and only TFRecords are '
      f'read here: give the run that it was made of, which lay in {source}'
    )


class ChangedManifestError(UserError):
  """A manifest is not as its run wrote it."""


def parse(data: bytes, where: str, *, check: bool = True) -> Manifest:
  """Reads a manifest.

  Args:
    data: the file's bytes, JSON.
    where: its path, for messages.
    check: whether to refuse a manifest that does not fit its checksum, or that
      has not the shape of one.

  Raises:
    UserError: it is no manifest, or another version wrote it.
    ChangedManifestError: its checksum is not that of its bytes.
  """
  try:
    raw = orjson.loads(data)
  except ValueError as e:
    raise UserError(f'{where} is not a manifest: {e}') from e
  version = raw.pop('format', None) if isinstance(raw, dict) else None
  if version not in _FORMATS:
    raise UserError(
      f'{where} is not a manifest of format {FORMAT}: it was written by '
      'another version of ul2-flan; make the data sets anew'
    )
  if check and (version != 1 or 'crc32c' in raw):
    _refuse_change(data, where)
  raw.pop('crc32c', None)
  try:
    manifest = _parse(raw, typed if check else _untyped)
    if check:
      shape.check(manifest)
    return manifest
  except (AttributeError, KeyError, TypeError) as e:
    why = f'it has no {e}' if isinstance(e, KeyError) else e
    raise UserError(
      f'{where} is not a manifest of format {version}: {why}. It was changed '
      'or is of another version; make the data sets anew'
    ) from e


def _refuse_change(data: bytes, where: str) -> None:
  if not checksum.is_unchanged(data):
    raise ChangedManifestError(
      f'{where} is not as its run wrote it: its checksum (crc32c, at its end) '
      'is not that of its bytes. Copy it anew from where the run wrote it, or '
      'make the data sets anew with --overwrite'
    )


def _parse(raw: dict[str, Any], make: Callable[..., Any]) -> Manifest:
  """Makes a manifest; `make` makes dataclasses, and may check types."""

  def split_of(info: Mapping[str, Any]) -> Split:
    shards = tuple(make(Shard, shard) for shard in info['shards'])
    split: Split = make(Split, {**info, 'shards': shards})
    return split

  features = {
    name: make(Feature, {**f, 'eos_after': tuple(f.get('eos_after', ()))})
    for name, f in raw.pop('features').items()
  }
  data_sets = {
    name: {split: split_of(info) for split, info in splits.items()}
    for name, splits in raw.pop('data_sets').items()
  }
  made: Manifest = make(
    Manifest, {'features': features, 'data_sets': data_sets, **raw}
  )
  return made


def _untyped(cls: type[Any], values: Mapping[str, Any]) -> Any:
  return cls(**values)
