"""Compares answers with references, and makes one answer of many."""

from collections.abc import Mapping

from ul2_flan.tasks.evaluation.rules.rule import (
  EXACT,
  EXACT_OR_NOTHING,
  NUMBER,
  OPTION,
  Rule,
)
from ul2_flan.tasks.evaluation.rules.squad import BY_LANGUAGE, SQUAD

# By the names that `suites/*.toml` use.
RULES: Mapping[str, Rule] = {
  'exact': EXACT,
  'exact_or_nothing': EXACT_OR_NOTHING,
  'number': NUMBER,
  'option': OPTION,
  'squad': SQUAD,
  'squad_by_language': BY_LANGUAGE,
}
