r"""Makes one data set of prompts, chats or tasks of your own, in one step.

    python -m ul2_flan.pipelines.own --source mine=chats.jsonl --format chat \
        --vocabulary spiece.model --output OUT --pack enc_dec

It does what `flan` and then `mix` do, which have more flags: OUT/tasks has a
data set for each task, OUT/mixture has one for all, to be registered. The same
command goes on where an earlier one stopped. docs/own_tasks.md has examples.
"""

from collections.abc import Iterator, Mapping, Sequence
import dataclasses
from typing import Any

from ul2_flan.pipelines import flan, mix
from ul2_flan.pipelines.engines import Engine
from ul2_flan.pipelines.launch import command, flags, parsing
from ul2_flan.pipelines.launch.common_flags import EPILOG, Options
from ul2_flan.pipelines.launch.flags import FlagGroup
from ul2_flan.pipelines.launch.run import Launch
from ul2_flan.pipelines.run import Budget, Planned
from ul2_flan.pipelines.storage import files
from ul2_flan.tasks import catalog
from ul2_flan.tasks.errors import UserError

# The flags of `flan` and of `mix` that it takes.
_OF_FLAN = (
  'source', 'catalog', 'format', 'settings', 'seed', 'vocabulary', 'extra_ids',
  'eos', 'inputs_length', 'targets_length', 'decoder_only', 'output',
  'overwrite', 'max_reject_fraction', 'max_damaged_files', 'licence',
)  # fmt: skip
_OF_MIX = ('num_examples', 'epochs', 'pack', 'min_shards')


def main(argv: Sequence[str] | None = None, prog: str = '') -> int:
  """Makes the tasks and the mixture, and prints what came of them."""
  groups = [*_chosen(flan.KIND.all_flags, _OF_FLAN)]
  groups += _chosen(mix.KIND.all_flags, _OF_MIX)
  prog = prog or 'python -m ul2_flan.pipelines.own'
  parser = flags.make_parser(prog, __doc__, EPILOG, groups)
  values, beam_flags = parsing.parse(parser, argv)
  given: Mapping[type[Any], dict[str, Any]] = {
    cls: flags.values_of(groups, cls, values)
    for cls in (flan.Config, mix.Config, Options, Budget)
  }
  options = Options(**given[Options])
  sources = flags.by_suite(given[flan.Config].pop('sources'), 'mine')
  own = [suite for suite in sources if suite not in catalog.suites()]
  if len(own) != 1 or len(sources) != 1:
    raise UserError(
      f'--source is for {", ".join(sources)}: here it is for one suite, of '
      'your own. `flan` takes any, and `mix` mixes them'
    )
  engine = Engine(beam_flags=tuple(beam_flags))
  engine.check()
  budget = Budget(**given[Budget])
  tasks, mixture = (files.join(options.output, n) for n in ('tasks', 'mixture'))

  def run(planned: Planned) -> int:
    overwrite = options.overwrite
    return command.carry_out(
      Launch(planned, engine, budget, overwrite=overwrite)
    )

  config = flan.Config(sources=sources, **given[flan.Config])
  if config.decoder_only and given[mix.Config].get('pack') == 'enc_dec':
    raise UserError(
      '--decoder_only with --pack enc_dec: examples for a decoder are packed '
      'for one. Give --pack prefix_lm or lm, or leave out --decoder_only'
    )
  if status := run(flan.plan(config, output=tasks)):
    return status
  mixed = mix.Config(manifests=[tasks], mixture=own[0], **given[mix.Config])
  return run(mix.plan(mixed, output=mixture))


def _chosen(
  groups: Sequence[FlagGroup], names: Sequence[str]
) -> Iterator[FlagGroup]:
  """Yields groups with only the flags of these names; none that is empty."""
  for group in groups:
    taken = tuple(flag for flag in group.flags if flag.name in names)
    if taken:
      yield dataclasses.replace(group, flags=taken)


if __name__ == '__main__':
  command.run_main(main)
