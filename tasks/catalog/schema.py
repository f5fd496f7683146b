"""The entries of the catalog: frozen values that check themselves.

Many people edit a catalog, so nothing in it is skipped in silence: an unknown
key, a name that is used twice, or labels without options are errors that name
the file and the entry.
"""

from __future__ import annotations

from collections.abc import Mapping
import dataclasses
import re

from ul2_flan.tasks.errors import UserError, unknown

# Formats that rows may come in. 'tfds': a prepared TFDS directory; 'export':
# Parquet or JSON lines with the columns that the data set has on Hugging Face's
# hub; 'rows': the same, but the columns are the family's fields; 'jsonl',
# 'json', 'tsv', 'csv': the files of a data set's authors; 'files': a user's
# own, in any of these formats.
SOURCE_KINDS = (
  'tfds', 'export', 'rows', 'niv2', 'p3', 'cot_tsv', 'taskmaster',
  'jsonl', 'json', 'tsv', 'csv', 'files',
)  # fmt: skip

# 'labels': every row has the same few options, and their order is drawn;
# 'scale': every row has the same, always in their own order; 'choices': each
# row brings its own.
OPTION_KINDS = ('none', 'labels', 'scale', 'choices')

LEFT_OUT = ('mmlu_related', 'in_flan2021', 'rank_classification', 'unlisted')

# seqio's rule for the name of a task.
_NAME = re.compile(r'^[\w\d\.\:_#]+$')
_SLICE = re.compile(r'^\w+(\[-?\d*:-?\d*\])?$')

_PROMPT = {'name', 'jinja', 'answer_choices'}

