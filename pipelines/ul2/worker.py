"""From blocks of documents to blocks of encoded UL2 examples: pure functions.

    read → accept → tokenise → join → cut → denoise → encode

Everything a worker needs is in the plan's configuration and the vocabulary
file. What comes out depends on the documents and the configuration, not on how
documents are grouped into blocks. Documents of one part of a work item may be
joined, so it does depend on how the plan divides the sources, if they are.
"""

from collections.abc import Iterable, Iterator
import dataclasses

import numpy as np

from ul2_flan.pipelines.run import Batch, Counts, Part, Plan, Progress, Result
from ul2_flan.pipelines.sources import DocumentBlock, Reject, SourceOptions
from ul2_flan.pipelines.sources import read as read_source
from ul2_flan.pipelines.storage import left_out_keys, vocabularies
from ul2_flan.pipelines.ul2 import passes
from ul2_flan.pipelines.ul2.documents import Documents, accept
from ul2_flan.pipelines.ul2.joining import Groups, Joiner
from ul2_flan.tasks import denoising, records, seeding
from ul2_flan.tasks.denoising import Segments
from ul2_flan.tasks.ragged import Bools, Ragged, UInt64s

# Tokens denoised at once: the arrays of a 50 MB document are not made whole.
_TOKENS_AT_ONCE = 1 << 19


