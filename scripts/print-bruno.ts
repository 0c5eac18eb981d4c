// Writes the collection for Bruno in examples/bruno from the OpenAPI document.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { collectionOf, type Document } from './bruno/collection.ts'
import { documentOfService } from './support/document.ts'
import { isProgram, runProgram } from './support/program.ts'

export const BRUNO_FOLDER = join(import.meta.dirname, '../examples/bruno')

const program = {
  name: 'npm run docs:bruno',
  forms: ['[--dry-run]'],
  about: 'Writes the collection for Bruno in examples/bruno from the OpenAPI document.',
  options: { 'dry-run': { doc: 'prints the names of the files, and writes none' } },
  examples: [['', 'writes it']],
} as const

if (isProgram(import.meta.filename))
  await runProgram(program, async ({ options }) => {
    const files = collectionOf((await documentOfService()) as Document)
    if (options['dry-run']) return console.log([...files.keys()].join('\n'))
    rmSync(BRUNO_FOLDER, { recursive: true, force: true })
    for (const [path, content] of files) {
      mkdirSync(dirname(join(BRUNO_FOLDER, path)), { recursive: true })
      writeFileSync(join(BRUNO_FOLDER, path), content)
    }
  })
