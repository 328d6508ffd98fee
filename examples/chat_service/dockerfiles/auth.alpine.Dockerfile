FROM python:3.12-alpine3.20

RUN addgroup -S chat && adduser -S -G chat -h /app chat
WORKDIR /app
COPY --chown=chat:chat auth_service /app/auth_service
USER chat

EXPOSE 8081
CMD ["python", "-m", "auth_service"]