# Where a field's value is in a row: a path of names and indices
# ('answers.text.0'); a text with columns in braces ('{title}. {text}'); or, for
# options, a list of paths.
Columns = str | tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Source:
  """Where a task's rows come from, and how their columns become its fields.

  Attributes:
    kind: one of `SOURCE_KINDS`.
    locator: the TFDS name with its version; the hub's name with the config
      after it; a P3 subset; or a file's name, in which `{split}` stands for
      the source's split and `*` for anything.
    splits: maps our splits ('train', 'validation', 'test') to the source's,
      with slices as TFDS writes them: `train[:-200]`.
    fields: maps the task's fields to columns.
    more: maps further fields to columns that a row may lack, and of which no
      key is made.
    each: for nested files: a path to lists, from the outside in, such as
      `data.paragraphs.qas`, where `*` stands for the values of a dictionary.
      Each item of the innermost list is a row, which has the items that it
      lies in, in the place of their lists.
    prepare: name of the function that makes the fields, for rows that columns
      alone cannot describe; it gets what `fields` selects.
    tidy: maps fields to the name of a function that mends their text.
    joins: maps fields whose column is a list to the text between its items.
    classes: names of the source's labels, in the order of their ids.
    codes: the source's ids of `classes`, where they are not 0, 1, 2, ...
    exact: texts stay as they are, with all their white space, but for what
      `tidy` and the task's `FlanRows` say.
    prompt: a template of promptsource's that the rows are filled into before
      all else, for a user's own tasks: its `name`, `jinja`, and perhaps
      `answer_choices`.
  """

  kind: str
  locator: str
  splits: Mapping[str, str] = dataclasses.field(default_factory=dict)
  fields: Mapping[str, Columns] = dataclasses.field(default_factory=dict)
  more: Mapping[str, Columns] = dataclasses.field(default_factory=dict)
  each: str = ''
  prepare: str = ''
  tidy: Mapping[str, str] = dataclasses.field(default_factory=dict)
  joins: Mapping[str, str] = dataclasses.field(default_factory=dict)
  classes: tuple[str, ...] = ()
  codes: tuple[int, ...] = ()
  exact: bool = False
  prompt: Mapping[str, str] = dataclasses.field(default_factory=dict)

  def __post_init__(self) -> None:
    if self.kind not in SOURCE_KINDS:
      raise unknown('kind of source', self.kind, SOURCE_KINDS)
    if not self.locator:
      raise UserError(f"source '{self.kind}' has no locator")
    for ours, theirs in self.splits.items():
      if ours not in ('train', 'validation', 'test'):
        raise unknown('split', ours, ['train', 'validation', 'test'])
      if not _SLICE.match(theirs):
        raise UserError(f"'{theirs}' is not a split such as train[:-200]")
    if self.prompt and (
      self.kind != 'files' or not {'name', 'jinja'} <= {*self.prompt} <= _PROMPT
    ):
      raise UserError(
        f"source '{self.kind}': only the rows of 'files' are filled into a "
        f"template of promptsource's, with {', '.join(sorted(_PROMPT))}"
      )
    for name in (*self.tidy, *self.joins):
      if self.fields and not self.exact and name not in self.fields:
        raise unknown('field in tidy or joins', name, self.fields)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FlanRows:
  """How google-research/FLAN makes a task's rows, where we do otherwise.

  Its templates want the rows so. Ours want them as the task and its sources
  say: where the two differ, that is our taste, or a mistake of theirs.

  Attributes:
    labels: its labels, in our order.
    prepare: its shape, in the place of the source's; empty for the same.
    replace: maps fields to pairs of an expression and what replaces it, in the
      place of the source's `tidy`.
    joins: as in `Source`, where they differ.
    takes: maps fields to the other field that it takes their text of.
    fields: maps fields that only its templates have to what they hold.
    fixed_options: it lists options in one way, also without exemplars.
  """

  labels: tuple[str, ...] = ()
  prepare: str = ''
  replace: Mapping[str, tuple[tuple[str, ...], ...]] = dataclasses.field(
    default_factory=dict
  )
  joins: Mapping[str, str] = dataclasses.field(default_factory=dict)
  takes: Mapping[str, str] = dataclasses.field(default_factory=dict)
  fields: Mapping[str, str] = dataclasses.field(default_factory=dict)
  fixed_options: bool = False

  def source(self, source: Source) -> Source:
    """Returns a source whose rows are made so."""
    # The other shapes, and `bytes_repr`, read a format.
    ours = ('marked_option', 'known_rationale')
    same = '' if source.prepare in ours else source.prepare
    return dataclasses.replace(
      source,
      prepare=self.prepare or same,
      tidy={f: name for f, name in source.tidy.items() if name == 'bytes_repr'},
      joins={**source.joins, **self.joins},
      exact=True,
    )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Task:
  """One task of the collection: a data set and what is asked of it.

  Attributes:
    name: `<suite>:<task>`.
    family: name of the templates that it is rendered with.
    dataset: what the papers call its data set.
    category: the collection's own words for what is asked.
    languages: ISO 639 codes.
    licence: of the data; empty where it is not known.
    sources: the same data in different places, the preferred one first.
    options: one of `OPTION_KINDS`.
    labels: the options of each row, for 'labels' and 'scale', in the order of
      the source's classes.
    constants: fields that have the same value in every row.
    examples: how many the collection counts in the training split; 0 if that
      is not known. What a run has read is in its manifest.
    flan: how google-research/FLAN makes its rows.
    cap: at most this many of its examples count: see `caps`; 0 for no cap.
    inverted: whether its templates ask for what another task gives. The papers
      do not count such tasks.
    left_out: why the collection leaves it out; empty for a task that is part
      of it. 'mmlu_related': it resembles the evaluation. 'in_flan2021': Flan
      2021 has the data set. 'rank_classification': its rows include wrong
      answers. 'unlisted': it is a user's own.
    templates: of a user's own family, as JSON; empty for one of ours.
  """

  name: str
  suite: str
  family: str
  dataset: str
  category: str
  languages: tuple[str, ...]
  sources: tuple[Source, ...]
  cap: int
  licence: str = ''
  options: str = 'none'
  labels: tuple[str, ...] = ()
  constants: Mapping[str, str] = dataclasses.field(default_factory=dict)
  flan: FlanRows = dataclasses.field(default_factory=FlanRows)
  examples: int = 0
  inverted: bool = False
  left_out: str = ''
  templates: str = ''

  def __post_init__(self) -> None:
    if not _NAME.match(self.name):
      raise UserError(
        f"seqio takes no task named '{self.name}': {_NAME.pattern}"
      )
    if not self.name.startswith(self.suite + ':'):
      raise UserError(f"'{self.name}' is not a name of the suite {self.suite}")
    for field in ('family', 'dataset', 'category', 'languages', 'sources'):
      # The list of what is left out has only names.
      if not (getattr(self, field) or self.left_out):
        raise UserError(f"it has no '{field}'")
    if self.left_out not in ('', *LEFT_OUT):
      raise unknown('reason to be left out', self.left_out, LEFT_OUT)
    if self.options not in OPTION_KINDS:
      raise unknown('kind of options', self.options, OPTION_KINDS)
    if bool(self.labels) != (self.options in ('labels', 'scale')):
      raise UserError(f"options '{self.options}' with labels {self.labels}")
    if len(set(self.labels)) < len(self.labels):
      raise UserError(f'a label twice: {self.labels}')
    if self.cap < 0 or self.examples < 0:
      raise UserError(f'cap {self.cap}, examples {self.examples}')
    for source in self.sources:
      for kind in ('classes', 'codes'):
        values = getattr(source, kind)
        if self.labels and values and len(values) != len(self.labels):
          raise UserError(
            f'{source.kind} has {len(values)} {kind} for labels {self.labels}'
          )

  def as_flan(self) -> Task:
    """Returns the task with rows as google-research/FLAN makes them."""
    return dataclasses.replace(
      self,
      labels=self.flan.labels or self.labels,
      sources=tuple(self.flan.source(source) for source in self.sources),
    )

  @property
  def foreign(self) -> bool:
    """Whether its rows bring instructions in other languages than English.

    Only a user's own tasks may: NIv2's instructions are in English, whatever
    the languages of their inputs.
    """
    return self.left_out == 'unlisted' and 'en' not in self.languages


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
  """A part of the collection.

  Attributes:
    name: of the suite, which is the first part of its tasks' names.
    description: a line for help.
  """

  name: str
  description: str
