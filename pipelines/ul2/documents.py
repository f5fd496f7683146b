"""Keeps the documents that are text; drops or rejects others with a reason."""

from __future__ import annotations

import dataclasses

import numpy as np

from ul2_flan.pipelines.run import Counts
from ul2_flan.pipelines.sources import DocumentBlock, Reject
from ul2_flan.pipelines.storage import left_out_keys
from ul2_flan.tasks import seeding
from ul2_flan.tasks.ragged import Int64s, UInt64s

# Control characters that no text has: C0 without white space, and DEL.
_CONTROL = bytes({*range(32), 127} - {*b'\t\n\v\f\r'})

# A binary file read as text has some 10% of them; form feeds and stray escapes
# in real text stay far below. A document's beginning tells.
MAX_CONTROL_SHARE = 0.05
_JUDGED_BYTES = 1 << 12


@dataclasses.dataclass(frozen=True, slots=True)
class Documents:
  """The documents of a block that are text.

  Attributes:
    texts: n of them, none of them empty.
    keys: uint64 [n], what their random numbers depend on.
    places: where each stands in `source`.
    source: path of the file.
  """

  texts: list[str]
  keys: UInt64s
  places: list[int]
  source: str

  def take(self, indices: Int64s) -> Documents:
    """Returns the documents with these indices: int64 [m], in this order."""
    chosen = indices.tolist()
    return Documents(
      [self.texts[i] for i in chosen],
      self.keys[indices],
      [self.places[i] for i in chosen],
      self.source,
    )


def accept(
  block: DocumentBlock,
  max_document_chars: int,
  counts: Counts,
  left_out: UInt64s = left_out_keys.NONE,
) -> tuple[Documents, list[Reject]]:
  """Keeps the documents that are text.

  A document's key comes from its id, or without one from its text: then the
  same text has the same key wherever it lies, and copies of a document never
  stand on both sides of a validation split.

  Args:
    block: as read.
    max_document_chars: longer documents are dropped; 0 for no limit.
    counts: gets 'documents/...'.
    left_out: uint64 [n], sorted, the keys of documents to drop.

  Returns:
    the documents, and all rejects of the block.
  """
  texts, keys, places = [], [], []
  rejects = list(block.rejects)
  for i, text in enumerate(block.texts):
    data = text.encode()
    if not text or text.isspace():
      counts.add('documents/dropped/empty')
      continue
    if max_document_chars and len(text) > max_document_chars:
      counts.add('documents/dropped/too_long')
      continue
    head = data[:_JUDGED_BYTES]
    control = len(head) - len(head.translate(None, _CONTROL))
    if control > MAX_CONTROL_SHARE * len(head):
      detail = f'{control} of {len(head)} bytes are control characters'
      rejects.append(
        Reject.of(block.source, block.places[i], 'not_text', detail, data)
      )
      continue
    texts.append(text)
    places.append(block.places[i])
    keys.append(
      seeding.id_key(block.ids[i].encode())
      if block.ids
      else seeding.content_key(data)
    )
  counts.add('documents/read', len(block.texts) + len(block.rejects))
  for reject in rejects:
    counts.add(f'documents/rejected/{reject.reason}')
  array = np.array(keys, np.uint64)
  if (out := left_out_keys.among(array, left_out)).any():
    counts.add('documents/dropped/left_out_by_key', int(out.sum()))
    kept = np.flatnonzero(~out).tolist()
    texts = [texts[i] for i in kept]
    places = [places[i] for i in kept]
    array = array[kept]
  return Documents(texts, array, places, block.source), rejects
