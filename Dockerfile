# Frontdesk as one image: the wheel, built here and installed for a user without rights.
#   docker build -t frontdesk .
#   docker run -p 8080:8080 -v frontdesk:/data frontdesk          (embedded servers; compose.yaml has those of their own)
FROM python:3.12-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE THIRD_PARTY.md ./
COPY runtime runtime
COPY channels channels
COPY skills skills
COPY knowledge knowledge
COPY configs configs
RUN python -m venv /opt/frontdesk && /opt/frontdesk/bin/pip install --no-cache-dir .

FROM python:3.12-slim
RUN useradd --uid 10001 --create-home frontdesk && install -d -o frontdesk -g frontdesk -m 700 /data
COPY --from=build /opt/frontdesk /opt/frontdesk
ENV PATH=/opt/frontdesk/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    FRONTDESK_DATA=/data \
    FRONTDESK_HOST=0.0.0.0 \
    FRONTDESK_PORT=8080 \
    FRONTDESK_LOG=json
USER frontdesk
WORKDIR /data
VOLUME /data
EXPOSE 8080
# Alive, not ready: a worker that waits for Redis must not be killed for it.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD ["python", "-c", \
    "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/healthz', timeout=2)"]
STOPSIGNAL SIGTERM
CMD ["frontdesk", "serve"]
