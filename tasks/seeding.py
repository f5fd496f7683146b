"""Random numbers that depend on what they are for, never on when or where.

Every number is a function of the run's seed, a purpose, a key and a counter.
So a document gets the same mask on any runner, in any order, after any restart,
and alone as well as among a million others. Modulo 2**64,

    salt = BLAKE2b-64(purpose, seed)
    stream(seed, purpose, key) = mix(mix(key xor salt) + gamma)
    draw(stream, counter) = mix(stream + (counter + 1) gamma)

where mix and gamma are those of SplitMix64 (Steele, Lea and Flood 2014):
`draw(s, 0)`, `draw(s, 1)`, ... is its output from the state s. NumPy evaluates
this for a whole block at once; a NumPy `Generator` for each key would cost 20
microseconds.

>>> keys = np.array([id_key(b'document 1'), 2, 3], np.uint64)
>>> dice = below(draw(stream(0, 'example', keys), 0), 6)
>>> alone = below(draw(stream(0, 'example', keys[:1]), 0), 6)
>>> dice[0] == alone[0]
np.True_
"""

import functools
import hashlib

import google_crc32c
import numpy as np
import numpy.typing as npt

from ul2_flan.tasks.ragged import Int64s, UInt64s

# SplitMix64's increment: 2**64 divided by the golden ratio, made odd.
_GAMMA = np.uint64(0x9E3779B97F4A7C15)
# Its finaliser's factors: David Stafford's variant 13 of MurmurHash3's.
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_SHIFT_1, _SHIFT_2, _SHIFT_3 = np.uint64(30), np.uint64(27), np.uint64(31)


def id_key(identity: bytes) -> int:
  """Hashes an identity, such as a document's id, to a key of 64 bits.

  >>> id_key(b'document 1') == id_key(b'document 1')
  True
  """
  digest = hashlib.blake2b(identity, digest_size=8).digest()
  return int.from_bytes(digest, 'little')


def content_key(data: bytes) -> int:
  """Hashes content, such as a text, to 64 bits: the CRC-32C of each half.

  A cryptographic hash would take one part in sixty of the whole pipeline's
  time; this takes a tenth of that. Two texts that collide share their random
  numbers, which does no harm.

  >>> content_key(b'123456789' * 2) == 0xE3069283_E3069283
  True
  """
  half = (len(data) + 1) // 2
  first, second = google_crc32c.value(data[:half]), data[half:]
  return first << 32 | google_crc32c.value(second)


def stream(seed: int, purpose: str, keys: UInt64s) -> UInt64s:
  """Starts an independent stream of random numbers for each key.

  Args:
    seed: the run's seed, any integer.
    purpose: what the numbers are for; streams of two purposes are independent.
    keys: uint64 [...], of documents or rows.

  Returns:
    uint64, of the shape of `keys`, for `draw`.
  """
  salt = id_key(f'{purpose}\0{seed}'.encode())
  return mix(mix(keys ^ np.uint64(salt)) + _GAMMA)


def child_keys(keys: UInt64s, index: npt.NDArray[np.integer]) -> UInt64s:
  """Derives the keys of parts: of part `index[i]` of what has `keys[i]`.

  Args:
    keys: uint64 [n].
    index: non-negative integers [n].

  Returns:
    uint64 [n].
  """
  return mix(mix(keys) + (index.astype(np.uint64) + np.uint64(1)) * _GAMMA)


def draw(streams: UInt64s, counter: npt.NDArray[np.integer] | int) -> UInt64s:
  """Returns number `counter` of each stream: uniform on [0, 2**64).

  Args:
    streams: uint64 [...].
    counter: non-negative integers that broadcast against `streams`.

  Returns:
    uint64, of the common shape.
  """
  if isinstance(counter, int):
    return mix(streams + _steps(counter))
  # Always an array: NumPy warns if a scalar overflows, and these do.
  steps = np.atleast_1d(counter).astype(np.uint64) + np.uint64(1)
  return mix(streams + steps * _GAMMA)


@functools.lru_cache
def _steps(counter: int) -> UInt64s:
  """Returns what a draw adds to a stream, as an array of one."""
  return np.array([(counter + 1) * int(_GAMMA) % (1 << 64)], np.uint64)


def unit(bits: UInt64s) -> npt.NDArray[np.float64]:
  """Maps bits to float64 uniform on [0, 1), by their 53 highest.

  >>> unit(np.array([0, 1 << 63], np.uint64)).tolist()
  [0.0, 0.5]
  """
  return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53


def below(bits: UInt64s, bound: npt.NDArray[np.integer] | int) -> Int64s:
  """Maps bits to int64 uniform on {0, ..., bound - 1}.

  The bias is bound / 2**53 at most.

  Args:
    bits: uint64 [...].
    bound: positive integers that broadcast against `bits`.
  """
  return (unit(bits) * bound).astype(np.int64)


def mix(bits: UInt64s) -> UInt64s:
  """Applies SplitMix64's finaliser, a bijection that mixes all 64 bits.

  Args:
    bits: uint64 [...].
  """
  bits = bits ^ (bits >> _SHIFT_1)
  bits *= _MIX_1
  bits ^= bits >> _SHIFT_2
  bits *= _MIX_2
  bits ^= bits >> _SHIFT_3
  return bits
