"""Loads a finished run: its manifest, and its vocabulary if that is there."""

import dataclasses

from ul2_flan.pipelines.storage import files, manifest_of, vocabularies
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Manifest, output_of, refuse_export
from ul2_flan.tasks.vocabulary import Vocabulary


@dataclasses.dataclass(frozen=True, slots=True)
class Run:
  """A finished run.

  Attributes:
    output: its folder.
    manifest: what it made.
    vocabulary: that of its tokens; None if it cannot be read.
    note: why there is no vocabulary; empty if there is one.
  """

  output: str
  manifest: Manifest
  vocabulary: Vocabulary | None
  note: str = ''


def load(output: str, vocabulary: str = '') -> Run:
  """Loads a run.

  Args:
    output: the folder that a run wrote, or its manifest.
    vocabulary: where the vocabulary lies; by default where the run
      found it. A run whose model has moved is loaded without one, unless it is
      named here.

  Raises:
    UserError: the run has not finished, or the vocabulary that is named here
      is not the run's.
  """
  output = output_of(output).rstrip('/') or '/'
  manifest = manifest_of(output)
  refuse_export(manifest, output)
  known = dict(manifest.vocabulary)
  if vocabulary:
    others = (known.get(key, '') for key in ('sentinels', 'eos'))
    # Its own message, if it cannot be read.
    vocabularies.load(vocabulary, known['extra_ids'], *others)
    known['path'] = vocabulary
    return Run(output, manifest, vocabularies.load_planned(known))
  try:
    return Run(output, manifest, vocabularies.load_planned(known))
  except UserError as e:
    note = str(e)
  except (OSError, ValueError) as e:
    note = f'{known["path"]}: {files.why(e)}'
  return Run(output, manifest, None, f'{note}. Name it with --vocabulary')
