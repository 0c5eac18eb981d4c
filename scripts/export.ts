// Everything of one user as a file, for the operator: npm run export (docs/export-import.md).
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import { exportAll, formats } from '../src/features/exports/index.ts'
import { UsageError } from '../src/runtimes/node/command-line.ts'
import { Refusal, wordOf } from '../src/runtimes/node/refusal.ts'
import { D1, forUser, USER } from './support/on-behalf.ts'
import { runProgram } from './support/program.ts'
import { createProgressBar } from './support/progress-bar.ts'
import { AS_CONFIGURED } from './support/service.ts'

const program = {
  name: 'npm run export',
  forms: ['--user EMAIL [--format json|ics|csv] [FILE]'],
  about: `Writes everything of one user into FILE, or to standard output. An existing FILE is left alone. ${AS_CONFIGURED}`,
  options: {
    user: USER,
    format: { value: formats.join('|'), doc: 'the kind of file; without it json' },
    d1: D1,
  },
  operands: [0, 1],
  examples: [
    ['--user ada@example.org ada.json', 'writes what an import takes back'],
    ['--user ada@example.org --format ics ada.ics', 'writes her tasks as a calendar'],
  ],
} as const

/** The tasks in a piece of the file. */
const tasksIn: Readonly<Record<string, RegExp>> = {
  json: /^\{"id":[^\n]*"due":/gm,
  ics: /^BEGIN:VTODO/gm,
  csv: /^[0-9a-f]{8}-/gm,
}

await runProgram(program, async ({ options: { user: who, format = 'json', d1 }, operands }) => {
  const known = formats.find((one) => one === format)
  if (!known) throw new UsageError(`--format takes one of ${formats.join(', ')}`)
  const [file] = operands
  await forUser({ user: who, d1 }, { changes: false }, async ({ ctx, user }) => {
    const bar = createProgressBar()
    const { chunks } = await exportAll(ctx, known)
    const out =
      file === undefined ? process.stdout : createWriteStream(file, { flags: 'wx', mode: 0o600 })
    if (file !== undefined)
      await once(out, 'open').catch((error: unknown) => {
        throw new Refusal(`${file} cannot be made (${wordOf(error)})`)
      })
    let tasks = 0
    for await (const chunk of chunks) {
      if (!out.write(chunk)) await once(out, 'drain')
      tasks += chunk.match(tasksIn[known] as RegExp)?.length ?? 0
      bar.show('tasks', tasks, Math.max(tasks, user.used.tasks))
    }
    if (file !== undefined) {
      out.end()
      await finished(out)
    }
    bar.clear()
  })
})
