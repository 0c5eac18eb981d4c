// Writes the collection for Bruno in examples/bruno from the OpenAPI document.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createService } from '../src/runtimes/node/embedded.ts'
import { collectionOf, type Document } from './bruno/collection.ts'
import { isProgram, runProgram } from './support/program.ts'

export const BRUNO_FOLDER = join(import.meta.dirname, '../examples/bruno')

/** As a service without any configuration serves it. */
const documentOfService = async (): Promise<Document> => {
  const folder = mkdtempSync(join(tmpdir(), 'taskport-bruno-'))
  const service = await createService({ env: { DATA_DIR: folder } })
  try {
    const answer = await service.fetch(new Request('http://localhost/openapi.json'))
    return (await answer.json()) as Document
  } finally {
    await service.close()
    rmSync(folder, { recursive: true })
  }
}

const program = {
  name: 'npm run docs:bruno',
  forms: ['[--dry-run]'],
  about: 'Writes the collection for Bruno in examples/bruno from the OpenAPI document.',
  options: { 'dry-run': { doc: 'prints the names of the files, and writes none' } },
  examples: [['', 'writes it']],
} as const

if (isProgram(import.meta.filename))
  await runProgram(program, async ({ options }) => {
    const files = collectionOf(await documentOfService())
    if (options['dry-run']) return console.log([...files.keys()].join('\n'))
    rmSync(BRUNO_FOLDER, { recursive: true, force: true })
    for (const [path, content] of files) {
      mkdirSync(dirname(join(BRUNO_FOLDER, path)), { recursive: true })
      writeFileSync(join(BRUNO_FOLDER, path), content)
    }
  })
