"""A task of a suite, and how it asks the rows of a data set."""

import dataclasses

from ul2_flan.tasks.catalog.schema import Source


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Form:
  """How a row becomes a question; texts have its fields in braces.

  Attributes:
    ask: what a prompt ends with, up to what a model ranks or writes. It may
      also have `{passage}` and `{text}`.
    text: the question alone.
    passage: what the question is about; empty for none.
    head: of all prompts, above exemplars and question; empty for none.
    labels: words for the classes of the source, in their order; empty where
      each row brings its own choices, or none.
    shape: the name of a function that makes further fields; empty for none.
  """

  ask: str
  text: str
  passage: str = ''
  head: str = ''
  labels: tuple[str, ...] = ()
  shape: str = ''


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SuiteTask:
  """A part of a suite that has a score of its own.

  Attributes:
    suite: the suite's name.
    key: its own name, such as 'snarks', or a language's code.
    random: what guesses score, in percent.
    category: what the papers count it under; empty for a task that is scored
      and is not in the suite's mean.
    language: ISO 639 code of its questions.
    family: the task that it is a sub-task of; its own key if of none.
    exemplars: how many a prompt shows, unless they do not fit.
    paper_split: the split that the papers report.
    licence: of its data; empty where it is not known, or where `of` says it.
    paper: where its data set was published; empty where the suite was.
    ranked: whether a model ranks given choices, and writes no answer.
    metric: 'accuracy', or 'f1a' for F1 of the second of two choices.
    form: how it asks the rows of its sources; None where the suite's own files
      hold questions.
    of: the task of the catalog that has the same data; empty for none.
    sources: where else its rows are, the preferred one first.
    datasets: what the catalog calls its data set, in all suites.
  """

  suite: str
  key: str
  random: float
  category: str
  language: str
  family: str
  exemplars: int
  paper_split: str
  licence: str
  paper: str = ''
  ranked: bool = False
  metric: str = 'accuracy'
  form: Form | None = None
  of: str = ''
  sources: tuple[Source, ...] = ()
  datasets: tuple[str, ...] = ()

  @property
  def name(self) -> str:
    """`<suite>:<key>`."""
    return f'{self.suite}:{self.key}'
