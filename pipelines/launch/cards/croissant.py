"""Croissant 1.1 metadata, which other programs find and read data by.

https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html

Shards are FileSets, one for each split. Those of Parquet have RecordSets too:
programs that read Croissant read no TFRecords, and no lists of messages.
"""

from collections.abc import Iterator
from typing import Any

from ul2_flan.pipelines.launch.cards import hub
from ul2_flan.pipelines.launch.cards.configs import Config, Configs
from ul2_flan.pipelines.launch.cards.origin import Origin
from ul2_flan.pipelines.run import Plan
from ul2_flan.tasks.manifest import JSON_LINES, TFRECORD
from ul2_flan.tasks.version import VERSION

_ENCODINGS = {
  TFRECORD: 'application/x-tfrecord',
  'parquet': 'application/x-parquet',
  'array_record': 'application/x-array-record',
  'chat': 'application/jsonlines',
  JSON_LINES: 'application/jsonlines',
}

# The context of Croissant 1.1, as its specification has it.
_OWN_TERMS = (
  'arrayShape', 'citeAs', 'column', 'containedIn', 'equivalentProperty',
  'extract', 'field', 'fileObject', 'fileProperty', 'fileSet', 'format',
  'includes', 'isArray', 'isLiveDataset', 'jsonPath', 'key', 'md5',
  'parentField', 'path', 'recordSet', 'references', 'regex', 'repeated',
  'replace', 'samplingRate', 'separator', 'source', 'subField', 'transform',
)  # fmt: skip
CONTEXT: dict[str, Any] = {
  '@language': 'en',
  '@vocab': 'https://schema.org/',
  'cr': 'http://mlcommons.org/croissant/',
  'dct': 'http://purl.org/dc/terms/',
  'rai': 'http://mlcommons.org/croissant/RAI/',
  'sc': 'https://schema.org/',
  'conformsTo': 'dct:conformsTo',
  'data': {'@id': 'cr:data', '@type': '@json'},
  'dataType': {'@id': 'cr:dataType', '@type': '@vocab'},
  'description': {'@container': '@language'},
  'examples': {'@id': 'cr:examples', '@type': '@json'},
  'name': {'@container': '@language'},
  **{term: f'cr:{term}' for term in _OWN_TERMS},
}


def metadata(plan: Plan, configs: Configs, origin: Origin) -> dict[str, Any]:
  """Describes a run."""
  all_of_them = list(configs)
  made: dict[str, Any] = {
    '@context': CONTEXT,
    '@type': 'sc:Dataset',
    'conformsTo': 'http://mlcommons.org/croissant/1.1',
    'name': plan.manifest['name'],
    'description': hub.about(plan),
    'version': VERSION,
    'license': origin.hub_licences,
    'distribution': [
      file_set for c in all_of_them for file_set in _file_sets(c, plan)
    ],
  }
  if origin.languages:
    made['inLanguage'] = list(origin.languages)
  if plan.file_format == 'parquet':
    made['recordSet'] = [
      record_set for c in all_of_them for record_set in _record_sets(c, plan)
    ]
  return made


def _file_sets(config: Config, plan: Plan) -> Iterator[dict[str, Any]]:
  for split, path in config.paths.items():
    name = f'{config.name}-{split}-files'
    yield {
      '@type': 'cr:FileSet',
      '@id': name,
      'name': name,
      'encodingFormat': _ENCODINGS[plan.file_format],
      'includes': path,
    }


def _record_sets(config: Config, plan: Plan) -> Iterator[dict[str, Any]]:
  for split in config.paths:
    name = f'{config.name}-{split}'
    yield {
      '@type': 'cr:RecordSet',
      '@id': name,
      'name': name,
      'field': [
        _field(name, column, feature['dtype'])
        for column, feature in plan.manifest['features'].items()
      ],
    }


def _field(record_set: str, column: str, dtype: str) -> dict[str, Any]:
  name = f'{record_set}/{column}'
  field: dict[str, Any] = {
    '@type': 'cr:Field',
    '@id': name,
    'name': name,
    'dataType': 'sc:Text' if dtype == 'string' else 'sc:Integer',
    'source': {
      'fileSet': {'@id': f'{record_set}-files'},
      'extract': {'column': column},
    },
  }
  # A sequence of tokens, of any length.
  return field | (
    {'isArray': True, 'arrayShape': '-1'} if dtype == 'int32' else {}
  )
