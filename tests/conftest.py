"""What all tests share: an installed package, data, and two vocabularies."""

from collections.abc import Iterator
import contextlib
import gc
import getpass
import importlib.util
import io
import multiprocessing.util
from pathlib import Path
from pydoc_data import topics
import shutil
import tempfile

import hypothesis
import pytest
import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from support.house.modules import PACKAGES, ROOT
from support.house.temporary_files import left_behind


def _installed() -> bool:
  try:
    return importlib.util.find_spec('ul2_flan.tasks') is not None
  except ModuleNotFoundError:
    return False


if not _installed():
  pytest.exit('ul2_flan is not installed: run `make .venv`', returncode=4)

# Hypothesis finds the same examples in every run.
hypothesis.settings.register_profile(
  'same_every_run', derandomize=True, deadline=None, max_examples=100
)
hypothesis.settings.load_profile('same_every_run')


@pytest.fixture(scope='session', autouse=True)
def _temporary_files(
  tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[None]:
  """Gives tests and their child processes one folder for temporary files.

  It lies below pytest's own, so nothing of a run that passes stays in the
  system's. A run fails whose temporary files are not removed by whoever made
  them, but for those in `MAY_STAY`.
  """
  # Python removes this one when the process exits, later than pytest.
  multiprocessing.util.get_temp_dir()
  # A short name, since the paths of sockets may have 107 bytes.
  folder = tmp_path_factory.mktemp('t', numbered=False)
  with pytest.MonkeyPatch.context() as patch:
    patch.setenv('TMPDIR', str(folder))
    patch.setattr(tempfile, 'tempdir', str(folder))
    yield
  if left := left_behind(folder):
    names = ', '.join(left)
    pytest.fail(f'left in {folder}, where nobody removes it: {names}', False)


def pytest_unconfigure() -> None:
  """Removes what pytest leaves, `pytest-of-NAME`, where no run needs it.

  With xdist, the process that has no tests comes last, and no fixture is in it.
  """
  with contextlib.suppress(OSError):
    Path(tempfile.gettempdir(), f'pytest-of-{getpass.getuser()}').rmdir()


@pytest.fixture(scope='session')
def shared_data() -> Path:
  path = ROOT.parent / 'shared' / 'data'
  if not path.is_dir():
    pytest.skip('needs real data in ../shared/data, which is not in the clone')
  return path


@pytest.fixture(scope='session')
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
  """The package that Beam stages for --setup_file, made in a copy.

  In a copy, an old build/ of the checkout changes nothing.
  """
  # Here, because they take seconds to import.
  from apache_beam.options.pipeline_options import PipelineOptions
  from apache_beam.runners.portability.stager import Stager

  copy = tmp_path_factory.mktemp('checkout')
  for name in PACKAGES:
    shutil.copytree(ROOT / name, copy / name)
  files = ('setup.py', 'MANIFEST.in', 'LICENSE', 'README.md', 'CHANGELOG.md')
  for name in files:
    shutil.copy(ROOT / name, copy)
  folder = tmp_path_factory.mktemp('staged')
  flags = ['--setup_file', str(copy / 'setup.py'), '--no_save_main_session']
  # As our commands say, or Beam would make this folder and leave it behind.
  flags += ['--requirements_cache=skip']
  staged = Stager.create_job_resources(
    PipelineOptions(flags), str(folder), log_submission_env_dependencies=False
  )
  assert len(staged) == 1  # and no pickled session
  (path,) = folder.glob('*.tar.gz')
  return path


@pytest.fixture(scope='session')
def vocabulary_path(tmp_path_factory: pytest.TempPathFactory) -> str:
  """A SentencePiece model with T5's ids, trained on prose Python ships."""
  lines = [line for t in topics.topics.values() for line in t.splitlines()]
  model = io.BytesIO()
  sentencepiece.SentencePieceTrainer.train(
    sentence_iterator=iter([line for line in lines if line.strip()][:2000]),
    model_writer=model,
    vocab_size=500,
    hard_vocab_limit=False,
    pad_id=0,
    eos_id=1,
    unk_id=2,
    bos_id=-1,
    num_threads=1,
    minloglevel=2,
  )
  path = tmp_path_factory.mktemp('vocabulary') / 'small.model'
  path.write_bytes(model.getvalue())
  return str(path)


@pytest.fixture(scope='session')
def vocabulary_with_sentinels_path(vocabulary_path: str) -> str:
  """The same with `<extra_id_99>` ... `<extra_id_0>` as pieces, as mT5 has."""
  model = sentencepiece_model_pb2.ModelProto()
  model.ParseFromString(Path(vocabulary_path).read_bytes())
  for k in reversed(range(100)):
    model.pieces.add(
      piece=f'<extra_id_{k}>',
      score=0.0,
      type=sentencepiece_model_pb2.ModelProto.SentencePiece.USER_DEFINED,
    )
  path = Path(vocabulary_path).with_name('with_sentinels.model')
  path.write_bytes(model.SerializeToString())
  return str(path)


def pytest_collection_finish() -> None:
  """Spares the collector what is imported: a tenth of the time of a run."""
  gc.collect()
  gc.freeze()
