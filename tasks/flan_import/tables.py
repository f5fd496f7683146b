"""Reads the tables in FLAN's Python files, without running the files.

A table is a dictionary at a file's top level. It maps a pattern's name to a
list of pairs `(inputs, targets)`, or of calls `FewShotPattern(inputs=..., ...)`
whose arguments are all literal. Later statements may give a list a second name:
`PATTERNS["a"] = PATTERNS["b"]`.
"""

import ast
from collections.abc import Collection, Mapping, Sequence
import dataclasses

from ul2_flan.tasks.errors import UserError

_CLASS = 'FewShotPattern'
# Methods of dictionaries and of lists that change them.
_CHANGES = frozenset(
  {
    *('update', 'setdefault', 'pop', 'popitem', 'clear'),
    *('append', 'extend', 'insert', 'remove', 'sort', 'reverse'),
  }
)


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
  """One template of theirs.

  Attributes:
    where: file and line, for messages.
    values: the arguments by name, and for calls the defaults of the class.
  """

  where: str
  values: Mapping[str, object]

  def text(self, name: str) -> str:
    """Returns an argument, which must be text; '' if it is not given."""
    value = self.values.get(name, '')
    if not isinstance(value, str):
      raise UserError(f'{self.where}: {name} is {value!r}, not text')
    return value


Table = dict[str, Sequence[Entry]]


def read_tables(
  text: str, file: str, names: Collection[str]
) -> dict[str, Table]:
  """Reads the tables with these names.

  Args:
    text: the content of a Python file.
    file: its path, for messages.
    names: of the tables, all of which must be there.

  Raises:
    UserError: a table is missing, or some of it is not literal.
  """
  try:
    tree = ast.parse(text)
  except SyntaxError as e:
    raise UserError(f'{file}, line {e.lineno}: not Python: {e.msg}') from e
  reader = _Reader(file, names)
  for statement in tree.body:
    reader.read(statement)
  for name in names:
    if name not in reader.tables:
      raise UserError(f'{file}: it has no table {name}')
  return reader.tables


class _Reader:
  """Reads a file's statements in their order.

  It refuses a statement that changes a table in another way, since the table
  would then not be what FLAN's code makes of it.
  """

  def __init__(self, file: str, names: Collection[str]):
    self.tables: dict[str, Table] = {}
    self._file = file
    self._names = names
    self._defaults: dict[str, object] = {}

  def read(self, statement: ast.stmt) -> None:
    match statement:
      # class FewShotPattern: its fields' defaults.
      case ast.ClassDef(name=name, body=body) if name == _CLASS:
        self._defaults = {
          field.target.id: self._literal(field.value)
          for field in body
          if isinstance(field, ast.AnnAssign)
          and isinstance(field.target, ast.Name)
          and field.value is not None
        }
      # TABLE = {...}
      case ast.Assign(targets=[ast.Name(id=name)], value=value) if (
        name in self._names
      ):
        self.tables[name] = self._table(value)
      # TABLE['a'] = TABLE['b'], or a list
      case ast.Assign(
        targets=[ast.Subscript(value=ast.Name(id=name), slice=key)], value=value
      ) if name in self._names:
        self._of(name, key)[self._name(key)] = self._list(value)
      case _:
        for part in ast.walk(statement):
          if self._changes(part):
            raise self._error(part, 'changes a table by more than its literals')

  def _changes(self, part: ast.AST) -> bool:
    """Whether part of a statement changes one of the tables."""
    match part:
      case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
        return name in self._names
      case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
        return name in self._names
      case ast.Call(func=ast.Attribute(value=changed, attr=attr)):
        if isinstance(changed, ast.Subscript):
          changed = changed.value
        is_table = isinstance(changed, ast.Name) and changed.id in self._names
        return is_table and attr in _CHANGES
    return False

  def _of(self, name: str, part: ast.AST) -> Table:
    if name not in self.tables:
      raise self._error(part, f'{name} is not there yet')
    return self.tables[name]

  def _table(self, value: ast.expr) -> Table:
    if not isinstance(value, ast.Dict):
      raise self._error(value, 'not a literal dictionary')
    return {
      self._name(key): self._list(entries)
      for key, entries in zip(value.keys, value.values, strict=True)
    }

  def _list(self, value: ast.expr) -> Sequence[Entry]:
    match value:
      case ast.Subscript(value=ast.Name(id=name), slice=key) if (
        name in self._names
      ):
        table = self._of(name, value)
        if self._name(key) not in table:
          raise self._error(value, f'{name} has no {self._name(key)!r}')
        return table[self._name(key)]
      case ast.List(elts=entries):
        return [self._entry(entry) for entry in entries]
    raise self._error(value, 'not a literal list')

  def _entry(self, value: ast.expr) -> Entry:
    where = f'{self._file}, line {value.lineno}'
    match value:
      case ast.Tuple(elts=[inputs, targets]):
        pair = {'inputs': inputs, 'targets': targets}
        return Entry(where, {n: self._literal(v) for n, v in pair.items()})
      case ast.Call(func=ast.Name(id=name), args=[], keywords=keywords) if (
        name == _CLASS and all(k.arg for k in keywords)
      ):
        given = {str(k.arg): self._literal(k.value) for k in keywords}
        return Entry(where, {**self._defaults, **given})
    raise self._error(
      value, f'not a pair of texts, nor a {_CLASS} with named arguments'
    )

  def _name(self, key: ast.expr | None) -> str:
    name = self._literal(key) if key else None
    if not isinstance(name, str):
      raise self._error(key, 'not a literal name')
    return name

  def _literal(self, value: ast.expr) -> object:
    try:
      return ast.literal_eval(value)
    except ValueError:
      raise self._error(value, 'not a literal') from None

  def _error(self, part: ast.AST | None, what: str) -> UserError:
    line = getattr(part, 'lineno', '?')
    return UserError(
      f'{self._file}, line {line}: {what}. Templates are read, not run: this '
      'is not a file of google-research/FLAN as it was released'
    )
