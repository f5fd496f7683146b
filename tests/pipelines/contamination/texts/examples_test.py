"""Examples say where they are from, and hold what documents hold."""

from pathlib import Path

from support.corpora import pieces_of
from support.outputs import manifest_of, records_of

from ul2_flan.pipelines.contamination.texts import read_documents, read_examples
from ul2_flan.pipelines.contamination.texts.examples import Examples
from ul2_flan.pipelines.contamination.texts.find_texts import SHARD
from ul2_flan.pipelines.sources import Piece, SourceOptions
from ul2_flan.pipelines.storage import vocabularies
from ul2_flan.tasks import records
from ul2_flan.tasks.contamination import RULES, Index, Item, Scanner
from ul2_flan.tasks.contamination.pieces import PieceTable


def read(made, run: str) -> list[Examples]:
  manifest = manifest_of(Path(made.runs[run]))
  known = {**manifest.vocabulary}
  del known['size']
  table = PieceTable(vocabularies.load_planned(known))
  return [
    block
    for splits in manifest.data_sets.values()
    for shard in splits['train'].shards
    for block in read_examples(
      Piece(f'{made.runs[run]}/{shard.path}', SHARD, 0, 0, shard.bytes),
      shard,
      manifest.features,
      table,
    )
  ]


def test_the_key_of_an_example_is_its_provenance(made):
  found = [b.place(i).key for b in read(made, 'flan') for i in range(len(b))]
  run = Path(made.runs['flan'])
  assert found == [
    records.decode_example(record)['provenance/key'][0].decode()
    for data_set in manifest_of(run).data_sets
    for record in records_of(run, data_set, 'train')
  ]


def test_examples_hold_what_documents_hold(made):
  (piece,) = pieces_of(str(made.folder / 'a.jsonl'))
  (block,) = read_documents(piece, SourceOptions())
  # A stretch that no segment's end cuts, we hope: one of many must be whole.
  items = [
    Item('a', str(i), (text,)) for i, text in enumerate(block.block.texts)
  ]
  index = Index.of(items, RULES['13gram'])
  scanner = Scanner(index)
  found: set[int] = set()
  for number, examples in enumerate(read(made, 'ul2r')):
    for hits in examples.scan(scanner, 1000 * number):
      found |= {*hits.grams.tolist()}
  # Segments are cut at some places, and nowhere else.
  assert 0.8 * index.grams < len(found) <= index.grams
