"""Damages and changes bytes: bits, stretches, and values of JSON and TOML."""

from collections.abc import Callable
import json
from random import Random
import re
from typing import Any

# What a value of JSON, YAML or TOML may become. Texts stand for themselves.
_VALUES: list[Any] = [
  None, True, 0, -1, 7, 2**31, 2**63, 2**64, 10**30, 1e308, 0.5, '', 'x', '\0',
  '\x1b[2J', '\ud800', '../..', 'é' * 999, [], {}, [[]], [None], ['x', 1],
  {'': None}, {'a': {'b': []}},
]  # fmt: skip
_LITERALS = [
  b'5', b'-1', b'1e308', b'nan', b'inf', b'true', b'""', b'"x"', b'[]', b'{}',
  b'["a", 1]', b'[[]]', b'{a = 1}', b'1979-05-27', b'!!python/name:os.system',
  b'&a [*a]', b'null', b'9' * 400, b'[' * 400 + b']' * 400, b'"\\u0000"',
]  # fmt: skip
_BYTES = [b'\0', b'\xff', b'\xff\xfe', b'\n', b'\r', b'"', b'{', b'[' * 3000]
_BYTES += [b'\x80' * 12, b'\xff' * 12, b'\xef\xbb\xbf', b'NaN', b'\\ud800']


def mutant(data: bytes, random: Random) -> bytes:
  """Makes one change, or some, of bytes."""
  for _ in range(random.choice([1, 1, 1, 2, 4])):
    data = random.choice(_WAYS)(data, random)
  return data


def _flipped(data: bytes, random: Random) -> bytes:
  changed = bytearray(data)
  if changed:
    changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
  return bytes(changed)


def _stretch(data: bytes, random: Random) -> bytes:
  """Removes, doubles or moves a stretch, or puts other bytes in its place."""
  start, stop = sorted(random.randrange(len(data) + 1) for _ in range(2))
  stop = min(stop, start + random.choice([1, 8, 100, len(data)]))
  found = data[start:stop]
  put = [b'', found * 2, bytes(len(found)), found[::-1], random.choice(_BYTES)]
  return data[:start] + random.choice(put) + data[stop:]


def _cut(data: bytes, random: Random) -> bytes:
  return data[: random.randrange(len(data) + 1)]


def _number(data: bytes, random: Random) -> bytes:
  """Changes four or eight bytes that may be a length."""
  at = random.randrange(len(data) + 1)
  size = random.choice([4, 8])
  put = random.choice([0, 1, 2**31 - 1, 2**31, 2**32 - 1, 2**60, 2**64 - 1])
  number = (put % 2 ** (8 * size)).to_bytes(size, 'little')
  return data[:at] + number + data[at + size :]


def _literal(data: bytes, random: Random) -> bytes:
  """Changes a value of a text such as TOML: what follows `=` or `:`."""
  places = [*re.finditer(rb'(?<=[=:]) *[^\n,}]+', data)]
  if not places:
    return data
  place = random.choice(places)
  put = random.choice(_LITERALS)
  return data[: place.start()] + b' ' + put + data[place.end() :]


def _json(data: bytes, random: Random) -> bytes:
  """Changes, removes or renames a value of a JSON document, or of a line."""
  lines = data.split(b'\n') if data[:1] in b'{[' else []
  for number in random.sample(range(len(lines)), len(lines)):
    line = data if number == 0 else lines[number]
    try:
      changed = _dumped(_changed(json.loads(line), random))
    except (ValueError, RecursionError):
      continue
    return (
      changed
      if number == 0
      else b'\n'.join([*lines[:number], changed, *lines[number + 1 :]])
    )
  return data


def _dumped(value: Any) -> bytes:
  return json.dumps(value).encode()


def _changed(value: Any, random: Random) -> Any:
  if not isinstance(value, dict | list) or not value or random.random() < 0.15:
    return random.choice(_VALUES)
  if isinstance(value, list):
    at = random.randrange(len(value))
    return [_changed(v, random) if i == at else v for i, v in enumerate(value)]
  name = random.choice(list(value))
  match random.randrange(8):
    case 0:
      return {k: v for k, v in value.items() if k != name}
    case 1:
      return {(k + '?' if k == name else k): v for k, v in value.items()}
    case _:
      return {**value, name: _changed(value[name], random)}


_WAYS: list[Callable[[bytes, Random], bytes]] = [
  _flipped, _stretch, _cut, _number, _literal, _literal, _json, _json, _json,
]  # fmt: skip
