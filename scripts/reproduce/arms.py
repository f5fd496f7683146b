"""What is trained, and how much of it: `arms.toml` and `settings.toml`."""

from __future__ import annotations

from collections.abc import Mapping
import dataclasses
from pathlib import Path

from ul2_flan.tasks.strict_tables import make, parse, tables_of

HERE = Path(__file__).parent


@dataclasses.dataclass(frozen=True, kw_only=True)
class Arm:
  """One stage of training, from where another arm ended: see `arms.toml`."""

  name: str
  group: str = 'main'
  model: str = 'decoder'
  network: str = ''
  after: str = ''
  at: float = 1.0
  stage: str
  data: str
  bidirectional: bool = False
  steps: float = 1.0
  rate: float = 1.0
  mode: str = ''


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
  """How much is trained and measured: see `settings.toml`.

  Attributes:
    groups: of arms that are trained.
    seeds: of initial parameters, dropout and the order of examples; the first
      is that of groups other than 'main'.
    batch: sequences of a step, each of 512 tokens.
    base_steps: of pre-training.
    extra_steps: of UL2R, or of more of the same.
    flan_steps: of Flan.
    base_rate: the base's learning rate at first; later it falls with the root
      of the steps.
    warmup_steps: after which it falls.
    extra_rate: from which a cosine falls to a tenth in the extra steps.
    flan_rate: constant.
    saves: checkpoints of a stage: an even number, for an arm may leave another
      halfway.
    questions: how many of each task are asked, at most.
    passages: how many examples of held-out text of each kind.
  """

  groups: tuple[str, ...]
  seeds: tuple[int, ...]
  batch: int
  base_steps: int
  extra_steps: int
  flan_steps: int
  base_rate: float
  warmup_steps: int
  extra_rate: float
  flan_rate: float
  saves: int
  questions: int
  passages: int

  def steps(self, arm: Arm) -> int:
    """Returns the steps of an arm."""
    of_stage = {
      'pretrain': self.base_steps,
      'ul2r': self.extra_steps,
      'flan': self.flan_steps,
    }
    return round(arm.steps * of_stage[arm.stage])


def arms() -> Mapping[str, Arm]:
  """Returns all arms by name, each after the one that it starts from."""
  where = 'arms.toml'
  text = (HERE / where).read_text(encoding='utf-8')
  found = tables_of(parse(text, where), 'arms', where)
  return {one['name']: make(Arm, one, where) for one in found}


def settings(size: str) -> Settings:
  """Returns the settings of a size, 'full' or 'quick'."""
  where = 'settings.toml'
  text = (HERE / where).read_text(encoding='utf-8')
  return make(Settings, parse(text, where)[size], f'{where}, [{size}]')
