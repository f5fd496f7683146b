"""Gathers all that the page shows of a run, as plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
import dataclasses

from ul2_flan.pipelines import examples
from ul2_flan.pipelines.contamination import found as found_lib
from ul2_flan.pipelines.contamination.found import Found
from ul2_flan.pipelines.examples import prompts, rejects, sample
from ul2_flan.pipelines.examples.masked import Masked
from ul2_flan.pipelines.examples.prompts import FamilyUse
from ul2_flan.pipelines.examples.rejects import Rejected
from ul2_flan.pipelines.examples.runs import Run
from ul2_flan.pipelines.flan.summary import grouped
from ul2_flan.pipelines.report import (
  accounts,
  coverage,
  facts,
  lengths,
  licences,
  rates,
  texts,
)
from ul2_flan.pipelines.report.accounts import Stage
from ul2_flan.pipelines.report.coverage import Coverage
from ul2_flan.pipelines.report.lengths import Lengths
from ul2_flan.pipelines.report.licences import Licence
from ul2_flan.pipelines.report.rates import Rate
from ul2_flan.pipelines.report.texts import Packs, Shown
from ul2_flan.pipelines.run import Counts
from ul2_flan.pipelines.run.tables import size
from ul2_flan.pipelines.storage import manifest_of
from ul2_flan.tasks.manifest import Manifest, output_of

# Samples of each reason, and characters of each.
_PER_REASON = 2
_RECORD_CHARS = 400


@dataclasses.dataclass(frozen=True, slots=True)
class Reason:
  """Why records were not used.

  Attributes:
    reason: a code.
    count: how many.
    is_fault: whether something was wrong; else a rule drops them.
    samples: some of them.
  """

  reason: str
  count: int
  is_fault: bool
  samples: Sequence[Rejected]


@dataclasses.dataclass(frozen=True, slots=True)
class View:
  """All that is shown of a run.

  Attributes:
    name: of the run.
    kind: 'ul2', 'flan', 'mix' or another.
    output: its folder.
    totals: what there is of it, in words and numbers.
    notes: what could not be read.
    stages, lengths, rates, repeated, packs, coverage, licences: see the
      modules of these names.
    masked: examples by denoiser.
    families: templates in use.
    shown: examples as they are, by group.
    reasons: why records were not used.
    left_out: tasks that are not there, and why.
    found: what a search for contamination found; None for any other run.
    rule: when such a search takes an item for touched.
    facts: plan, versions and configuration.
  """

  name: str
  kind: str
  output: str
  totals: Sequence[tuple[str, str]]
  notes: Sequence[str]
  facts: Sequence[tuple[str, str]]
  stages: Sequence[Stage] = ()
  lengths: Sequence[Lengths] = ()
  rates: Sequence[Rate] = ()
  repeated: Sequence[Rate] = ()
  masked: Mapping[str, Sequence[Masked]] = dataclasses.field(
    default_factory=dict
  )
  packs: Packs | None = None
  families: Sequence[FamilyUse] = ()
  shown: Mapping[str, Sequence[Shown]] = dataclasses.field(default_factory=dict)
  coverage: Coverage | None = None
  reasons: Sequence[Reason] = ()
  licences: Sequence[Licence] = ()
  left_out: str = ''
  found: Found | None = None
  rule: str = ''


def load(output: str, vocabulary: str) -> View:
  """Gathers the view of a finished run.

  Args:
    output: the folder that a run wrote, or its manifest.
    vocabulary: where the vocabulary lies; '' for where the run found it.

  Raises:
    UserError: see `examples.load`.
  """
  manifest = manifest_of(output_of(output))
  if manifest.run['job'] == 'contamination':
    return of_search(manifest, output_of(output))
  return of(examples.load(output, vocabulary))


def of_search(manifest: Manifest, output: str) -> View:
  """Gathers the view of a search for contamination, which has no examples."""
  counts = Counts(manifest.run['counts'])
  found = found_lib.of(counts)
  return View(
    name=manifest.name,
    kind='contamination',
    output=output,
    totals=[
      ('texts looked through', f'{counts["texts/read"]:,}'),
      ('texts that touch an item', f'{counts["texts/touched"]:,}'),
      ('items', f'{sum(items for _, items, _, _ in found.suites):,}'),
      ('items touched', f'{sum(n for _, _, n, _ in found.suites):,}'),
    ],
    notes=[],
    facts=list(facts.of(manifest)),
    found=found,
    rule=manifest.run['rule']['description'],
  )


def of(run: Run) -> View:
  """Gathers the view of a run; reads its manifest and some records."""
  manifest = run.manifest
  sampled = sample.read(run)
  by_denoiser = texts.denoised(run, sampled)
  by_group: Mapping[str, Sequence[lengths.Example]] = {
    group: [e for s in found for e in s.examples]
    for group, found in sampled.items()
  }
  if by_denoiser:
    by_group = {d: [e for e, _ in many] for d, many in by_denoiser.items()}
  groups, repeated = rates.of(manifest)
  problems = [s.problem for found in sampled.values() for s in found]
  left_out = manifest.run.get('left_out', {})
  return View(
    name=manifest.name,
    kind=manifest.run['job'],
    output=run.output,
    totals=list(_totals(run)),
    notes=[note for note in (run.note, *problems) if note],
    stages=accounts.stages(manifest),
    lengths=list(lengths.of(manifest, by_group, by_denoiser=bool(by_denoiser))),
    rates=groups,
    repeated=repeated,
    masked={name: texts.good_ones(many) for name, many in by_denoiser.items()},
    packs=texts.packs(run, sampled),
    families=list(prompts.families(manifest)),
    shown={} if by_denoiser else texts.as_they_are(run, sampled),
    coverage=coverage.of(manifest, sampled),
    reasons=list(_reasons(run)),
    licences=licences.of([manifest]),
    left_out=grouped(left_out) if left_out else '',
    facts=list(facts.of(manifest)),
  )


def _totals(run: Run) -> Iterator[tuple[str, str]]:
  splits = [
    (name, split)
    for made in run.manifest.data_sets.values()
    for name, split in made.items()
  ]
  yield 'data sets', f'{len(run.manifest.data_sets):,}'
  yield 'shards', f'{sum(len(s.shards) for _, s in splits):,}'
  what = 'sequences' if run.manifest.is_packed else 'examples'
  for split in sorted({name for name, _ in splits}):
    count = sum(s.examples for name, s in splits if name == split)
    yield f'{what}, {split}', f'{count:,}'
  for side in ('inputs', 'targets', 'decoder_target'):
    tokens = sum(s.stats.get(f'{side}_tokens', 0) for _, s in splits)
    if tokens:
      yield f'tokens of {side.replace("_", " ")}', f'{tokens:,}'
  bytes_ = sum(shard.bytes for _, s in splits for shard in s.shards)
  yield 'size', size(bytes_)


def _reasons(run: Run) -> Iterator[Reason]:
  samples: dict[str, list[Rejected]] = {}
  for rejected in rejects.read(run):
    found = samples.setdefault(rejected.reason, [])
    if len(found) < _PER_REASON:
      short = rejected.record[:_RECORD_CHARS]
      found.append(dataclasses.replace(rejected, record=short))
  for reason, (count, is_fault) in accounts.faults(run.manifest).items():
    yield Reason(reason, count, is_fault, samples.pop(reason, []))
  for reason, found in samples.items():
    yield Reason(reason, len(found), True, found)