class Ul2Worker:
  """Makes UL2 examples of one block of documents after another.

  Attributes:
    data_sets: their names: one for all denoisers, or one for each.
    source_options: how to read the sources.
    vocabulary: the run's.
    objective: its denoisers, solved for its lengths.
    join_documents: how many documents are joined before they are cut.
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
    self._left_out = left_out_keys.load_planned(config)
    self._epochs: int = config.get('epochs', 1)
    self._parts = {name: group.parts for name, group in plan.groups.items()}
    table = denoising.parse_table(config['denoisers'], 'the plan')
    self.join_documents = table.join_documents
    modes = denoising.MODE_TOKENS[config['mode_tokens']]
    self.objective = denoising.solve(
      table,
      denoising.FeatureLengths(**config['lengths']),
      [self.vocabulary.encode_mode(modes[d.mode]) for d in table.denoisers],
      self.vocabulary.sentinels,
      seed=self._seed,
      min_tokens=config['min_tokens'],
    )

  def results(self, part: Part, counts: Counts) -> Iterator[Result]:
    """Makes the examples of a part of the sources."""
    number = passes.number_of(part, self._parts[part.group], self._epochs)
    return self.examples(self._blocks(part), counts, number)

  def _blocks(self, part: Part) -> Iterator[DocumentBlock]:
    """Reads a part; `source_bytes` of its blocks are those of the part."""
    before = 0
    for piece in part.pieces:
      for block in read_source(piece, self.source_options):
        block.source_bytes += before
        yield block
      before += piece.size

  def examples(
    self, blocks: Iterable[DocumentBlock], counts: Counts, number: int = 0
  ) -> Iterator[Result]:
    """Yields the rejects of blocks, if there are any, and their examples.

    Args:
      blocks: as read from the sources, all that documents are joined of.
      counts: gets 'documents/...', 'tokens/...' and the data sets' numbers.
      number: of the pass over the sources. What is rejected is kept in the
        first, and counted in each.
    """
    joiner = Joiner(self.join_documents)
    for block in blocks:
      documents, tokens, rejects = self._tokenise(block, counts)
      if rejects and not number:
        yield rejects
      if documents.texts:
        for groups in joiner.add(
          *self._in_pass(number, documents, tokens, counts)
        ):
          yield from self._denoise(groups, number, counts)
      yield Progress(block.source_bytes)
    for groups in joiner.rest():
      yield from self._denoise(groups, number, counts)

  def _in_pass(
    self, number: int, documents: Documents, tokens: Ragged, counts: Counts
  ) -> tuple[Documents, Ragged, Bools]:
    """Returns the documents of a pass, and which are held out: bool [n]."""
    held_out = self._held_out(documents.keys)
    if self._epochs == 1:
      return documents, tokens, held_out
    counts.add(f'passes/{number}/documents', len(documents.texts))
    counts.add(f'passes/{number}/tokens', len(tokens.values))
    dropped = passes.elsewhere(
      held_out, documents.keys, number, self._epochs, self._seed
    )
    kept = np.flatnonzero(~dropped)
    length = int(tokens.lengths[dropped].sum())
    for unit, n in (('documents', int(dropped.sum())), ('tokens', length)):
      counts.add(f'{unit}/dropped/in_another_pass', n)
    counts.add('tokens/read', length)
    documents = documents.take(kept)
    keys = passes.keys_in(number, documents.keys)
    documents = dataclasses.replace(documents, keys=keys)
    return documents, tokens.take(kept), held_out[kept]

  def _tokenise(
    self, block: DocumentBlock, counts: Counts
  ) -> tuple[Documents, Ragged, list[Reject]]:
    documents, rejects = accept(
      block, self._max_document_chars, counts, self._left_out
    )
    tokens = self.vocabulary.encode_block(documents.texts)
    # T5 appends its sentinels to the model's pieces, so no text has them; in
    # mT5's model they are pieces, which text may spell out.
    if self.vocabulary.sentinels_are_pieces:
      documents, tokens, more = self._without_sentinels(documents, tokens)
      for reject in more:
        counts.add(f'documents/rejected/{reject.reason}')
      rejects += more
    return documents, tokens, rejects

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
        'the text has a piece of this vocabulary that is a sentinel',
        documents.texts[i].encode(),
      )
      for i in sorted(bad)
    ]
    is_good = np.ones(len(tokens), np.bool_)
    is_good[[*bad]] = False
    good = np.flatnonzero(is_good)
    return documents.take(good), tokens.take(good), rejects

  def _held_out(self, keys: UInt64s) -> Bools:
    """Draws which documents are held out for validation: bool [n]."""
    streams = seeding.stream(self._seed, 'validation', keys)
    return seeding.unit(seeding.draw(streams, 0)) < self._validation_fraction

  def _denoise(
    self, groups: Groups, number: int, counts: Counts
  ) -> Iterator[Batch]:
    if not groups.names:
      return
    segments = self._cut(groups, number, counts)
    bounds = segments.tokens.offsets
    start = 0
    # Segments of at most so many tokens at a time, and one at least.
    while start < len(segments.tokens):
      limit = bounds[start] + _TOKENS_AT_ONCE
      stop = int(np.searchsorted(bounds, limit, side='right')) - 1
      stop = max(stop, start + 1)
      yield self._encode(groups, segments.slice(start, stop), counts)
      start = stop

  def _cut(self, groups: Groups, number: int, counts: Counts) -> Segments:
    """Cuts groups into segments, and counts what becomes of each token."""
    segments = self.objective.cut(groups.tokens, groups.keys, number > 0)
    length = groups.tokens.lengths
    short = length < self.objective.min_tokens
    read, dropped = int(length.sum()), int(length[short].sum())
    sizes = segments.tokens.lengths
    used = np.bincount(segments.document, sizes, len(length)).astype(np.int64)
    documents = groups.num_used(used)
    counts.add('documents/dropped/too_short', len(groups.names) - documents)
    counts.add('documents/used', documents)
    counts.add('tokens/read', read)
    counts.add('tokens/used', int(used.sum()))
    counts.add('tokens/dropped/too_short', dropped)
    counts.add('tokens/dropped/remainder', read - dropped - int(used.sum()))
    ids = groups.documents.values
    unknown = int(np.count_nonzero(ids == self.vocabulary.unk_id))
    counts.add('tokens/unknown', unknown)
    return segments

  def _encode(
    self, groups: Groups, segments: Segments, counts: Counts
  ) -> Batch:
    inputs, targets = self.objective.denoise(segments)
    columns: dict[str, records.Column] = {'inputs': inputs, 'targets': targets}
    if self._provenance:
      columns |= self._provenance_columns(groups, segments)
    validation = groups.is_validation[segments.document]
    self._count(inputs, targets, segments, validation, counts)
    one = len(self.data_sets) == 1
    return Batch(
      records.encode_examples(columns),
      segments.keys,
      np.zeros_like(segments.denoiser) if one else segments.denoiser,
      validation,
      segments.denoiser,
    )

  def _provenance_columns(
    self, groups: Groups, segments: Segments
  ) -> dict[str, records.Column]:
    names = [d.name.encode() for d in self.objective.denoisers]
    sources = (
      groups.sources(segments)
      if self.join_documents
      else [groups.names[i] for i in segments.document.tolist()]
    )
    return {
      'provenance/source': sources,
      'provenance/key': [b'%016x' % k for k in segments.keys.tolist()],
      'provenance/denoiser': [names[i] for i in segments.denoiser.tolist()],
    }

  def _count(
    self,
    inputs: Ragged,
    targets: Ragged,
    segments: Segments,
    validation: Bools,
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
