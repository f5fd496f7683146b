"""The rules of papers and tools by which a text counts as contaminated.

13 words: GPT-3 (arXiv 2005.14165, appendix C), FLAN (2109.01652, appendix C),
GLaM (2112.06905, appendix D). 8 words of which 70% are found: PaLM (2204.02311,
section 8). 12 words: the filter of Hugging Face's datatrove.
"""

from collections.abc import Mapping
import dataclasses

from ul2_flan.tasks import shipped
from ul2_flan.tasks.errors import unknown
from ul2_flan.tasks.strict_tables import make

# Shorter texts tell nothing: GPT-3 takes no n-gram of fewer words, since those
# are found by chance.
LEAST_WORDS = 8


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
  """A rule.

  Attributes:
    words: how many words in a row are compared, `LEAST_WORDS` or more.
    share: the share of a text's grams that must be found, from 0 to 1; 0 if any
      is enough.
    description: a line for help.
  """

  words: int
  share: float
  description: str

  def holds(self, share: float) -> bool:
    """Whether a text is contaminated of whose grams this share was found.

    >>> RULES['palm8'].holds(0.7), RULES['palm8'].holds(0.6)
    (True, False)
    >>> RULES['13gram'].holds(0.01), RULES['13gram'].holds(0.0)
    (True, False)
    """
    return share > 0 and share >= self.share


def load(name: str) -> Rule:
  """Returns a rule by its name.

  Raises:
    UserError: there is no such rule.
  """
  if name not in RULES:
    raise unknown('rule', name, RULES)
  return RULES[name]


_FILE = 'contamination/rules.toml'

RULES: Mapping[str, Rule] = {
  name: make(Rule, entry, f'{_FILE}, {name}')
  for name, entry in shipped.table(_FILE).items()
}
