// Runs before npm run start:bun and start:deno: says in a line what is missing.
import { expectPackages, fail, isOnPath } from './installation.mjs'

const [, , program = ''] = process.argv
expectPackages()
if (!isOnPath(program))
  fail(
    `${program} is not installed: run npm ci --include=dev, which brings it, or install your own`,
  )
