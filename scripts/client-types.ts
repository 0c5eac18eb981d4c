// Writes the types of the client in clients/typescript from the OpenAPI document.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { documentOfService } from './support/document.ts'
import { isProgram, runProgram } from './support/program.ts'

export const TYPES_FILE = join(import.meta.dirname, '../clients/typescript/src/schema.ts')

/** The module with the types of everything in a document. */
export const clientTypesOf = async (document: object): Promise<string> => {
  // It loads a TypeScript of its own, which the help of this program does not need.
  const { typesOf } = await import('taskport-openapi-typescript')
  return `// Made of the OpenAPI document by npm run client:types.\n${await typesOf(document)}`
}

const program = {
  name: 'npm run client:types',
  forms: ['[--dry-run]'],
  about: 'Writes the types of the client in clients/typescript from the OpenAPI document.',
  options: { 'dry-run': { doc: 'prints them, and writes no file' } },
  examples: [['', 'writes them']],
} as const

if (isProgram(import.meta.filename))
  await runProgram(program, async ({ options }) => {
    const types = await clientTypesOf((await documentOfService()) as object)
    if (options['dry-run']) console.log(types)
    else writeFileSync(TYPES_FILE, types)
  })
