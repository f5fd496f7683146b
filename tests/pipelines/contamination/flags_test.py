"""The flags of the `contamination` command."""

from ul2_flan.pipelines.contamination.config import Config
from ul2_flan.pipelines.contamination.flags import FLAGS, configure
from ul2_flan.pipelines.launch import flags
from ul2_flan.tasks.contamination import RULES


def test_the_help_names_every_rule():
  flags = {flag.name: flag for group in FLAGS for flag in group.flags}
  shown = flags['rule'].help % {'default': ''}
  for name, rule in RULES.items():
    assert f'{name}, {rule.description}' in shown


def test_sources_are_given_by_suite_or_not_at_all():
  parser = flags.make_parser('p', '', '', FLAGS)
  for given, sources in (
    (['--source=niv2=a', '--source=cot=b', '--source=niv2=c'],
     {'niv2': ('a', 'c'), 'cot': ('b',)}),
    (['--manifest=d'], {}),
  ):  # fmt: skip
    values = vars(parser.parse_args([*given, '--evaluation=e']))
    config = configure(flags.values_of(FLAGS, Config, values))
    assert config.sources == sources
