"""The configuration of a search for contamination."""

from collections.abc import Mapping, Sequence
import dataclasses
import posixpath

from ul2_flan.pipelines.run import checks
from ul2_flan.pipelines.sources import SourceOptions
from ul2_flan.pipelines.ul2.config import Config as Ul2Config
from ul2_flan.tasks import catalog
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.contamination import rules
from ul2_flan.tasks.errors import UserError, given_by, unknown


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Config:
  """All that the output of a search depends on.

  Attributes:
    manifests: output folders of the finished runs that a model trains on, or
      their manifests.
    sources: suite of the catalog to folders below which its files lie: their
      rows are read, without a run.
    inputs: files, patterns or folders of raw text, which is read without a run;
      this and how to read it are as in the configuration of `ul2`.
    format: of the raw text.
    text_field: of the raw text.
    id_field: of the raw text: what its keys are made of.
    max_document_bytes: longer records of it are rejected unread.
    max_document_chars: longer documents of it are not looked through.
    evaluation: the same of the run that made the evaluation data.
    rule: a name of `contamination.RULES`.
    examples: also of runs of text, read the examples that they made, and not
      their documents.
    name: the first part of the names of what is written.

  Raises:
    UserError: a value breaks a rule; the message names its flag.
  """

  manifests: Sequence[str] = ()
  sources: Mapping[str, Sequence[str]] = dataclasses.field(default_factory=dict)
  inputs: Sequence[str] = ()
  format: str = 'auto'
  text_field: str = 'text'
  id_field: str = ''
  max_document_bytes: int = SourceOptions().max_document_bytes
  max_document_chars: int = 0
  evaluation: str
  rule: str = '13gram'
  examples: bool = False
  name: str = 'contamination'

  def __post_init__(self) -> None:
    checks.check_listed('manifests', self.manifests)
    checks.check_name(self.name)
    if not (self.manifests or self.sources or self.inputs):
      raise UserError(
        'there is nothing to look through: give outputs of finished runs as '
        '--manifest, files of tasks as --source SUITE=DIR, or text as --input'
      )
    if self.inputs and self.examples:
      raise UserError(
        '--examples reads what runs have made, and no run has made examples of '
        'the text of --input: leave one of the two out'
      )
    _ = self.text
    for suite, folders in self.sources.items():
      checks.check_listed(f'sources[{suite!r}]', folders)
      if suite not in catalog.suites():
        raise unknown('suite of --source', suite, catalog.suites())
    with given_by('--rule'):
      rules.load(self.rule)

  @property
  def text(self) -> Ul2Config:
    """How `ul2` would read the raw text; its checks are ours too."""
    return Ul2Config(
      inputs=self.inputs,
      format=self.format,
      text_field=self.text_field,
      id_field=self.id_field,
      max_document_bytes=self.max_document_bytes,
      max_document_chars=self.max_document_chars,
      vocabulary='',
    )

  @property
  def outputs(self) -> tuple[str, ...]:
    """The output folders of the runs, also where manifests were given."""
    return tuple(map(_folder, self.manifests))

  @property
  def suites(self) -> str:
    """The output folder of the run that made the evaluation data."""
    return _folder(self.evaluation)


def _folder(path: str) -> str:
  if posixpath.basename(path) == manifest_lib.FILE_NAME:
    return posixpath.dirname(path) or '.'
  return path
