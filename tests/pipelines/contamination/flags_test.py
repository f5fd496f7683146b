"""The flags of the `contamination` command."""

from ul2_flan.pipelines.contamination.flags import FLAGS
from ul2_flan.tasks.contamination import RULES


def test_the_help_names_every_rule():
  flags = {flag.name: flag for group in FLAGS for flag in group.flags}
  shown = flags['rule'].help % {'default': ''}
  for name, rule in RULES.items():
    assert f'{name}, {rule.description}' in shown
