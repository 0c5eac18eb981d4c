// A worker of a service on several processes: cluster/pool.ts starts it.

// Whoever ends the service tells the first process; what reaches all processes of a terminal is not said twice.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => {})
// Killed, the first process leaves nobody behind.
process.on('disconnect', () => process.exit(1))
if (!process.connected) process.exit(1)

const [{ work }, server] = await Promise.all([import('./serve.ts'), import('./server.ts')])
work(server)
