"""The end of a run: from the reports of all work items to a readable output.

It runs on one worker, after every item is done, and may fail and run again at
any point. seqio looks for `COMPLETED`, which is written when everything that it
stands for is on the disk: shards, seqio's files, manifest and summary. Plan and
reports go when `COMPLETED` is on the disk too, so after a loss of power the run
either goes on or is whole.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ul2_flan.pipelines.launch import overwrite, resume
from ul2_flan.pipelines.launch.cards.cards import Cards, kept
from ul2_flan.pipelines.launch.kind import kind_of
from ul2_flan.pipelines.launch.manifest import damage, groups
from ul2_flan.pipelines.launch.manifest.groups import ClosedGroup
from ul2_flan.pipelines.launch.manifest.writer import ManifestWriter
from ul2_flan.pipelines.run import Budget, Plan, paths, reports
from ul2_flan.pipelines.run.contract import Accounts
from ul2_flan.pipelines.run.open_files import OpenFiles
from ul2_flan.pipelines.storage import each, files
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.manifest import TFRECORD, Feature, Split
from ul2_flan.tasks.version import VERSION, version_of


def finish(output: str, plan: Plan, budget: Budget) -> None:
  """Writes the manifest, the summary, the cards and seqio's files.

  Args:
    output: the output folder.
    plan: a plan whose work items are all done.
    budget: how much may be rejected.

  Raises:
    UserError: more was rejected or damaged than the run allows, or there is no
      example. The reports stay, so the same command with a larger budget
      repeats no work. Or shards were damaged, and the reports of their items
      are deleted.
  """
  kind = kind_of(plan.kind)
  accounts = kind.accounts(plan, budget)
  summary = kind.summary(plan, output)
  cards = Cards(plan)
  scratch = paths.progress_folder(output)
  path = paths.manifest_path(output)
  with files.whole_file(path, scratch) as file, ManifestWriter(file) as writer:
    # One group is held at a time, from the report of its last part until its
    # lines of the manifest are written.
    for group, made in _made(output, plan, accounts, budget):
      writer.add(made, group.counts)
      summary.add(made, group.counts)
      cards.add(made)
      last = group  # it has what is of no group
    fields = dict(plan.manifest)
    known = fields.pop('run', {})
    fields |= {'features': _features(plan), 'mixtures': accounts.mixtures}
    origin = kind.origin(plan).without(accounts.left_out)
    told = [summary.text(accounts.left_out), origin.text()]
    told.append(damage.told(last.damaged))
    text = '\n\n'.join(filter(None, told)).encode() + b'\n'
    written = kept(output, cards.made(origin))
    run = {
      'cards': {name: reports.described(c) for name, c in written.items()},
      'left_out': accounts.left_out,
      'origin': origin,
      'summary': reports.described(text),
      'quarantine': last.rejects,
    }
    if last.damaged:
      run['damaged_files'] = last.damaged
    writer.end({**_run(plan), **run, **known}, fields)
  for name, data in {paths.summary_path(''): text, **written}.items():
    files.write_bytes(files.join(output, name), data, scratch)
  _complete(output, plan, accounts.left_out)
  resume.clean(output)


def _run(plan: Plan) -> dict[str, Any]:
  """Returns what the manifest says of any run, besides its counts."""
  return {
    'job': plan.kind,
    'config': plan.config,
    'plan': plan.fingerprint,
    'sources': plan.sources(),
    'versions': {
      'ul2-flan': VERSION,
      'numpy': version_of('numpy'),
      'sentencepiece': version_of('sentencepiece'),
    },
  }


def _features(plan: Plan) -> dict[str, Feature]:
  features: dict[str, Feature] = {}
  for name, known in plan.manifest['features'].items():
    # Only of packed sequences it needs to be told.
    ends = known.get('eos_after', [name] if known.get('add_eos') else [])
    features[name] = Feature(**{**known, 'eos_after': tuple(ends)})
  return features


def _made(
  output: str, plan: Plan, accounts: Accounts, budget: Budget
) -> Iterator[tuple[ClosedGroup, dict[str, dict[str, Split]]]]:
  """Yields each group with its data sets; with none if it is left out."""
  features = _features(plan)
  for_seqio = plan.file_format == TFRECORD

  def judged() -> Iterator[ClosedGroup]:
    for group in groups.closed(output, plan):
      if group.name:
        accounts.close(group.name, group.counts)
      else:
        damage.refuse(group.damaged, budget)
        accounts.end(group.counts, output)
      yield group

  def describe(
    group: ClosedGroup,
  ) -> tuple[ClosedGroup, dict[str, dict[str, Split]]]:
    if not group.name or group.name in accounts.left_out:
      return group, {}
    groups.check_sizes(output, plan, group)
    made = groups.data_sets(output, plan, group)
    for data_set, splits in made.items() if for_seqio else ():
      seqio_files = manifest_lib.seqio_files(
        data_set, splits, features, plan.manifest['vocabulary']
      )
      with OpenFiles(output) as opened:
        for name, content in seqio_files.items():
          opened.open(name).write(files.to_json(content))
        opened.commit(flush_names=False)  # `_complete` does so for all
    return group, made

  return each(describe, judged(), output)


def _complete(output: str, plan: Plan, left_out: Mapping[str, str]) -> None:
  """Marks the data sets that were made, and deletes those left out."""
  marks = [
    paths.completed_path(output, data_set)
    for name, group in plan.groups.items()
    if name not in left_out
    for data_set in group.data_sets
    if plan.file_format == TFRECORD
  ]
  scratch = paths.progress_folder(output)
  # Names of seqio's files, which lie beside the marks, before any mark; then
  # the marks. The names of these folders came to the disk with their shards'.
  files.flush_folders(marks)
  for _ in each(lambda mark: files.write_empty(mark, scratch), marks, output):
    pass
  files.flush_folders(marks)
  for name in left_out:
    overwrite.delete_group(output, plan.groups[name])
