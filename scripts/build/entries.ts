/** The sources of the server for Node, with its processes and threads, by the names of their bundles. */
export const entries = {
  server: 'src/runtimes/node.ts',
  'worker-process': 'src/runtimes/node/worker-process.ts',
  'backup-worker': 'src/runtimes/node/backup/worker.ts',
  'checkpoints-worker': 'src/runtimes/node/checkpoints/worker.ts',
  'long-reads-worker': 'src/runtimes/node/long-reads/worker.ts',
} as const
