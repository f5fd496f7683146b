"""Starts a Beam worker, as the boot program of Beam's containers does.

Task managers start it with `--environment_type PROCESS`. They pass the worker's
name and the address of a service that knows the rest. The worker ends with the
engine, because that closes the stream of its instructions.
"""

import argparse
import os
import runpy

from apache_beam.portability.api import (
  beam_provision_api_pb2,
  beam_provision_api_pb2_grpc,
)
from google.protobuf import json_format
import grpc


def main() -> None:
  parser = argparse.ArgumentParser()
  parser.add_argument('--id', required=True)
  parser.add_argument('--provision_endpoint', required=True)
  args, _ = parser.parse_known_args()
  with grpc.insecure_channel(args.provision_endpoint) as channel:
    info = (
      beam_provision_api_pb2_grpc.ProvisionServiceStub(channel)
      .GetProvisionInfo(
        beam_provision_api_pb2.GetProvisionInfoRequest(),
        metadata=[('worker_id', args.id)],
        timeout=60,
      )
      .info
    )
  os.environ |= {
    'WORKER_ID': args.id,
    'PIPELINE_OPTIONS': json_format.MessageToJson(info.pipeline_options),
    'CONTROL_API_SERVICE_DESCRIPTOR': str(info.control_endpoint),
    'LOGGING_API_SERVICE_DESCRIPTOR': str(info.logging_endpoint),
  }
  runpy.run_module(
    'apache_beam.runners.worker.sdk_worker_main', run_name='__main__'
  )


if __name__ == '__main__':
  main()
