# The streams and the operator's commands that need no model: provision, feed, tail, dead-letters. No torch.
FROM python:3.11-slim AS packages
COPY requirements/bootstrap.txt requirements/streams.txt /requirements/
RUN python -m venv --without-pip /opt/venv \
 && python -m venv /opt/uv && /opt/uv/bin/pip install --quiet --no-cache-dir --require-hashes -r /requirements/bootstrap.txt \
 && /opt/uv/bin/uv pip sync --quiet --no-cache --python /opt/venv/bin/python --require-hashes --compile-bytecode /requirements/streams.txt

FROM python:3.11-slim
RUN useradd --uid 10001 --home-dir /var/lib/shelftalk --create-home shelftalk
COPY --from=packages /opt/venv /opt/venv
COPY deploy/containers/shelftalk /usr/local/bin/
COPY schemas /opt/shelftalk/schemas
COPY streams /opt/shelftalk/streams
COPY workers /opt/shelftalk/workers
COPY training /opt/shelftalk/training
COPY deploy /opt/shelftalk/deploy
ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin PYTHONPATH=/opt/shelftalk PYTHONUNBUFFERED=1 SHELFTALK_HOME=/var/lib/shelftalk
WORKDIR /var/lib/shelftalk
USER 10001
VOLUME /var/lib/shelftalk
CMD ["python", "-m", "streams"]
