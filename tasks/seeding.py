"""Randomness that depends on what is drawn for, never on when or where.

Every number is a function of (run seed, purpose, record key, counter). So the
same record gets the same mask on any runner, in any order, after any restart,
and alone as well as among a million others. The generator is SplitMix64
(Steele, Lea and Flood 2014) used by counter, which NumPy evaluates for a whole
block at once; a NumPy `Generator` for each record would cost 20 microseconds.
"""

from __future__ import annotations

import hashlib

import google_crc32c
import numpy as np
import numpy.typing as npt

from ul2_flan.tasks.ragged import Int64s, UInt64s

_GAMMA = np.uint64(0x9E3779B97F4A7C15)  # SplitMix64: 2**64 / golden ratio, odd
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)  # its finaliser: variant 13 of Stafford
_MIX_2 = np.uint64(0x94D049BB133111EB)


def record_key(identity: bytes) -> int:
  """A record's 64-bit key from its identity, such as its id or its text.

  >>> record_key(b'document 1') == record_key(b'document 1')
  True
  """
  digest = hashlib.blake2b(identity, digest_size=8).digest()
  return int.from_bytes(digest, 'little')


def content_key(data: bytes) -> int:
  """A text's 64-bit key: the CRC-32C of each half of its bytes.

  Cryptographic hashes take one part in sixty of the whole pipeline's time, and
  this one a tenth of that. Two texts that collide only share their draws.

  >>> content_key(b'123456789' * 2) == 0xE3069283_E3069283
  True
  """
  half = (len(data) + 1) // 2
  first, second = google_crc32c.value(data[:half]), data[half:]
  return first << 32 | google_crc32c.value(second)


def stream(seed: int, purpose: str, keys: UInt64s) -> UInt64s:
  """The start of an independent stream of numbers for each key.

  Args:
    seed: the run's seed, any integer.
    purpose: what the numbers are for; streams of two purposes are independent.
    keys: uint64 [...], the records' keys.

  Returns:
    uint64, of the shape of `keys`, to be given to `draw`.
  """
  salt = record_key(f'{purpose}\0{seed}'.encode())
  return _mix(_mix(keys ^ np.uint64(salt)) + _GAMMA)


def child_keys(keys: UInt64s, index: npt.NDArray[np.integer]) -> UInt64s:
  """Keys of the parts of records: part `index[i]` of the record `keys[i]`."""
  return _mix(_mix(keys) + (index.astype(np.uint64) + np.uint64(1)) * _GAMMA)


def draw(streams: UInt64s, counter: npt.NDArray[np.integer] | int) -> UInt64s:
  """Number `counter` of each stream: uniform on [0, 2**64).

  Args:
    streams: uint64 [...].
    counter: non-negative integers that broadcast against `streams`.
  """
  # An array even of one: NumPy warns of overflow where a scalar wraps around.
  steps = np.atleast_1d(counter).astype(np.uint64) + np.uint64(1)
  return _mix(streams + steps * _GAMMA)


def unit(bits: UInt64s) -> npt.NDArray[np.float64]:
  """Uniform on [0, 1), from the 53 highest bits."""
  return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53


def below(bits: UInt64s, bound: npt.NDArray[np.integer] | int) -> Int64s:
  """Uniform on {0, ..., bound - 1}, up to a bias of bound / 2**53."""
  return (unit(bits) * bound).astype(np.int64)


def _mix(bits: UInt64s) -> UInt64s:
  """SplitMix64's finaliser: a bijection of 64 bits in which all bits mix."""
  bits = bits ^ (bits >> np.uint64(30))
  bits *= _MIX_1
  bits ^= bits >> np.uint64(27)
  bits *= _MIX_2
  bits ^= bits >> np.uint64(31)
  return bits
