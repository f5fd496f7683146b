r"""Raw text to UL2 and UL2R examples, as one call or as a step of a pipeline.

    read → accept → tokenise → cut → denoise → encode

>>> import pathlib, tempfile
>>> import apache_beam as beam, sentencepiece
>>> from ul2_flan.pipelines import ul2
>>> folder = tempfile.TemporaryDirectory()
>>> text = pathlib.Path(folder.name, 'a.txt')
>>> _ = text.write_text('the cat sat on the mat and then it sat again\n' * 40)
>>> _ = sentencepiece.SentencePieceTrainer.train(
...   input=str(text), model_prefix=f'{folder.name}/small', vocab_size=22,
...   pad_id=0, eos_id=1, unk_id=2, bos_id=-1, minloglevel=2)
>>> config = Config(
...   inputs=[str(text)], vocabulary=f'{folder.name}/small.model',
...   preset='ul2r', inputs_length=64, targets_length=64, min_shards=1,
...   validation_fraction=0)
>>> manifest = run(config, output=f'{folder.name}/a', engine=Engine(
...   local_workers=1))
>>> manifest.data_sets['ul2r']['train'].examples > 0
True

The same in a Beam pipeline of your own, on any runner; the transform emits the
path of the manifest:

>>> planned = plan(config, output=f'{folder.name}/b')
>>> with beam.Pipeline(runner='FnApiRunner') as p:
...   paths = p | ul2.Materialise(planned)
>>> pathlib.Path(f'{folder.name}/b/manifest.json').exists()
True
>>> folder.cleanup()
"""

from typing import TYPE_CHECKING

from ul2_flan.pipelines.engines import Engine
from ul2_flan.pipelines.launch.api import Api, late
from ul2_flan.pipelines.ul2.config import Config
from ul2_flan.pipelines.ul2.kind import KIND

if TYPE_CHECKING:
  from ul2_flan.pipelines.launch.materialise import Materialise

_API = Api(KIND)
plan = _API.plan
run = _API.run
main = _API.main
__getattr__ = late
