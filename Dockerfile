FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund
COPY drizzle drizzle
COPY scripts scripts
COPY src src
RUN npm run build && node scripts/image.ts image

# Nothing runs in this stage: all that it adds to the base are files of root's, and /data.
FROM node:24-slim
LABEL org.opencontainers.image.title="Taskport" \
      org.opencontainers.image.description="A multi-user task backend with a REST API" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production \
    NPM_CONFIG_UPDATE_NOTIFIER=false \
    NPM_CONFIG_LOGS_MAX=0 \
    NODE_COMPILE_CACHE=/app/compiled \
    NODE_COMPILE_CACHE_PORTABLE=1
COPY --from=build /app/image /
WORKDIR /app
# The user node of the base image, by the number that a Space demands.
USER 1000
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=3s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${Number(process.env.PORT) || 7860}/health`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=8", "--no-parallel-scavenge", "dist/server.js"]
