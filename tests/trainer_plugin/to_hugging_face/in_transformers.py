"""Runs models in Transformers: what they compute, and what they answer.

    python in_transformers.py FOLDER

Reads `FOLDER/<name>`, each a model with the arrays of `asked.npz`, and prints
JSON. A program of its own, since PyTorch and JAX in one process are two copies
of LLVM.
"""

import json
from pathlib import Path
import sys

import numpy as np
import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer


def look(folder: Path) -> dict:
  model, info = AutoModelForSeq2SeqLM.from_pretrained(
    folder, output_loading_info=True
  )
  asked = np.load(folder / 'asked.npz')
  names = ('inputs', 'decoder', 'targets', 'logits')
  inputs, decoder, targets, logits = (torch.tensor(asked[n]) for n in names)
  with torch.no_grad():
    got = model(
      input_ids=inputs.long(),
      attention_mask=(inputs > 0).long(),
      decoder_input_ids=decoder.long(),
    ).logits
  found = {
    'class': type(model).__name__,
    # What a model says behind the end counts nowhere.
    'difference': float((got - logits)[targets > 0].abs().max()),
    'unmatched': [str(found) for found in info.values() if found],
  }
  if (folder / 'prompts.json').exists():
    tokenizer = AutoTokenizer.from_pretrained(folder)
    prompts = json.loads((folder / 'prompts.json').read_text())
    batch = tokenizer(prompts, padding=True, return_tensors='pt')
    said = model.generate(**batch, max_new_tokens=8)
    found['answers'] = [
      tokenizer.decode([i for i in ids if i > 1]) for ids in said.tolist()
    ]
  return found


def main() -> None:
  folders = sorted(Path(sys.argv[1]).iterdir())
  print(json.dumps({folder.name: look(folder) for folder in folders}))


if __name__ == '__main__':
  main()
