"""Checks an output against its manifest; seqio itself would notice nothing.

    python -m ul2_flan.pipelines.verify OUT

Finds a manifest, a summary or files of seqio's that were changed; shards that
are missing, cut short, changed in any bit, or left over from another run; and
counts that do not add up. Prints a line for each problem, and exits with 1 if
there is any.
"""

from collections.abc import Iterable, Iterator, Sequence
import dataclasses

from ul2_flan.pipelines.launch import command, parsing
from ul2_flan.pipelines.launch.kind import kind_of, refuse_unknown
from ul2_flan.pipelines.run import Counts, paths
from ul2_flan.pipelines.run.tables import size
from ul2_flan.pipelines.storage import manifest_bytes
from ul2_flan.pipelines.verification import listing, shards, small_files
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.arguments import command_parser
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Manifest
from ul2_flan.tasks.messages import say


@dataclasses.dataclass(slots=True)
class Findings:
  """What a check found.

  Attributes:
    manifest: as it is, even if it was changed.
    problems: a line each.
    notes: what could not be checked, and why.
  """

  manifest: Manifest
  problems: list[str] = dataclasses.field(default_factory=list)
  notes: list[str] = dataclasses.field(default_factory=list)


def main(argv: Sequence[str] | None = None, prog: str = '') -> int:
  """Prints the problems of an output; returns 1 if there are any."""
  prog = prog or 'python -m ul2_flan.pipelines.verify'
  parser = command_parser(prog, __doc__)
  parser.add_argument('output', metavar='OUT', help='the --output of a run')
  parser.add_argument(
    '--quick', action='store_true', help='compare sizes, and read no shard'
  )
  values, _ = parsing.parse(parser, argv)
  output = manifest_lib.output_of(values['output'])
  quick = values['quick']
  found = verify(output, quick)
  for line in [*found.notes, *found.problems]:
    say(line)
  how = 'sizes compared' if quick else 'every byte read'
  made = listing.shards_of(found.manifest)
  if found.problems:
    n = len(found.problems)
    count = '1 problem' if n == 1 else f'{n} problems'
    say(f'\n{count} in {len(made)} shards ({how}).')
    return 1
  total = size(sum(shard.bytes for shard in made))
  news = 'agrees with its manifest' if found.notes else 'is as it was made'
  say(f'{output} {news}: {len(made)} shards, {total}, {how}')
  return 0


def verify(output: str, quick: bool) -> Findings:
  """Checks an output; reads it and changes nothing.

  A changed manifest is a problem, and the rest is compared with it as it is.

  Args:
    output: the output folder.
    quick: compare sizes, and read no shard.

  Raises:
    UserError: there is no manifest, or another version of ul2-flan wrote it, or
      it is so damaged that nothing can be compared with it.
  """
  path = paths.manifest_path(output)
  data = manifest_bytes(output)
  try:
    found = Findings(manifest_lib.parse(data, path))
  except UserError as e:
    found = Findings(manifest_lib.parse(data, path, check=False))
    found.problems.append(f'changed: {e}')
  if not manifest_lib.is_unchanged(data) and not found.problems:
    found.notes.append(
      f'note: {path} is of the version before, without a checksum of its own: '
      'changes of it and of the summary cannot be seen'
    )
  listed = listing.Listing.of(found.manifest, output)
  found.notes += listed.notes
  for check in _checks(found.manifest, output, quick, listed):
    try:
      # Not `extend`: what was found before an error stays.
      for problem in check:
        found.problems.append(problem)
    except (AttributeError, KeyError, TypeError, ValueError) as e:
      # Whoever changes a manifest can make its checksum too.
      found.problems.append(f'changed: {path} cannot be compared: {e!r}')
  return found


def _checks(
  manifest: Manifest, output: str, quick: bool, listed: listing.Listing
) -> Iterator[Iterable[str]]:
  """Yields checks, each of which yields problems."""
  yield listed.unreadable
  yield small_files.problems(manifest, output, listed.sizes)
  yield listing.leftovers(manifest, output, listed)
  yield shards.problems(manifest, output, listed.sizes, quick)
  yield _accounts(manifest, output)


def _accounts(manifest: Manifest, output: str) -> Iterator[str]:
  """Finds counts that do not add up."""
  for name, splits in manifest.data_sets.items():
    for split, info in splits.items():
      count = sum(shard.records for shard in info.shards)
      if count != info.examples:
        yield f'counts: {name} {split} has {count} records of {info.examples}'
  refuse_unknown(manifest.run['job'], paths.manifest_path(output))
  accounts = kind_of(manifest.run['job']).accounts
  try:
    accounts.check(Counts(manifest.run['counts']))
  except AssertionError as e:
    yield f'counts: {e}'


if __name__ == '__main__':
  command.run_main(main)
