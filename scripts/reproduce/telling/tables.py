"""Makes tables of what was measured, in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reproduce.arms import arms
from reproduce.telling.outcomes import (
  Measure,
  Outcomes,
  accuracy,
  loss,
  normalised,
)

from ul2_flan.tasks.evaluation.report.intervals import Interval

# What is measured: a column's title, its measure, and its tasks.
TEXT = (
  ('causal', loss, ('text:held_out:*',)),
  ('prefix', loss, ('text:held_out_no_modes:s_50',)),
  ('prefix, [S2S]', loss, ('text:held_out_ul2r:s_50',)),
  ('infilling', loss, ('text:held_out_no_modes:[rx]_*',)),
  ('infilling, mode', loss, ('text:held_out_ul2r:[rx]_*',)),
)
RANKED = ('bbes_*', 'flan_0:*')
TASKS = (
  ('NIv2, zero-shot', loss, ('niv2:*:zs_opt',)),
  ('NIv2, few-shot', loss, ('niv2:*:fs_opt',)),
  ('ranked, zero-shot', loss, ('bbes_0:*', 'flan_0:*')),
  ('ranked, few-shot', loss, ('bbes_3:*',)),
)
SCORES = (
  ('accuracy, zero-shot', accuracy, ('bbes_0:*', 'flan_0:*')),
  ('accuracy, few-shot', accuracy, ('bbes_3:*',)),
  ('normalised, zero-shot', normalised, ('bbes_0:*', 'flan_0:*')),
  ('normalised, few-shot', normalised, ('bbes_3:*',)),
  ('normalised average', normalised, RANKED),
)
Columns = Sequence[tuple[str, Measure, tuple[str, ...]]]

CLAIMS = (
  ('UL2R beats as many steps of the same', 'ul2r', 'lm'),
  ('UL2R beats the base', 'ul2r', 'base'),
  ('UL2R of half the base beats all of it', 'half_ul2r', 'base'),
  ('Flan beats the base', 'base_flan', 'base'),
  ('UL2R then Flan beats Flan alone', 'ul2r_flan', 'base_flan'),
  ('UL2R then Flan beats as many steps, then Flan', 'ul2r_flan', 'lm_flan'),
  ('UL2R then Flan beats UL2R alone', 'ul2r_flan', 'ul2r'),
)
# Encoder-decoders make the same claims, but for half of the base.
_ENCODERS = {
  'base': 't5',
  'lm': 't5_more',
  'ul2r': 't5_ul2r',
  'base_flan': 't5_flan',
  'lm_flan': 't5_more_flan',
  'ul2r_flan': 't5_ul2r_flan',
}
ENCODER_CLAIMS = [
  (claim, _ENCODERS[arm], _ENCODERS[other])
  for claim, arm, other in CLAIMS
  if arm in _ENCODERS
]
MIXTURE_CLAIMS = (
  ('18 tasks beat 8', 'ul2r_flan_muffin', 'ul2r_flan_cot'),
  ('77 tasks beat 18', 'ul2r_flan_t0', 'ul2r_flan_muffin'),
  ('225 tasks beat 77', 'ul2r_flan', 'ul2r_flan_t0'),
  ('chain of thought beats none', 'ul2r_flan', 'ul2r_flan_no_cot'),
)
ATTEMPTS = (
  ('UL2R beats the control: the first seed alone', 'ul2r', 'lm'),
  ('from half of the base', 'half_ul2r', 'half_lm'),
  ('three times as long as the control: as many targets', 'ul2r_long', 'lm'),
  ('at a third of the learning rate', 'ul2r_slow', 'lm_slow'),
  ('asked with `[S2S]`', 'ul2r_s2s', 'lm'),
  ('asked as a causal LM', 'ul2r_causal', 'lm'),
  ('then Flan: the first seed alone', 'ul2r_flan', 'lm_flan'),
  ('then Flan, asked with `[S2S]`', 'ul2r_flan_s2s', 'lm_flan'),
  ('then Flan, the control as a prefix LM', 'ul2r_flan', 'lm_flan_prefix'),
)


def tables(found: Outcomes) -> dict[str, list[str]]:
  """Returns the lines of each table, in Markdown."""
  main = _group('main')
  # Arms of other groups have one seed.
  first = found.of_seed(min(map(min, found.by_arm.values()), default=0))
  wanted = {
    'Held-out text, nats a token': (found, main, TEXT),
    'Held-out tasks, nats a token of the right target': (found, main, TASKS),
    'Held-out tasks with choices, percent': (found, main, SCORES),
    'Other mixtures': (
      first,
      ['ul2r_flan', *_group('mixtures')],
      (*TASKS, SCORES[-1]),
    ),
    'Arms of the attempts': (
      first,
      ['lm', 'ul2r', 'lm_flan', 'ul2r_flan', *_group('attempts')],
      (TEXT[0], *TASKS, SCORES[-1]),
    ),
    'Encoder-decoders': (
      first,
      _group('encoder_decoders'),
      (*TEXT[1:], *TASKS, SCORES[-1]),
    ),
  }
  claims = {
    'What beats what': (found, CLAIMS),
    'What beats what, encoder-decoders': (first, ENCODER_CLAIMS),
    'What beats what, mixtures': (first, MIXTURE_CLAIMS),
    'Attempts': (first, ATTEMPTS),
  }
  return {title: [*_claims(*of)] for title, of in claims.items()} | {
    title: [*_table(*of)] for title, of in wanted.items()
  }


def _group(name: str) -> list[str]:
  return [arm.name for arm in arms().values() if arm.group == name]


def _table(
  found: Outcomes, arms: Sequence[str], columns: Columns
) -> Iterator[str]:
  yield f'| | {" | ".join(title for title, _, _ in columns)} |'
  yield f'|---|{"--:|" * len(columns)}'
  for arm in arms:
    if arm not in found.by_arm:
      continue
    cells = (
      _cell(found.mean(arm, measure, *tasks)) for _, measure, tasks in columns
    )
    yield f'| `{arm}` | {" | ".join(cells)} |'


def _claims(
  found: Outcomes, claims: Sequence[tuple[str, str, str]]
) -> Iterator[str]:
  columns = (
    ('NIv2, nats a token', loss, ('niv2:*',)),
    ('ranked, nats a token', loss, RANKED),
    ('normalised average', normalised, RANKED),
  )
  yield f'| | {" | ".join(title for title, _, _ in columns)} |'
  yield f'|---|{"--:|" * len(columns)}'
  for claim, arm, other in claims:
    if not {arm, other} <= found.by_arm.keys():
      continue
    cells = (
      _difference(
        found.mean(arm, measure, *tasks, minus=other), measure is loss
      )
      for _, measure, tasks in columns
    )
    yield f'| {claim} | {" | ".join(cells)} |'


def _cell(value: Interval) -> str:
  return f'{value.value:.2f} ({value.low:.2f} to {value.high:.2f})'


def _difference(value: Interval, less_is_better: bool) -> str:
  """Tells how far two arms are apart, and what that says of the claim."""
  better = -value.value if less_is_better else value.value
  says = 'yes' if better > 0 else 'no'
  if value.has_zero:
    says = 'not told apart'
  return f'{value.value:+.3f} ({value.low:+.3f} to {value.high:+.3f}): {says}'
