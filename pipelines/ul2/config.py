"""The configuration of a UL2 run."""

from collections.abc import Sequence
import dataclasses
import re
from typing import Any

from ul2_flan.pipelines.run import checks
from ul2_flan.pipelines.sources import SourceOptions
from ul2_flan.pipelines.storage import files, left_out_keys, vocabularies
from ul2_flan.tasks import denoising
from ul2_flan.tasks.denoising import FeatureLengths
from ul2_flan.tasks.errors import UserError, given_by, unknown
from ul2_flan.tasks.version import VERSION
from ul2_flan.tasks.vocabulary import Vocabulary


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Config:
  """All that the output of a UL2 run depends on.

  Attributes:
    inputs: files, patterns or folders of text.
    format: how text lies in them, a name of `sources.READERS`; 'auto' goes by
      the file's name.
    text_field: the field that holds a document's text.
    id_field: the field that identifies a document; by default its text does.
    max_document_bytes: longer records are rejected unread.
    max_document_chars: longer documents are dropped; 0 for no limit.
    validation_fraction: the expected share of documents that are held out.
    vocabulary: path of a SentencePiece model or `tokenizer.json`.
    extra_ids: sentinels appended to it; None for what suits the model.
    eos: what a `tokenizer.json` calls EOS, unless it has a usual name.
    sentinels: pieces of the model to take as sentinels, as in
      `sentinel_pieces.find`; by default its `<extra_id_0>` and so on, or else
      the extra ids.
    inputs_length: tokens of an example's inputs, mode token and EOS included.
    targets_length: tokens of its targets, EOS included.
    decoder_only: bound the sum of both lengths, for a prefix LM.
    preset: the shipped table of denoisers to use.
    denoisers: path of a table to use instead, as TOML.
    join_documents: how many documents to join before they are cut, 0 to cut
      each alone; by default the table says it.
    on_sentinel_overflow: what to do if a denoiser needs more sentinels than
      there are; by default the table says it.
    mode_tokens: a name of `denoising.MODE_TOKENS`.
    min_tokens: shorter documents and remainders are dropped.
    epochs: how many passes to make over the text, each with other masks,
      denoisers and cuts.
    per_denoiser: make one data set for each denoiser, instead of one of all.
    name: of the data set, or of the mixture of several; by default the table's.
    seed: of all random numbers.
    shard_mb: about how large a shard is, in millions of bytes.
    min_shards: how many shards each data set has at least, if the text allows.
    provenance: store each example's source, key and denoiser.
    without_keys: path of keys of documents to leave out, as in
      `left_out_keys.read`; '' for none.

  Raises:
    UserError: a value breaks a rule; the message names its flag.
  """

  inputs: Sequence[str]
  format: str = 'auto'
  text_field: str = 'text'
  id_field: str = ''
  max_document_bytes: int = SourceOptions().max_document_bytes
  max_document_chars: int = 0
  validation_fraction: float = 0.001
  vocabulary: str
  extra_ids: int | None = None
  eos: str = ''
  sentinels: str = ''
  inputs_length: int = 512
  targets_length: int = 512
  decoder_only: bool = False
  preset: str = 'ul2r'
  denoisers: str = ''
  join_documents: int | None = None
  on_sentinel_overflow: str = ''
  mode_tokens: str = 'nlu_s2s_nlg'
  min_tokens: int = 16
  epochs: int = 1
  per_denoiser: bool = False
  name: str = ''
  seed: int = 0
  shard_mb: float = 128
  min_shards: int = 16
  provenance: bool = False
  without_keys: str = ''

  def __post_init__(self) -> None:
    checks.check_listed('inputs', self.inputs)
    checks.check_seed(self.seed)
    if self.mode_tokens not in denoising.MODE_TOKENS:
      raise unknown('--mode_tokens', self.mode_tokens, denoising.MODE_TOKENS)
    if self.name:
      checks.check_name(self.name, parts=True)
    checks.check_validation_fraction(self.validation_fraction)
    checks.shard_bytes(self.shard_mb)
    counted = ('epochs', 'min_shards')
    checks.check_at_least(self, 1, *counted, most=checks.MAX_SHARDS)
    checks.check_at_least(self, 1, 'max_document_bytes', most=checks.MAX_BYTES)
    at_least_0 = ('extra_ids', 'max_document_chars', 'join_documents')
    checks.check_at_least(self, 0, *at_least_0)
    lengths = ('inputs_length', 'targets_length')
    checks.check_at_least(self, 1, *lengths, most=checks.MAX_LENGTH)

  @property
  def source_options(self) -> SourceOptions:
    """How to read the sources."""
    return SourceOptions(
      format=self.format,
      text_field=self.text_field,
      id_field=self.id_field,
      max_document_bytes=self.max_document_bytes,
    )

  @property
  def lengths(self) -> FeatureLengths:
    """The lengths of features."""
    return FeatureLengths(
      self.inputs_length, self.targets_length, self.decoder_only
    )

  def table_text(self) -> str:
    """Returns the table of denoisers as TOML, from a file or a preset.

    Raises:
      UserError: the file cannot be read, or holds no valid table.
    """
    if self.denoisers:
      try:
        text = files.read_bytes(self.denoisers).decode()
      except (OSError, UnicodeDecodeError) as e:
        why = files.why(e)
        raise UserError(f"--denoisers '{self.denoisers}': {why}") from e
      with given_by('--denoisers'):
        denoising.parse_table(text, self.denoisers)
    else:
      with given_by('--preset'):
        text = denoising.preset_text(self.preset)
    if self.on_sentinel_overflow:
      choice = f'"{self.on_sentinel_overflow}"'
      text = _with_key(text, 'on_sentinel_overflow', choice)
    if self.join_documents is not None:
      text = _with_key(text, 'join_documents', str(self.join_documents))
    return text

  def as_written(
    self, table: str, name: str, vocabulary: Vocabulary
  ) -> dict[str, Any]:
    """Returns the configuration as the plan keeps it, as JSON.

    Args:
      table: the denoisers as TOML.
      name: of the data set.
      vocabulary: the loaded model.
    """
    return {
      'source_options': self.source_options.as_written(),
      'vocabulary': vocabularies.described(vocabulary, self.vocabulary),
      'denoisers': table,
      'lengths': dataclasses.asdict(self.lengths),
      'mode_tokens': self.mode_tokens,
      'per_denoiser': self.per_denoiser,
      'name': name,
      'seed': self.seed,
      'min_tokens': self.min_tokens,
      'max_document_chars': self.max_document_chars,
      'validation_fraction': self.validation_fraction,
      'shard_bytes': checks.shard_bytes(self.shard_mb),
      'min_shards': self.min_shards,
      'provenance': self.provenance,
      **left_out_keys.described(self.without_keys, examples=False),
      # Plans of one pass are as they were before there were more.
      **({'epochs': self.epochs} if self.epochs > 1 else {}),
      'version': VERSION,
    }


def _with_key(table: str, key: str, value: str) -> str:
  """Sets a key of a table's first level, as TOML."""
  # Before the first `[[denoisers]]`: below it TOML takes keys for its own.
  return f'{key} = {value}\n' + re.sub(rf'(?m)^{key}\b.*\n', '', table)
