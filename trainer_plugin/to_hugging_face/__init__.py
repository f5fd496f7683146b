"""Writes a checkpoint of T5X as Transformers reads it.

Transformers' own converter was removed before its version 5, and read only
checkpoints in T5X's older format. The mapping here needs no PyTorch. The
modules, in the order in which they work, after `configs/settings.py`:

    checkpoint  the parameters, a group at a time, of either format
    tensors     their names and shapes in Transformers, and its configuration
    tokenizer   the vocabulary with its sentinels, as a `tokenizer.json`
    folder      a folder that appears whole
"""
