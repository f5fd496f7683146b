"""Which models a run's examples were made for, and where EOS stands in them.

An encoder-decoder reads EOS after inputs and after targets. A decoder reads
both as one text, with EOS at its end alone if the data was made for it; but
examples of an encoder-decoder that are packed for a decoder keep the other EOS.
So a manifest says both things, and a reader need not conclude one from the
other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
  from ul2_flan.tasks.manifest.contents import Feature, Manifest

# An encoder-decoder; a decoder that sees inputs both ways, or as a causal
# decoder with the loss on targets alone; and one with the loss on inputs too.
ARCHITECTURES = ('enc_dec', 'prefix_lm', 'lm')

SIDES = ('inputs', 'targets')


def of_sides(
  inputs_length: int, targets_length: int, *, decoder_only: bool
) -> dict[str, Any]:
  """Describes examples of two sides, as a manifest does.

  Args:
    inputs_length: tokens, EOS included if there is one.
    targets_length: tokens, EOS included.
    decoder_only: whether they are for a decoder, and inputs have no EOS.

  Returns:
    the fields 'architecture', 'decoder_only' and 'features' of a manifest, as
    JSON.
  """
  lengths = dict(zip(SIDES, (inputs_length, targets_length), strict=True))
  return {
    'architecture': 'prefix_lm' if decoder_only else 'enc_dec',
    'decoder_only': decoder_only,
    'features': {
      side: {
        'dtype': 'int32',
        'length': length,
        'add_eos': side == 'targets' or not decoder_only,
      }
      for side, length in lengths.items()
    },
  }


def eos_in_packed(feature: str, sides: Iterable[str]) -> tuple[str, ...]:
  """Returns the sides of an example that EOS follows in a packed feature.

  Args:
    feature: its name.
    sides: those that EOS follows in an example.

  >>> eos_in_packed('decoder_target_tokens', ['inputs', 'targets'])
  ('inputs', 'targets')
  >>> eos_in_packed('targets_positions', ['inputs', 'targets'])
  ()
  """
  held: Mapping[str, tuple[str, ...]] = {
    'inputs': ('inputs',),
    'targets': ('targets',),
    'decoder_target_tokens': SIDES,
    # Shifted by one: the last token of each example is missing.
    'decoder_input_tokens': ('inputs',),
  }
  return tuple(side for side in held.get(feature, ()) if side in set(sides))


def packed_for(features: Iterable[str]) -> str:
  """Returns the architecture of packed sequences; '' for other examples.

  Args:
    features: names of theirs.

  >>> packed_for(['inputs', 'targets'])
  ''
  >>> packed_for(['decoder_target_tokens', 'decoder_segment_ids'])
  'lm'
  """
  names = set(features)
  if 'decoder_segment_ids' in names:
    return 'prefix_lm' if 'decoder_causal_attention' in names else 'lm'
  is_packed = any(name.endswith('_segment_ids') for name in names)
  return 'enc_dec' if is_packed else ''


def worked_out(manifest: Manifest) -> dict[str, Any]:
  """Returns what a manifest of before does not say, by the names of fields.

  Such manifests call a Flan run for decoders not `decoder_only`, since each of
  its sides keeps a length of its own; nor packed ones.
  """
  features = manifest.features
  if not packed_for(features):
    added = [side for side in SIDES if _adds_eos(features, side)]
    # Both sides are there, and the reader ends only targets.
    is_decoders = manifest.decoder_only or (
      'inputs' in features and added == ['targets']
    )
    ends: dict[str, tuple[str, ...]] = {side: (side,) for side in added}
    made_for = 'prefix_lm' if is_decoders else 'enc_dec'
  else:
    packed = _packing(manifest.run)
    added = [side for side in SIDES if packed.get(f'{side}_eos', True)]
    ends = {name: eos_in_packed(name, added) for name in features}
    made_for = packed.get('layout') or packed_for(features)
  return {
    'architecture': made_for,
    'decoder_only': made_for != 'enc_dec',
    'features': {
      name: dataclasses.replace(f, eos_after=f.eos_after or ends.get(name, ()))
      for name, f in features.items()
    },
  }


def _adds_eos(features: Mapping[str, Feature], side: str) -> bool:
  return side in features and features[side].add_eos


def _packing(run: Any) -> Mapping[str, Any]:
  """Returns the shape of packed sequences, which the plan keeps."""
  # A manifest that was changed may have anything there.
  config = run.get('config') if isinstance(run, Mapping) else None
  packed = config.get('pack') if isinstance(config, Mapping) else None
  return packed if isinstance(packed, Mapping) else {}
