"""Jinja with a bound of work and of size for each row.

Templates are somebody else's programs. Jinja's sandbox keeps them from all of
Python's attributes, but not from `range(99999)` in `range(99999)`. Here all
that a template does costs units (`weigh`), and no row may cost more than a
second's work. What could take much at once is weighed before it is done, and
only filters and methods that are known can be used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
import functools
import string
from typing import Any

import jinja2
from jinja2 import nodes, sandbox
from jinja2.filters import FILTERS as DEFAULT_FILTERS
from jinja2.visitor import NodeTransformer

from ul2_flan.pipelines.task_sources.promptsource.weigh import (
  bounded,
  check_bits,
  check_digits,
  check_join,
  check_replace,
  check_times,
  spend,
  weigh,
)

# What a call, or a turn of a loop, costs beside what it handles.
_STEP = 5

# Jinja's filters, and the methods, that do no more than go through what they
# are given; `replace`, `join`, `format` and `round` are looked at besides.
_FILTERS = """
abs capitalize count d default first float format int items join last length
list lower map max min reject rejectattr replace reverse round select selectattr
sort string sum title trim truncate unique upper wordcount
"""
_METHODS = """
append capitalize casefold changed clear copy count cycle endswith extend find
fromkeys get index insert is_integer isalnum isalpha isdecimal isdigit islower
isnumeric isoformat isspace istitle isupper items join keys lower lstrip
partition pop popitem remove removeprefix removesuffix replace reverse rfind
rindex rpartition rsplit rstrip setdefault sort split splitlines startswith
strftime strip swapcase title update upper values
"""
METHODS = frozenset(_METHODS.split())


class Environment(sandbox.SandboxedEnvironment):
  """Jinja's sandbox, in which whatever a template does costs units.

  Not the immutable sandbox: some templates append to lists.
  """

  intercepted_binops = frozenset(['+', '-', '*', '/', '//', '%', '**'])

  def __init__(self, filters: Mapping[str, Any]):
    """Takes filters beside the known ones of Jinja."""
    super().__init__(finalize=_shown)
    jinjas = {name: DEFAULT_FILTERS[name] for name in _FILTERS.split()}
    self.filters: dict[str, Any] = {
      **{name: _filter(name, f) for name, f in {**jinjas, **filters}.items()},
      '_weighed': _weighed,
      '_each': _each,
    }
    self.globals: dict[str, Any] = {
      'dict': dict,
      'namespace': jinja2.utils.Namespace,
      'range': sandbox.safe_range,
      'zip': zip,
    }

  def compiled(self, text: str) -> jinja2.Template:
    """Compiles a template; raises Jinja's errors if that is impossible."""
    with bounded():
      tree: Any = _Metering().visit(self.parse(text))
      tree.set_environment(self)
      return self.from_string(tree)

  def call(self, context: Any, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
    spend(_STEP)
    # Jinja wraps `str.format`; all other methods come as they are.
    method = getattr(obj, '__wrapped__', obj)
    name = getattr(method, '__name__', '')
    receiver = getattr(method, '__self__', None)
    if method is not obj:
      weigh(receiver, args, kwargs, shown=True)
    elif receiver is not None and name not in METHODS:
      raise jinja2.exceptions.SecurityError(f"the method '{name}' is not known")
    elif name == 'join':
      args = ([*args[0]],)
      check_join(args[0], receiver)
    else:
      weigh(*args, *kwargs.values())
      if name == 'replace' and isinstance(receiver, str):
        check_replace(receiver, *args)
      if name not in ('append', 'get', 'pop'):
        weigh(receiver)
    return super().call(context, obj, *args, **kwargs)

  def wrap_str_format(self, value: Any) -> Any:
    wrapped = super().wrap_str_format(value)
    if wrapped is not None:
      for _, _, spec, _ in string.Formatter().parse(value.__self__):
        check_digits((spec or '').replace('{', '*'))
    return wrapped

  def call_binop(
    self, context: Any, operator: str, left: Any, right: Any
  ) -> Any:
    weigh(left, right, shown=operator == '%' and isinstance(left, str))
    if operator == '%' and isinstance(left, str):
      check_digits(left)
    elif operator == '**' and isinstance(left, int) and isinstance(right, int):
      check_bits(left.bit_length() * right)
    elif operator == '*':
      check_times(left, right)
      check_times(right, left)
    return super().call_binop(context, operator, left, right)


def _filter(name: str, function: Any) -> Any:
  """Wraps a filter, so that it costs what it handles."""
  before = bool(getattr(function, 'jinja_pass_arg', None))

  @functools.wraps(function)
  def filtered(*args: Any, **kwargs: Any) -> Any:
    given = list(args)
    spend(_STEP)
    if name == 'join':
      given[before] = [*given[before]]
      check_join(given[before], kwargs.get('d', [*given, ''][before + 1]))
    else:
      shown = name in ('string', 'format', 'trim', 'truncate')
      weigh(*given[before:], *kwargs.values(), shown=shown)
    if name == 'format':
      check_digits(str(given[before]))
    elif name == 'replace':
      check_replace(*given[before:], **kwargs)
    elif name == 'round':
      check_bits(abs(int(kwargs.get('precision', [*given, 0][before + 1]))))
    return function(*given, **kwargs)

  return filtered


def _shown(value: Any) -> Any:
  weigh(value, shown=True)
  return value


# With the context, so that Jinja does not call them when it compiles.
@jinja2.pass_context
def _weighed(context: Any, value: Any) -> Any:
  weigh(value)
  return value


@jinja2.pass_context
def _each(context: Any, items: Iterable[Any]) -> Iterator[Any]:
  for item in items:
    spend(_STEP)
    yield item


class _Metering(NodeTransformer):
  """Adds what a template spends where Jinja calls nothing of ours."""

  def _weighed(self, node: Any) -> Any:
    return _call_of('_weighed', self.generic_visit(node))

  visit_List = visit_Dict = _weighed  # noqa: N815

  def visit_Tuple(self, node: Any) -> Any:  # noqa: N802
    return (
      self.generic_visit(node) if node.ctx != 'load' else self._weighed(node)
    )

  def visit_TemplateData(self, node: Any) -> Any:  # noqa: N802
    return _call_of('_weighed', nodes.Const(node.data, lineno=node.lineno))

  def visit_For(self, node: Any) -> Any:  # noqa: N802
    node = self.generic_visit(node)
    node.iter = _call_of('_each', node.iter)
    return node

  def _of_compared(self, node: Any) -> Any:
    node = self.generic_visit(node)
    node.expr = _call_of('_weighed', node.expr)
    return node

  visit_Compare = visit_Operand = _of_compared  # noqa: N815

  def visit_Test(self, node: Any) -> Any:  # noqa: N802
    node = self.generic_visit(node)
    if node.name not in ('defined', 'undefined'):  # these look at names
      node.node = _call_of('_weighed', node.node)
    return node

  def visit_Concat(self, node: Any) -> Any:  # noqa: N802
    node = self.generic_visit(node)
    node.nodes = [_call_of('string', n) for n in node.nodes]
    return node

  def visit_Getitem(self, node: Any) -> Any:  # noqa: N802
    node = self.generic_visit(node)
    if isinstance(node.arg, nodes.Slice):
      node.node = _call_of('_weighed', node.node)
    return node


def _call_of(name: str, node: Any) -> nodes.Filter:
  return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)
