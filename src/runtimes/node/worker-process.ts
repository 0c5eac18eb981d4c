// A worker of a service on several processes: cluster/pool.ts starts it.

// The service is ended by the first process; a signal that reaches all processes of a terminal is
// not said twice.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => {})
// If the first process is killed, its workers end.
process.on('disconnect', () => process.exit(1))
if (!process.connected) process.exit(1)

const [{ work }, server] = await Promise.all([import('./serve.ts'), import('./server.ts')])
work(server)
