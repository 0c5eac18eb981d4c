// Makes the next migration of each dialect from src/db/schema.ts, and the lists of migrations that
// are built into a Worker, which has no files: npm run db:generate -- task_estimate
import { spawnSync } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../src/runtimes/node/command-line.ts'
import { Refusal } from '../src/runtimes/node/refusal.ts'
import { isProgram, runProgram } from './support/program.ts'

const ROOT = join(import.meta.dirname, '..')
const dialects = ['sqlite', 'postgres', 'mysql'] as const
/** MySQL's driver is too large for a Worker. */
const listed = ['sqlite', 'postgres'] as const

const program = {
  name: 'npm run db:generate',
  forms: ['NAME'],
  about:
    'Makes the next migration of each dialect from src/db/schema.ts, and the lists of migrations that are built into a Worker. NAME has lower-case letters, digits and underscores.',
  options: {},
  operands: [1, 1],
  examples: [['task_estimate', 'makes drizzle/*/000N_task_estimate.sql']],
} as const

/** `0003_label_names.sql` → `labelNames`. */
const identifierOf = (file: string): string =>
  file.slice(5, -'.sql'.length).replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())

/** The source of the list of a dialect's migrations. */
export const listOf = (dialect: (typeof listed)[number]): string => {
  const files = readdirSync(join(ROOT, 'drizzle', dialect))
    .filter((name) => name.endsWith('.sql'))
    .sort()
  return [
    `// Every migration of drizzle/${dialect}, in order: a Worker has no files. Written by`,
    '// scripts/generate-migrations.ts.',
    '',
    ...files.map(
      (file) => `import ${identifierOf(file)} from '../../../../drizzle/${dialect}/${file}'`,
    ),
    "import { parseMigration } from '../../../db/migrate.ts'",
    '',
    'export const migrations = [',
    ...files.map((file) => `  parseMigration('${file}', ${identifierOf(file)}),`),
    ']',
    '',
  ].join('\n')
}

export const listPathOf = (dialect: (typeof listed)[number]): string =>
  join(ROOT, `src/runtimes/cloudflare/migrations/${dialect}.ts`)

const generate = (name: string): void => {
  for (const dialect of dialects) {
    const { status } = spawnSync('drizzle-kit', ['generate', '--name', name], {
      cwd: ROOT,
      env: { ...process.env, DIALECT: dialect },
      stdio: 'inherit',
    })
    if (status !== 0) throw new Refusal(`drizzle-kit failed for ${dialect}`)
  }
  for (const dialect of listed) writeFileSync(listPathOf(dialect), listOf(dialect))
}

if (isProgram(import.meta.filename))
  await runProgram(program, ({ operands: [name = ''] }) => {
    if (!/^[a-z][a-z0-9_]*$/.test(name)) throw new UsageError('NAME is not in lower case')
    generate(name)
  })
