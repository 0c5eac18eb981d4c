// A worker of a service on several processes, which cluster/pool.ts starts.

// The first process ends its workers. A terminal sends its signals to all processes, so workers
// ignore them.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => {})
// If the first process is killed, its workers end.
process.on('disconnect', () => process.exit(1))
if (!process.connected) process.exit(1)

const [{ work }, server] = await Promise.all([import('./serve.ts'), import('./server.ts')])
work(server)
