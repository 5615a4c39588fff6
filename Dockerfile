# One container that is the whole appliance: the gateway, clamd and freshclam, the latter two as children of the first.
#
#   docker build -t secuedge .
#   compose/compose.yaml shows how it is meant to run: read-only root, no capabilities, one volume.

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY . .
# Not trimmed and not AOT: LiteDB's typed mapper and Blazor need reflection. ReadyToRun halves the start.
RUN dotnet publish src/SecuEdge.Appliance --configuration Release --use-current-runtime --self-contained \
      -p:PublishReadyToRun=true -p:DebugType=none --disable-build-servers --output /app

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends \
      ca-certificates clamav-daemon clamav-freshclam libarchive13 libicu72 libmspack0 libssl3 libyara9 tini tzdata \
 && apt-get clean \
 && rm -rf /var/cache/apt/* /var/lib/apt/lists/* /var/lib/clamav/* /var/log/* \
 # An account of our own; clamd runs as this one too and never changes its user.
 && groupadd --gid 10001 secuedge \
 && useradd --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin secuedge \
 && install --directory --owner 10001 --group 10001 --mode 0700 /data /config \
 # A tmpfs over /run takes the mode from here (podman): the gateway makes its private folder below it.
 && chmod 1777 /run

COPY --from=build /app /app
COPY LICENSE /usr/share/doc/secuedge/
# Not used unless SECUEDGE__ClamAv__TestSignatures names it: without real signatures mail is answered 451, not passed unscanned.
COPY appliance/clamav/test-signatures /usr/share/secuedge/test-signatures

ENV SECUEDGE__Data=/data \
    SECUEDGE__Listeners__Inbound=0.0.0.0:2525 \
    SECUEDGE__Listeners__Outbound=0.0.0.0:2526 \
    SECUEDGE__Listeners__Submission=0.0.0.0:2587 \
    SECUEDGE__Listeners__Api=0.0.0.0:8443 \
    SECUEDGE__Listeners__Management=0.0.0.0:8081 \
    SECUEDGE__ClamAv__Supervise=true \
    SECUEDGE__ClamAv__Endpoint=unix:/run/secuedge/clamd.sock \
    DOTNET_EnableDiagnostics=0

LABEL org.opencontainers.image.title="SecuEdge" \
      org.opencontainers.image.description="Mail security gateway with ClamAV" \
      org.opencontainers.image.licenses="Apache-2.0"

USER 10001:10001
WORKDIR /data
VOLUME /data
# 2525 mail from outside (publish as 25), 2526 from the customer's servers (26), 2587 submission (587), 8443 API and console (443),
# 8081 health and metrics: not for the outside.
EXPOSE 2525 2526 2587 8443 8081

# Healthy = ready: clamd may take minutes to load a full database, during which mail is answered 451 and the container is "starting".
HEALTHCHECK --interval=15s --timeout=5s --start-period=10m --retries=3 CMD ["/app/secuedge", "health"]
ENTRYPOINT ["/usr/bin/tini", "-g", "--", "/app/secuedge"]
CMD ["run"]
