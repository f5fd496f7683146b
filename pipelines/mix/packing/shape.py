"""How long packed sequences are, and which architecture reads them."""

from collections.abc import Mapping
import dataclasses
from typing import Any

from ul2_flan.tasks.errors import unknown

# Each is read by a converter of seqio: PrePackedEncDecFeatureConverter,
# PrePackedPrefixLMFeatureConverter, PrePackedLMFeatureConverter.
from ul2_flan.tasks.manifest import ARCHITECTURES


@dataclasses.dataclass(frozen=True, slots=True)
class PackedShape:
  """The shape of packed sequences.

  Attributes:
    architecture: one of `ARCHITECTURES`. 'prefix_lm' and 'lm' put inputs and
      targets one after the other into a decoder; 'lm' has the loss on inputs
      too. To train a causal decoder with the loss on targets alone, pack for
      'prefix_lm' and read that with the converter of 'lm'.
    inputs: tokens of a sequence's inputs. For the two decoders, a sequence
      holds examples of `inputs + targets` tokens, however these divide.
    targets: tokens of its targets.
    inputs_eos: whether EOS follows an example's inputs; stored examples have
      none yet.
    targets_eos: the same for its targets.
    eos_id: the vocabulary's EOS.

  Raises:
    UserError: there is no such architecture.

  >>> PackedShape('enc_dec', 2048, 512).room()
  {'inputs': 2048, 'targets': 512}
  >>> PackedShape('lm', 2048, 512).room()
  {'targets': 2560}
  """

  architecture: str
  inputs: int
  targets: int
  inputs_eos: bool = True
  targets_eos: bool = True
  eos_id: int = 1

  def __post_init__(self) -> None:
    if self.architecture not in ARCHITECTURES:
      raise unknown('architecture', self.architecture, ARCHITECTURES)

  def room(self) -> dict[str, int]:
    """Returns how many tokens a sequence holds at most, by side."""
    if self.architecture == 'enc_dec':
      return {'inputs': self.inputs, 'targets': self.targets}
    return {'targets': self.inputs + self.targets}


# On disk, plans have called the architecture 'layout' from the start.


def shape_of(raw: Mapping[str, Any]) -> PackedShape:
  """Reads a shape as a plan keeps it."""
  fields = dict(raw)
  return PackedShape(architecture=fields.pop('layout'), **fields)


def as_written(shape: PackedShape) -> dict[str, Any]:
  """Returns a shape as a plan keeps it."""
  fields = dataclasses.asdict(shape)
  return {'layout': fields.pop('architecture'), **fields}
