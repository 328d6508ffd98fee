# The chat backend on Alpine: one stage to build wheels, one to run.

ARG PYTHON=3.12
ARG ALPINE=3.20


# --- wheels ------------------------------------------------------------------

FROM python:${PYTHON}-alpine${ALPINE} AS wheels

RUN apk add --no-cache \
        build-base \
        libffi-dev \
        cargo

WORKDIR /wheels

COPY pyproject.toml ./

RUN python -c "import tomllib; \
project = tomllib.load(open('pyproject.toml', 'rb'))['project']; \
print('\n'.join(project['dependencies']))" > requirements.txt

RUN pip wheel \
        --no-cache-dir \
        --wheel-dir /wheels \
        --requirement requirements.txt


# --- the service -------------------------------------------------------------

FROM python:${PYTHON}-alpine${ALPINE} AS backend

LABEL org.opencontainers.image.title="chat backend"
LABEL org.opencontainers.image.description="Messages in, events out"

ENV PYTHONUNBUFFERED=1
ENV PYTHONDONTWRITEBYTECODE=1
ENV PIP_NO_CACHE_DIR=1

RUN apk add --no-cache \
        libffi \
        tini

# a user without a shell and without a password
RUN addgroup -S chat \
    && adduser -S -G chat -h /app -s /sbin/nologin chat

WORKDIR /app

COPY --from=wheels /wheels/*.whl /tmp/wheels/

RUN pip install --no-index /tmp/wheels/*.whl \
    && rm -r /tmp/wheels

# the chat keeps uploads and its database here
RUN mkdir -p /app/data \
    && chown chat:chat /app/data

VOLUME /app/data

ENV CHAT_DATA=/app/data

# what changes seldom comes first, so that its layers stay in the cache
COPY --chown=chat:chat pyproject.toml /app/pyproject.toml
COPY --chown=chat:chat auth_service /app/auth_service

# the events' schema, and the code that sends them
COPY --chown=chat:chat shared /app/shared
COPY --chown=chat:chat chat_backend /app/chat_backend

USER chat

EXPOSE 8000

HEALTHCHECK --interval=5s --timeout=2s --retries=10 \
    CMD ["python", "-c", "import socket; socket.create_connection(('127.0.0.1', 8000), 1)"]

ENTRYPOINT ["tini", "--"]
CMD ["python", "-m", "chat_backend"]
