"""Writes the cards of a run, when all its data sets are known."""

from collections.abc import Mapping

from ul2_flan.pipelines.launch.cards import croissant, hub
from ul2_flan.pipelines.launch.cards.configs import Configs
from ul2_flan.pipelines.launch.cards.origin import Origin
from ul2_flan.pipelines.run import Plan, paths
from ul2_flan.pipelines.storage import files
from ul2_flan.tasks.manifest import Split


class Cards:
  """Collects what the cards of a run will say."""

  def __init__(self, plan: Plan):
    """Begins with nothing."""
    self._plan = plan
    self._configs = Configs()

  def add(self, made: Mapping[str, Mapping[str, Split]]) -> None:
    """Adds data sets."""
    self._configs.add(made)

  def made(self, origin: Origin) -> dict[str, bytes]:
    """Makes the cards.

    Args:
      origin: what the data are made of.

    Returns:
      the files' bytes by their names.
    """
    return {
      paths.CARD: hub.card(self._plan, self._configs, origin).encode(),
      paths.CROISSANT: files.to_json(
        croissant.metadata(self._plan, self._configs, origin)
      ),
    }


def kept(output: str, cards: Mapping[str, bytes]) -> dict[str, bytes]:
  """Returns the cards whose names no file of somebody's has.

  A user may have a `README.md` of their own in the output, which stays.
  """
  return {
    name: data
    for name, data in cards.items()
    if not files.exists(files.join(output, name))
    or files.read_bytes(files.join(output, name)) == data
  }
