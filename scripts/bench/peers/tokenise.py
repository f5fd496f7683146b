"""Tokenises JSON lines as another project does it; beside.py runs it.

    .bench/bin/python scripts/bench/peers/tokenise.py PEER TEXT VOCABULARY OUT

It runs in an environment without ul2-flan, and imports what it needs alone.
"""

import json
import os
import sys


def _fast_tokenizer(vocabulary: str):  # type: ignore[no-untyped-def]
  """Makes Hugging Face's tokenizer of a SentencePiece model."""
  from transformers import T5TokenizerFast

  return T5TokenizerFast(vocab_file=vocabulary, extra_ids=100)


def sentencepiece(text: str, vocabulary: str, output: str) -> None:
  """Encodes to lists, a thousand documents at a time, and writes nothing."""
  import sentencepiece as lib

  processor = lib.SentencePieceProcessor(model_file=vocabulary)
  with open(text) as file:
    documents = [json.loads(line)['text'] for line in file]
  for start in range(0, len(documents), 1000):
    processor.encode(documents[start : start + 1000], num_threads=1)


def datasets(text: str, vocabulary: str, output: str) -> None:
  """Maps a fast tokenizer over batches, and saves what comes out."""
  import datasets as lib

  tokenizer = _fast_tokenizer(vocabulary)
  loaded = lib.load_dataset(
    'json', data_files=text, split='train', cache_dir=f'{output}/cache'
  )
  loaded.map(
    lambda batch: {'ids': tokenizer(batch['text'])['input_ids']},
    batched=True,
    remove_columns=loaded.column_names,
  ).save_to_disk(f'{output}/made')


def datatrove(text: str, vocabulary: str, output: str) -> None:
  """Runs datatrove's tokenizer as a local pipeline of one task."""
  from datatrove.executor import LocalPipelineExecutor
  from datatrove.pipeline.readers import JsonlReader
  from datatrove.pipeline.tokens import DocumentTokenizer

  os.makedirs(output, exist_ok=True)
  saved = f'{output}/tokenizer.json'
  _fast_tokenizer(vocabulary).backend_tokenizer.save(saved)
  LocalPipelineExecutor(
    pipeline=[
      JsonlReader(os.path.dirname(text), glob_pattern=os.path.basename(text)),
      DocumentTokenizer(
        output_folder=f'{output}/made',
        tokenizer_name_or_path=saved,
        eos_token='</s>',
      ),
    ],
    logging_dir=f'{output}/logs',
  ).run()


def megatron(text: str, vocabulary: str, output: str) -> None:
  """Builds Megatron's dataset as its preprocessing does, in one process."""
  from megatron.core.datasets import indexed_dataset
  import sentencepiece as lib

  processor = lib.SentencePieceProcessor(model_file=vocabulary)
  os.makedirs(output, exist_ok=True)
  builder = indexed_dataset.IndexedDatasetBuilder(
    f'{output}/made.bin',
    dtype=indexed_dataset.DType.optimal_dtype(processor.get_piece_size()),
  )
  with open(text) as file:
    for line in file:
      ids = [*processor.encode(json.loads(line)['text']), processor.eos_id()]
      builder.add_document(ids, [len(ids)])
  builder.finalize(f'{output}/made.idx')


if __name__ == '__main__':
  peer, *rest = sys.argv[1:]
  peers = (sentencepiece, datasets, datatrove, megatron)
  {f.__name__: f for f in peers}[peer](*rest)
