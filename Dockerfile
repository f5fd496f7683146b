# The image of Dataflow's workers, and one that also launches Flex Templates:
#
#     docker build --target worker -t IMAGE .
#     docker build --build-arg LAUNCHER=... -t IMAGE .
#
# docs/engines.md says how they are used. Python's and Beam's versions are those
# of the launcher and of requirements.lock; tests/image_test.py compares.

# Google's image of its launcher of templates in Python 3.11.
ARG LAUNCHER=scratch

# It has what starts a worker's Python process and brings its work.
FROM apache/beam_python3.11_sdk:2.77.0 AS beam

# It has what starts a template's launcher.
FROM ${LAUNCHER} AS launcher

# pip fetches all of the lock and compares hashes. Of these it installs only what
# the package asks for: the versions of the tests, and no TensorFlow.
FROM python:3.11-slim AS packages
WORKDIR /build
COPY requirements.lock .
RUN grep -oE '^(setuptools|wheel)==[^ ]+' requirements.lock > build.txt && \
    PIP_CONSTRAINT=build.txt PIP_BUILD_CONSTRAINT=build.txt \
    pip download --no-cache-dir --no-deps --require-hashes \
    -r requirements.lock --dest wheels
COPY setup.py .
COPY tasks tasks
COPY mixtures mixtures
COPY pipelines pipelines
RUN pip install --no-cache-dir --no-index --find-links wheels \
    --prefix /packages '.[gcp,tokenizers]'

FROM python:3.11-slim AS worker
COPY --from=packages /packages /usr/local
COPY --from=beam /opt/apache/beam /opt/apache/beam
RUN pip check
ENTRYPOINT ["/opt/apache/beam/boot"]

FROM worker
COPY --from=launcher /opt/google/dataflow/python_template_launcher \
    /opt/google/dataflow/python_template_launcher
COPY pipelines/flex_launch.py /template/flex_launch.py
ENV FLEX_TEMPLATE_PYTHON_PY_FILE=/template/flex_launch.py
