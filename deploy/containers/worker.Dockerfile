# A worker with its engine. REQUIREMENTS is worker-cpu or worker-gpu: the same code, another build of vLLM.
FROM python:3.11-slim AS packages
ARG REQUIREMENTS=worker-cpu
COPY requirements/bootstrap.txt requirements/${REQUIREMENTS}.txt /requirements/
RUN python -m venv --without-pip /opt/venv \
 && python -m venv /opt/uv && /opt/uv/bin/pip install --quiet --no-cache-dir --require-hashes -r /requirements/bootstrap.txt \
 && /opt/uv/bin/uv pip sync --quiet --no-cache --python /opt/venv/bin/python --require-hashes --compile-bytecode /requirements/${REQUIREMENTS}.txt

FROM python:3.11-slim
RUN useradd --uid 10001 --home-dir /var/lib/shelftalk --create-home shelftalk
COPY --from=packages /opt/venv /opt/venv
COPY schemas /opt/shelftalk/schemas
COPY workers /opt/shelftalk/workers
ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin PYTHONPATH=/opt/shelftalk PYTHONUNBUFFERED=1 \
    SHELFTALK_HOME=/var/lib/shelftalk XDG_CACHE_HOME=/var/lib/shelftalk/cache HF_HUB_OFFLINE=1
WORKDIR /var/lib/shelftalk
USER 10001
VOLUME /var/lib/shelftalk
CMD ["python", "-m", "workers"]
