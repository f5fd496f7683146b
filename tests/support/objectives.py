"""Objectives, denoisers and documents that tests of denoising share."""

from collections.abc import Sequence
import dataclasses

from hypothesis import strategies as st
import numpy as np

from ul2_flan.tasks.denoising import (
  MODE_TOKENS,
  Denoiser,
  DenoiserTable,
  FeatureLengths,
  Objective,
  Segments,
  Sentinels,
  load_preset,
  presets,
  solve,
)
from ul2_flan.tasks.ragged import Int64s, Ragged, offsets_of, position_in

T5_SENTINELS = Sentinels(32_099, 100)
PLENTY = Sentinels(39_999, 8_000)

# One to three ids for each mode token, as word pieces would be.
MODE_IDS = {'R': (7,), 'S': (8, 9), 'X': (7, 10, 11), 'none': ()}


def shipped_denoisers(*, rolled: bool = False) -> list[Denoiser]:
  """Every denoiser of every preset; if `rolled`, also with random_roll."""
  found = {d.name: d for name in presets() for d in load_preset(name).denoisers}
  denoisers = [dataclasses.replace(d, rate=1.0) for d in found.values()]
  if rolled:
    denoisers += [
      dataclasses.replace(d, name=f'{d.name}_rolled', random_roll=True)
      for d in denoisers
      if d.corruption == 'spans'
    ]
  return denoisers


def spans_denoiser(
  density: float, mean_span: float, *, random_roll: bool = False
) -> Denoiser:
  return Denoiser('d', 'R', 'spans', density, 1.0, mean_span, random_roll)


def prefix_denoiser(density: float) -> Denoiser:
  return Denoiser('d', 'S', 'prefix', density, 1.0)


def any_denoiser() -> st.SearchStrategy[Denoiser]:
  """Denoisers of any density, mean span and roll."""
  return st.one_of(
    st.builds(
      spans_denoiser,
      st.floats(0.01, 0.95),
      st.floats(1, 80),
      random_roll=st.booleans(),
    ),
    st.builds(prefix_denoiser, st.floats(0.01, 0.5)),
    st.just(Denoiser('d', 'none', 'causal', 1.0, 1.0)),
  )


def solved(
  denoisers: DenoiserTable | Sequence[Denoiser],
  lengths: FeatureLengths,
  *,
  mode_ids: dict[str, tuple[int, ...]] | None = None,
  sentinels: Sentinels = PLENTY,
  on_sentinel_overflow: str = 'refuse',
  seed: int = 0,
  min_tokens: int = 2,
) -> Objective:
  if not isinstance(denoisers, DenoiserTable):
    denoisers = DenoiserTable(
      't', '', tuple(denoisers), on_sentinel_overflow=on_sentinel_overflow
    )
  modes = mode_ids or dict.fromkeys(MODE_TOKENS['none'], ())
  return solve(
    denoisers,
    lengths,
    [modes[d.mode] for d in denoisers.denoisers],
    sentinels,
    seed,
    min_tokens,
  )


def small(preset: str = 'ul2', min_tokens: int = 5, seed: int = 0) -> Objective:
  """An objective whose segments are short, so that documents have several."""
  return solved(
    load_preset(preset),
    FeatureLengths(48, 48),
    mode_ids=MODE_IDS,
    min_tokens=min_tokens,
    seed=seed,
  )


def words(lengths: Sequence[int] | Int64s, seed: int = 0) -> Ragged:
  """Sequences of random word pieces, which are below all sentinels."""
  offsets = offsets_of(np.asarray(lengths, np.int64))
  values = np.random.default_rng(seed).integers(20, 31_000, offsets[-1])
  return Ragged(values.astype(np.int32), offsets)


def numbered(lengths: Sequence[int] | Int64s) -> Ragged:
  """Sequences whose tokens are their own positions."""
  offsets = offsets_of(np.asarray(lengths, np.int64))
  return Ragged(position_in(offsets).astype(np.int32), offsets)


def keys_of(n: int, start: int = 0) -> np.typing.NDArray[np.uint64]:
  return np.arange(start, start + n, dtype=np.uint64)


def as_segments(tokens: Ragged, denoiser: int | Int64s = 0) -> Segments:
  """Sequences as the segments of a denoiser, or of one each."""
  n = len(tokens)
  which = np.broadcast_to(np.asarray(denoiser, np.int64), n)
  return Segments(
    tokens, which, keys_of(n), np.arange(n), np.zeros(n, np.int64)
  )


def lists(ragged: Ragged) -> list[list[int]]:
  return [sequence.tolist() for sequence in ragged]


def without_modes(
  inputs: Ragged, mode_ids: Sequence[tuple[int, ...]], which: Int64s
) -> Ragged:
  """Inputs without the mode token, which must stand in front."""
  stripped = []
  for ids, i in zip(lists(inputs), which.tolist(), strict=True):
    mode = mode_ids[i]
    assert tuple(ids[: len(mode)]) == mode
    stripped.append(ids[len(mode) :])
  return Ragged.of(stripped)
