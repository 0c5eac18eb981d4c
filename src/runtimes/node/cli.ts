#!/usr/bin/env node
// The command of the package.
import { runPackageCommand } from './package-command.ts'

await runPackageCommand(async () => (await import('./server.ts')).node, {
  bundles: import.meta.url,
  workers: true,
})
