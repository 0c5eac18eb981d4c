// Actor, owner and reader are three users. No code equates them: what would do so does not compile,
// or is found here in the source.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { actorIdOf, type OwnerId, ownAccount, type ReaderId } from '../../src/core/parties.ts'

const ROOT = join(import.meta.dirname, '../..')

type Rule = {
  readonly what: string
  readonly pattern: RegExp
  /** Files and folders in which it may be. */
  readonly places: readonly string[]
}

/** A column of owners that stands where no predicate of the visibility file has it. */
const COLUMN = String.raw`\b(?:tasks|projects|labels|child|parent)\.ownerId\b`
const GIVEN = String.raw`(?:\b(?:ownedBy|ownedAmong|ownedByUser|ownerColumn)\(\s*|\b(?:ownerId|userId): )`

const rules: readonly Rule[] = [
  {
    what: 'takes the id of the actor without saying as which part',
    pattern: /\bactor\??\.userId\b|\buserId\b[^=\n]*\}\s*=\s*[\w.]*\bactor\b/,
    // An account's own verbs are about the actor alone.
    places: ['src/core/parties.ts', 'src/features/account/'],
  },
  {
    what: 'makes an id of another type of it',
    pattern: /\bas (?:\w+ as )?(?:ActorId|OwnerId|ReaderId)\b/,
    places: ['src/core/parties.ts'],
  },
  {
    what: 'takes the account of the actor for the owner',
    pattern: /\b(?:accountIdOf|ownAccount)\(/,
    places: [
      'src/core/idempotency-records.ts',
      'src/core/parties.ts',
      // The receipt of a request that changes nothing.
      'src/core/unit-of-work.ts',
      'src/features/account/',
      // Labels by themselves, in an export.
      'src/features/exports/everything.ts',
      // Labels by themselves. On tasks they are those of the task's owner.
      'src/features/labels/compose.ts',
      'src/features/labels/create.ts',
      'src/features/labels/delete.ts',
      'src/features/labels/get.ts',
      'src/features/labels/list.ts',
      'src/features/labels/repair.ts',
      'src/features/labels/update.ts',
      // The service, which acts for one owner after the other.
      'src/features/maintenance/',
      // A new project, and the inbox.
      'src/features/projects/create.ts',
      'src/features/projects/tree.ts',
      'src/features/tasks/placement.ts',
      // Its own tasks by a filter, and its own trash: owners of others have theirs.
      'src/features/tasks/bulk-change.ts',
      'src/features/tasks/purge.ts',
      // Endpoints belong to an account, which no other sees.
      'src/features/webhooks/',
    ],
  },
  {
    what: 'compares an owner by itself and not by a predicate',
    pattern: new RegExp(`(?<!${GIVEN})${COLUMN}|\\bowner_id\\b`),
    // What an account is deleted with.
    places: ['src/features/account/removal.ts'],
  },
]

const isAt = (file: string, places: readonly string[]): boolean =>
  places.some((place) => (place.endsWith('/') ? file.startsWith(place) : file === place))

/** What a file's code does that only other places may do. Comments may speak of it. */
const faultsOf = (file: string, text: string): string[] => {
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
  return rules
    .filter(({ pattern, places }) => !isAt(file, places) && pattern.test(code))
    .map(({ what }) => `${file} ${what}`)
}

const filesBelow = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))

const files = [...filesBelow('src/core'), ...filesBelow('src/features')]

test('no code equates actor, owner and reader', () => {
  expect(files.length).toBeGreaterThan(100)
  const faults = files.flatMap((file) => faultsOf(file, readFileSync(join(ROOT, file), 'utf8')))
  expect(faults).toEqual([])
})

test.each([
  'const values = { reader: ctx.actor.userId, id }',
  'const { userId } = ctx.actor',
  'const { kind, userId } = actor',
  'insertTask(ctx, actorIdOf(ctx) as string as OwnerId, task)',
  'const parties = ownAccount(ctx)',
  "q.select().from(tasks).where(eq(tasks.ownerId, value(tasks.ownerId, 'reader')))",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the code of a template
  'sql`${tasks.ownerId} = ${users.id}`',
  '.innerJoin(tasks, eq(tasks.ownerId, changes.readerId))',
  'sql`owner_id = reader_id`',
])('it would be found: %s', (code) => {
  expect(faultsOf('src/features/tasks/planted.ts', code)).toHaveLength(1)
})

test('every place that may do it does it', () => {
  const idle = rules.flatMap(({ what, pattern, places }) =>
    places
      .filter(
        (place) =>
          !files.some((f) => isAt(f, [place]) && pattern.test(readFileSync(join(ROOT, f), 'utf8'))),
      )
      .map((place) => `${place}: ${what}`),
  )
  expect(idle).toEqual([])
})

test('an id of one type does not compile where another is wanted', () => {
  const ctx = { actor: { userId: 'ann' } }
  const { ownerId, readerIds } = ownAccount(ctx)
  const readerId = readerIds[0] as ReaderId
  // @ts-expect-error The actor is not the owner.
  const owner: OwnerId = actorIdOf(ctx)
  // @ts-expect-error The owner is not a reader.
  const reader: ReaderId = ownerId
  // @ts-expect-error A text is no owner.
  const text: OwnerId = 'ann'
  // @ts-expect-error They are not compared, either.
  const same = ownerId === readerId
  expect([owner, reader, text, same]).toEqual(['ann', 'ann', 'ann', true])
})
