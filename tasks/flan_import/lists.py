"""Reads the lists of styles in FLAN's files, without running the files.

Such a list is literal, or repeats a text over a range of numbers or over an
earlier list: `["(" + chr(x) + ") " for x in range(ord("a"), ord("z") + 1)]`.
"""

import ast
from collections.abc import Callable, Collection, Mapping
from typing import Any

from ul2_flan.tasks.errors import UserError

_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
  'chr': chr, 'ord': ord, 'range': range, 'str': str,
}  # fmt: skip
_METHODS: Mapping[str, Callable[[str], str]] = {
  'lower': str.lower, 'upper': str.upper,
}  # fmt: skip


def read_lists(
  text: str, file: str, names: Collection[str]
) -> dict[str, list[Any]]:
  """Reads the lists with these names, and evaluates their few operations.

  Args:
    text: the content of a Python file.
    file: its path, for messages.
    names: of the lists, all of which must be there; a list may use those that
      stand above it.

  Raises:
    UserError: a list is missing, or does more than is allowed here.
  """
  lists: dict[str, list[Any]] = {}
  for statement in ast.parse(text).body:
    match statement:
      case ast.Assign(targets=[ast.Name(id=name)]) if name in names:
        try:
          lists[name] = _value(statement.value, lists)
        except (TypeError, ValueError) as e:
          raise UserError(
            f'{file}, line {statement.lineno}: {name} is no list of texts ({e})'
          ) from e
  for name in names:
    if name not in lists:
      raise UserError(f'{file}: it has no list {name}')
  return lists


def _value(part: ast.expr, known: Mapping[str, Any]) -> Any:
  """Evaluates an expression of `known` names.

  Raises:
    ValueError: it has another operation.
  """
  match part:
    case ast.Constant(value=str() | int() as value):
      return value
    case ast.Name(id=name) if name in known:
      return known[name]
    case ast.List(elts=items):
      return [_value(item, known) for item in items]
    case ast.ListComp(
      elt=item,
      generators=[
        ast.comprehension(target=ast.Name(id=name), iter=over, ifs=[])
      ],
    ):
      return [_value(item, {**known, name: x}) for x in _value(over, known)]
    case ast.BinOp(left=left, op=ast.Add(), right=right):
      return _value(left, known) + _value(right, known)
    case ast.BinOp(left=left, op=ast.Mod(), right=right):
      return _value(left, known) % _value(right, known)
    case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]):
      return _value(left, known) == _value(right, known)
    case ast.IfExp(test=test, body=body, orelse=other):
      return _value(body if _value(test, known) else other, known)
    case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if (
      name in _FUNCTIONS
    ):
      return _FUNCTIONS[name](*(_value(arg, known) for arg in args))
    case ast.Call(
      func=ast.Attribute(value=of, attr=name), args=[], keywords=[]
    ) if name in _METHODS:
      return _METHODS[name](_value(of, known))
  raise ValueError(f'line {part.lineno}: {ast.unparse(part)}')
