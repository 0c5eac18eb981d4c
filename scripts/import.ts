// Brings a file to a user, for the operator: npm run import (docs/export-import.md).
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Ctx } from '../src/core/context.ts'
import type { Upload } from '../src/core/operation.ts'
import {
  beginImport,
  formats,
  getImport,
  getReport,
  runImport,
} from '../src/features/imports/index.ts'
import { UsageError } from '../src/runtimes/node/command-line.ts'
import { Refusal, wordOf } from '../src/runtimes/node/refusal.ts'
import { number as n } from './support/number.ts'
import { D1, forUser, USER } from './support/on-behalf.ts'
import { printable } from './support/printable.ts'
import { runProgram } from './support/program.ts'
import { createProgressBar } from './support/progress-bar.ts'
import { AS_CONFIGURED, DRY_RUN } from './support/service.ts'

const program = {
  name: 'npm run import',
  forms: ['--user EMAIL [--format FORMAT] [--project NAME] [--dry-run] FILE'],
  about: `Brings the tasks of FILE to a user, and says line by line what could not be kept. The same command again changes nothing. Of a file of any size. ${AS_CONFIGURED}`,
  options: {
    user: USER,
    format: { value: formats.join('|'), doc: 'the kind of file; without it, how it begins tells' },
    project: { value: 'NAME', doc: 'the project of tasks that name none; without it the inbox' },
    'dry-run': DRY_RUN,
    d1: D1,
  },
  operands: [1, 1],
  examples: [
    ['--user ada@example.org ada.json', 'brings back what an export wrote'],
    ['--user ada@example.org --dry-run todo.txt', 'says what would be made'],
  ],
  exits: { 1: 'it failed, or was refused' },
} as const

const uploadOf = (file: string): Upload => ({
  name: basename(file),
  receive: async (sink) => {
    for await (const chunk of createReadStream(file)) await sink(chunk as Uint8Array)
  },
})

const report = async (ctx: Ctx, id: string): Promise<void> => {
  for (let cursor: string | undefined; ; ) {
    const page = await getReport(ctx, id, { limit: 200, cursor })
    for (const { row, title, field, code, detail } of page.items)
      console.log(
        printable(
          `row ${row}${title && ` (${title})`}: ${[field, code].filter(Boolean).join(' ')}: ${detail}`,
        ),
      )
    if (page.next_cursor === null) return
    cursor = page.next_cursor
  }
}

const of = (count: number, what: string): string => `${n(count)} ${what}${count === 1 ? '' : 's'}`

/** How often it is looked how far it is, in milliseconds. */
const LOOK_MS = 200

await runProgram(program, async ({ options, operands: [file = ''] }) => {
  const { user: who, format, project, d1, 'dry-run': dryRun } = options
  const known = formats.find((one) => one === format)
  if (format !== undefined && !known)
    throw new UsageError(`--format takes one of ${formats.join(', ')}`)
  await stat(file).catch((error: unknown) => {
    throw new Refusal(`${file} cannot be read (${wordOf(error)})`)
  })
  await forUser({ user: who, d1 }, { changes: true }, async ({ ctx }) => {
    const bar = createProgressBar()
    const later = { ...ctx, background: () => {} }
    const begun = await beginImport(later, {
      upload: uploadOf(file),
      format: known,
      dryRun,
      project,
    })
    const look = async () => {
      const { status, progress } = await getImport(ctx, begun.id)
      bar.show(status === 'reading' ? 'reading, pieces' : 'rows', progress.done, progress.total)
    }
    const timer = setInterval(() => void look().catch(() => {}), LOOK_MS)
    await runImport(ctx, begun.id).finally(() => clearInterval(timer))
    bar.clear()
    await report(ctx, begun.id)
    const { status, counts, error } = await getImport(ctx, begun.id)
    const { created, unchanged, refused, projects, labels, notes_left_off } = counts
    if (notes_left_off > 0) console.log(`${n(notes_left_off)} more lines are left out`)
    const dry = dryRun ? 'a dry run, nothing was changed: ' : ''
    console.log(
      `${dry}${of(created, 'task')} made, ${n(unchanged)} here already, ${n(refused)} refused; ${of(projects, 'project')} and ${of(labels, 'label')} made`,
    )
    if (status !== 'done') throw new Refusal(error ?? `the import is ${status}`)
  })
})
