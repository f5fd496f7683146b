"""A stage of the local runner: what a worker does with one key.

Values are pickled and travel with the call or the result, through the pipe of
a worker. Byte strings that are large are left in a file, as they are, and only
their place travels: nothing that lies in a folder is ever unpickled, since
others may be able to write there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
import dataclasses
import errno
import pickle
import traceback
from typing import Any, BinaryIO

from ul2_flan.pipelines.engines.chain import Chain, Function
from ul2_flan.tasks.errors import UserError

# Byte strings in a tuple, as blocks of records are, are put in files if they
# have more bytes than this: a place takes some hundred bytes itself, and every
# read of one opens a file.
_SMALL = 1 << 12

# Errors of files that another try does not help: no file can be written at all
# (these end the run), or this file cannot be had. All others may go away, as
# may those of buckets.
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
_LASTING = (errno.ENOENT, errno.EACCES, errno.EISDIR, errno.ENOTDIR)


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
  """Where a tuple of byte strings lies, one after the other.

  Attributes:
    path: the file.
    offset: where the first begins.
    sizes: of each, in bytes.
  """

  path: str
  offset: int
  sizes: tuple[int, ...]

  def read(self) -> tuple[bytes, ...]:
    """Reads the value.

    Raises:
      OSError: the file is shorter than it was.
    """
    with open(self.path, 'rb') as file:
      file.seek(self.offset)
      value = tuple(file.read(size) for size in self.sizes)
    if tuple(map(len, value)) != self.sizes:
      raise OSError(f'{self.path} was cut short while it was used')
    return value


# A pickled value, or where one lies that consists of byte strings.
Value = bytes | Place


@dataclasses.dataclass(frozen=True, slots=True)
class Call:
  """One key of a stage, with its values: what a worker does at a time.

  Attributes:
    index: the call's number in the stage.
    key: the key; None in the first stage, which has no input.
    values: the key's values.
    spill: path of a file that the call may make for large values it emits.
  """

  index: int
  key: Any
  values: tuple[Value, ...]
  spill: str


@dataclasses.dataclass(frozen=True, slots=True)
class Failure:
  """Why a call failed.

  Attributes:
    stage: the label of the stage's first step.
    call: the call's number.
    key: the call's key.
    error: class and message, such as 'OSError: disk full'.
    trace: the stack trace; empty if the message says all.
    is_transient: whether another try may help.
    is_final: whether all other calls would fail too.
  """

  stage: str
  call: int
  key: Any
  error: str
  trace: str = ''
  is_transient: bool = False
  is_final: bool = False

  @classmethod
  def of(cls, stage: Stage, call: Call, error: Exception) -> Failure:
    """Judges what a call's error means for the call, and for the others."""
    number = error.errno if isinstance(error, OSError) else None
    return cls(
      stage.label,
      call.index,
      call.key,
      f'{type(error).__name__}: {error}',
      ''
      if isinstance(error, (OSError, UserError))
      else ''.join(traceback.format_exception(error)),
      isinstance(error, OSError) and number not in {*_FULL, *_LASTING},
      number in _FULL,
    )


@dataclasses.dataclass(frozen=True)
class Stage:
  """Functions that follow one another without a grouping.

  Attributes:
    label: the label of the first.
    functions: the functions, pickled.
    groups: whether its output is grouped by key, for a next stage.
    is_first: whether its input is the start.
  """

  label: str
  functions: bytes
  groups: bool
  is_first: bool

  @classmethod
  def of(
    cls, steps: Sequence[tuple[str, Function]], *, groups: bool, is_first: bool
  ) -> Stage:
    """Makes a stage of labelled functions, at least one."""
    functions = pickle.dumps([function for _, function in steps])
    return cls(steps[0][0], functions, groups, is_first)

  @classmethod
  def of_chain(cls, chain: Chain) -> list[Stage]:
    """Makes the stages of a chain, in order."""
    cut = chain.stages()
    last = len(cut) - 1
    return [
      cls.of(steps, groups=number < last, is_first=not number)
      for number, steps in enumerate(cut)
    ]


class StageWorker:
  """Makes the calls of a stage, in whatever process it is.

  Attributes:
    stage: the stage.
  """

  def __init__(self, stage: Stage):
    """Sets up the stage's functions, once for all calls."""
    self.stage = stage
    self._functions: list[Function] = pickle.loads(stage.functions)
    for function in self._functions:
      function.setup()

  def do(self, call: Call) -> list[tuple[Any, Value]]:
    """Makes a call; returns the keys and values it emits, if they are grouped.

    It may be made again after a failure, in this process or another.
    """
    element = b'' if self.stage.is_first else (call.key, _Values(call.values))
    elements: Iterable[Any] = [element]
    for function in self._functions:
      elements = _through(function, elements)
    if not self.stage.groups:
      for _ in elements:
        pass
      return []
    with _Spill(call.spill) as spill:
      return [(key, spill.put(value)) for key, value in elements]


def _through(function: Function, elements: Iterable[Any]) -> Iterator[Any]:
  """Does a function as a generator, so that nothing is held between two."""
  for element in elements:
    yield from function.process(element)


class _Values:
  """The values of a key, read when asked for; may be read more than once."""

  def __init__(self, values: Sequence[Value]):
    self._values = values

  def __iter__(self) -> Iterator[Any]:
    for value in self._values:
      yield value.read() if isinstance(value, Place) else pickle.loads(value)


class _Spill:
  """The file of a call's large values, made when there is a first one."""

  def __init__(self, path: str):
    self._path = path
    self._file: BinaryIO | None = None
    self._size = 0

  def __enter__(self) -> _Spill:
    return self

  def __exit__(self, *error: object) -> None:
    if self._file:
      self._file.close()

  def put(self, value: Any) -> Value:
    """Returns a value pickled, or its place in the file."""
    if not (
      isinstance(value, tuple) and all(isinstance(v, bytes) for v in value)
    ):
      return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    sizes = tuple(map(len, value))
    if sum(sizes) <= _SMALL:
      return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    if self._file is None:
      # A second try of the call overwrites what the first has left.
      self._file = open(self._path, 'wb')  # noqa: SIM115
    place = Place(self._path, self._size, sizes)
    self._file.writelines(value)
    self._size += sum(sizes)
    return place
