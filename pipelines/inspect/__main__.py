"""Shows examples of a finished run: decoded, unmasked, unpacked.

    python -m ul2_flan.pipelines.inspect OUT
    python -m ul2_flan.pipelines.inspect OUT --data_set 'flan:cot:*'
    python -m ul2_flan.pipelines.inspect OUT --search 'a river'
    python -m ul2_flan.pipelines.inspect OUT --key 6de34774f837cf99
    python -m ul2_flan.pipelines.inspect OUT --row gsm8k_train.tsv:59

The first two show some of each suite and setting. --search, --key and --row
read all shards, and say also which records were not used, and why. A key is
that of a row, so --key shows its prompts in all settings. Keys and rows need a
run with --provenance.
"""

from collections.abc import Iterator, Mapping, Sequence
import itertools
from typing import Any

from ul2_flan.pipelines import examples
from ul2_flan.pipelines.examples import Run, members, sample
from ul2_flan.pipelines.inspect import find
from ul2_flan.pipelines.inspect.find import Found
from ul2_flan.pipelines.inspect.lines import Line, Writer, of_rejected
from ul2_flan.pipelines.launch import command, parsing
from ul2_flan.tasks import flags
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.messages import say, say_styled

# Of what is found, and of each group, so many are shown by default.
_FOUND, _OF_GROUP = 20, 1


def main(argv: Sequence[str] | None = None, prog: str = '') -> int:
  """Shows examples; returns 1 if nothing fits what is asked for."""
  prog = prog or 'python -m ul2_flan.pipelines.inspect'
  parser = flags.make_parser(prog, __doc__, __package__, 'inspect.toml')
  values, _ = parsing.parse(parser, argv)
  if values['examples'] is not None and values['examples'] < 1:
    raise UserError(
      f'--examples is {values["examples"]}: it must be at least 1'
    )
  run = examples.load(values['output'], values['vocabulary'])
  if run.note:
    say(f'note: {run.note}')
  is_any = False
  for lines in _shown(run, values):
    if is_any:
      say()
    is_any = True
    for line in lines:
      say_styled(line)
  if not is_any:
    say(_nothing(run, values))
  return 0 if is_any else 1


def _shown(run: Run, values: Mapping[str, Any]) -> Iterator[Iterator[Line]]:
  """Yields the lines of each example, and then of each rejected record."""
  names = find.data_sets(run, values['data_set'])
  asked = {name: values[name] for name in ('key', 'row', 'search')}
  found: Iterator[Found]
  if any(asked.values()):
    most = values['examples'] or _FOUND
    found = itertools.islice(
      find.matching(run, names, values['split'], **asked), most
    )
  else:
    split = values['split'] or sample.main_split(run.manifest)
    find.splits(run, split)
    most = values['examples'] or _OF_GROUP
    found = find.first_ones(run, names, split, most)
  writer = Writer(run)
  known: dict[str, list[list[str]]] = {}
  for one in found:
    if one.split not in known:
      known[one.split] = members.of_first_sequences(run, one.split)
    made = run.manifest.data_sets[one.data_set][one.split]
    # Members are known of the sequences of the first shard alone.
    of_shard = known[one.split] if one.path == made.shards[0].path else []
    is_known = one.number < len(of_shard)
    yield writer.lines(one, of_shard[one.number] if is_known else ())
  if (asked['row'] or asked['search']) and not asked['key']:
    rejected = find.rejected(run, asked['row'], asked['search'])
    yield from map(of_rejected, itertools.islice(rejected, most))


def _nothing(run: Run, values: Mapping[str, Any]) -> str:
  """Says that nothing was found, and what may have become of it."""
  told = ', '.join(
    f'--{name} {values[name]}'
    for name in ('data_set', 'split', 'key', 'row', 'search')
    if values[name]
  )
  dropped = sorted(
    {
      name.partition('/')[2]
      for numbers in run.manifest.run.get('counts', {}).values()
      for name in numbers
      if name.startswith('dropped/')
    }
  )
  rules = f'. Rules dropped others: {", ".join(dropped)}' if dropped else ''
  return f'nothing in {run.output} fits {told or "it"}{rules}'


if __name__ == '__main__':
  command.run_main(main)
