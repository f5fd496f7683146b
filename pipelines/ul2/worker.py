"""From blocks of documents to blocks of encoded UL2 examples: pure functions.

    read → accept → tokenise → cut → denoise → encode

Everything a worker needs is in the plan's configuration and the vocabulary
file. What comes out depends on the documents and the configuration, not on how
documents are grouped into blocks or blocks into work items.
"""

from collections.abc import Iterator

import numpy as np

from ul2_flan.pipelines.run import Batch, Counts, Part, Plan, Progress, Result
from ul2_flan.pipelines.sources import DocumentBlock, Reject, SourceOptions
from ul2_flan.pipelines.sources import read as read_source
from ul2_flan.pipelines.storage import vocabularies
from ul2_flan.pipelines.ul2.documents import Documents, accept
from ul2_flan.tasks import denoising, records, seeding
from ul2_flan.tasks.denoising import Segments
from ul2_flan.tasks.ragged import Ragged

# Tokens denoised at once: the arrays of a 50 MB document are not made whole.
_TOKENS_AT_ONCE = 1 << 19


class Ul2Worker:
  """Makes UL2 examples of one block of documents after another.

  Attributes:
    data_sets: their names: one for all denoisers, or one for each.
    source_options: how to read the sources.
    vocabulary: the run's.
    objective: its denoisers, solved for its lengths.
  """

  def __init__(self, plan: Plan):
    """Loads the vocabulary and solves the denoisers."""
    config = plan.config
    self.data_sets = plan.data_sets
    self.source_options = SourceOptions(**config['source_options'])
    self.vocabulary = vocabularies.load_planned(config['vocabulary'])
    self._seed = config['seed']
    self._max_document_chars = config['max_document_chars']
    self._validation_fraction = config['validation_fraction']
    self._provenance = config['provenance']
    table = denoising.parse_table(config['denoisers'], 'the plan')
    modes = denoising.MODE_TOKENS[config['mode_tokens']]
    self.objective = denoising.solve(
      table,
      denoising.FeatureLengths(**config['lengths']),
      [self.vocabulary.encode(modes[d.mode]) for d in table.denoisers],
      self.vocabulary.sentinels,
      seed=self._seed,
      min_tokens=config['min_tokens'],
    )
    # T5 appends its sentinels to the model's pieces, so no text has them; in
    # mT5's model they are pieces, which text may spell out.
    self._text_may_have_sentinels = not self.vocabulary.extra_ids

  def results(self, part: Part, counts: Counts) -> Iterator[Result]:
    """Makes the examples of a part of the sources."""
    before = 0
    for piece in part.pieces:
      for block in read_source(piece, self.source_options):
        yield from self.examples(block, counts)
        yield Progress(before + block.source_bytes)
      before += piece.size

  def examples(
    self, block: DocumentBlock, counts: Counts
  ) -> Iterator[Batch | list[Reject]]:
    """Yields a block's rejects, if there are any, and then its examples.

    Args:
      block: as read from a source.
      counts: gets 'documents/...', 'tokens/...' and the data sets' numbers.
    """
    documents, rejects = accept(block, self._max_document_chars, counts)
    tokens = self.vocabulary.encode_block(documents.texts)
    if self._text_may_have_sentinels:
      documents, tokens, more = self._without_sentinels(documents, tokens)
      for reject in more:
        counts.add(f'documents/rejected/{reject.reason}')
      rejects += more
    if rejects:
      yield rejects
    if not documents.texts:
      return
    segments = self._cut(documents, tokens, counts)
    bounds = segments.tokens.offsets
    start = 0
    # Segments of at most so many tokens at a time, and one at least.
    while start < len(segments.tokens):
      limit = bounds[start] + _TOKENS_AT_ONCE
      stop = int(np.searchsorted(bounds, limit, side='right')) - 1
      stop = max(stop, start + 1)
      yield self._encode(documents, segments.slice(start, stop), counts)
      start = stop

  def _without_sentinels(
    self, documents: Documents, tokens: Ragged
  ) -> tuple[Documents, Ragged, list[Reject]]:
    """Rejects documents with a sentinel: `restore` would take it for ours."""
    hits = np.flatnonzero(self.vocabulary.sentinels.among(tokens.values))
    bad = set((np.searchsorted(tokens.offsets, hits, 'right') - 1).tolist())
    if not bad:
      return documents, tokens, []
    rejects = [
      Reject.of(
        documents.source,
        documents.places[i],
        'sentinel_in_text',
        'the text has <extra_id_…>, which is a piece of this vocabulary',
        documents.texts[i].encode(),
      )
      for i in sorted(bad)
    ]
    good = [i for i in range(len(documents.texts)) if i not in bad]
    kept = Documents(
      [documents.texts[i] for i in good],
      documents.keys[good],
      [documents.places[i] for i in good],
      documents.source,
    )
    return kept, Ragged.of([tokens[i] for i in good]), rejects

  def _cut(
    self, documents: Documents, tokens: Ragged, counts: Counts
  ) -> Segments:
    """Cuts documents into segments, and counts what becomes of each token."""
    segments = self.objective.cut(tokens, documents.keys)
    length = tokens.lengths
    short = length < self.objective.min_tokens
    read, dropped = int(length.sum()), int(length[short].sum())
    used = int(segments.tokens.offsets[-1])
    counts.add('documents/dropped/too_short', int(short.sum()))
    counts.add('documents/used', int((~short).sum()))
    counts.add('tokens/read', read)
    counts.add('tokens/used', used)
    counts.add('tokens/dropped/too_short', dropped)
    counts.add('tokens/dropped/remainder', read - dropped - used)
    unknown = int(np.count_nonzero(tokens.values == self.vocabulary.unk_id))
    counts.add('tokens/unknown', unknown)
    return segments

  def _encode(
    self, documents: Documents, segments: Segments, counts: Counts
  ) -> Batch:
    inputs, targets = self.objective.denoise(segments)
    columns: dict[str, records.Column] = {'inputs': inputs, 'targets': targets}
    if self._provenance:
      columns |= self._provenance_columns(documents, segments)
    # Drawn for documents, so that all segments of one are in the same split.
    streams = seeding.stream(
      self._seed, 'validation', documents.keys[segments.document]
    )
    validation = (
      seeding.unit(seeding.draw(streams, 0)) < self._validation_fraction
    )
    self._count(inputs, targets, segments, validation, counts)
    one = len(self.data_sets) == 1
    return Batch(
      records.encode_examples(columns),
      segments.keys,
      np.zeros_like(segments.denoiser) if one else segments.denoiser,
      validation,
    )

  def _provenance_columns(
    self, documents: Documents, segments: Segments
  ) -> dict[str, records.Column]:
    names = [d.name.encode() for d in self.objective.denoisers]
    source = documents.source.encode()
    places = [
      b'%s:%d' % (source, documents.places[i])
      for i in segments.document.tolist()
    ]
    return {
      'provenance/source': places,
      'provenance/key': [b'%016x' % k for k in segments.keys.tolist()],
      'provenance/denoiser': [names[i] for i in segments.denoiser.tolist()],
    }

  def _count(
    self,
    inputs: Ragged,
    targets: Ragged,
    segments: Segments,
    validation: np.typing.NDArray[np.bool_],
    counts: Counts,
  ) -> None:
    """Counts examples and tokens by data set, split and denoiser."""
    one = len(self.data_sets) == 1
    sides = {
      'inputs': inputs.lengths,
      'targets': targets.lengths,
      'source': segments.tokens.lengths,
    }
    for split, in_split in (('train', ~validation), ('validation', validation)):
      for index, denoiser in enumerate(self.objective.denoisers):
        chosen = in_split & (segments.denoiser == index)
        data_set = self.data_sets[0 if one else index]
        where = f'{data_set}/data/{split}/{denoiser.name}'
        counts.add(f'{where}/examples', int(chosen.sum()))
        if not chosen.any():
          continue
        for name, side in sides.items():
          lengths = side[chosen]
          counts.add(f'{where}/{name}_tokens', int(lengths.sum()))
          counts.see(f'{where}/{name}_max_tokens', int(lengths.max(initial=0)))
