// Builds what npm pack packs: each module as JavaScript, with its types.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const folder = import.meta.dirname
rmSync(join(folder, 'dist'), { recursive: true, force: true })
const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'))
const args = [join(typescript, 'bin/tsc'), '-p', folder]
process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1
