import { describe, expect, test } from 'vitest'
import { type Backup, backupKey, type Manifest } from '../../src/backup/manifest.ts'
import { decide, type Local } from '../../src/backup/restore-decision.ts'

const copyOf = (epoch: number, sequence: number): Backup => ({
  ...{
    key: backupKey(epoch, sequence, false),
    bytes: 10,
    sha256: '0'.repeat(64),
    database_bytes: 20,
    created_at: '2026-11-23T12:00:00.000Z',
  },
  ...{ duration: 5, epoch, sequence, encrypted: false, migration: '0000_x' },
})
const manifestOf = (epoch: number, backups: Backup[]): Manifest => ({
  ...{
    format: 1,
    revision: 'r',
    lineage: 'ours',
    epoch,
    writer: 'w',
    released: false,
    claim: null,
    copies: backups,
  },
})

/** Everything that may be found on the disk, in the manifest, and beside it. */
const locals: Record<string, Local | undefined> = {
  none: undefined,
  'never copied': { lineage: undefined },
  'of another lineage': { lineage: { id: 'theirs', epoch: 9 } },
  older: { lineage: { id: 'ours', epoch: 2 } },
  equal: { lineage: { id: 'ours', epoch: 3 } },
  newer: { lineage: { id: 'ours', epoch: 4 } },
}
const [first, last] = [copyOf(2, 6), copyOf(3, 7)]
const manifests: Record<string, Manifest | undefined> = {
  none: undefined,
  'without backups': manifestOf(3, []),
  'with backups': manifestOf(3, [first, last]),
}
const besides: Record<string, string[]> = {
  nothing: [],
  'its backups': [first.key, last.key],
  'a backup that a kill left without its entry': [first.key, last.key, backupKey(3, 8, false)],
  'backups of its epoch that came later': [
    first.key,
    last.key,
    backupKey(3, 8, false),
    backupKey(3, 9, true),
  ],
  'backups of a later epoch': [backupKey(4, 8, false)],
  'leftovers of earlier writers': [
    backupKey(2, 7, false),
    backupKey(1, 1, false),
    'orphans/00000002-x.db.gz',
  ],
  'something else': ['holiday.jpg'],
}

/** The table of section 7, in words: what has to come out of each combination. */
const expected = (local: string, manifest: string, beside: string): string => {
  if (manifest === 'none') return beside === 'nothing' ? 'begin' : 'refuse'
  if (local === 'never copied' || local === 'of another lineage') return 'refuse'
  // A writer that came after the one of this disk has made backups, and the manifest does not know
  // of it any more.
  if (local === 'equal' && beside === 'backups of a later epoch') return 'refuse'
  if (local === 'equal' || local === 'newer') return 'keep'
  if (beside === 'backups of its epoch that came later' || beside === 'backups of a later epoch')
    return 'refuse'
  // Without an entry, all backups but a first one are more than this manifest can know.
  if (manifest === 'without backups' && beside !== 'nothing' && beside !== 'something else')
    return 'refuse'
  return local === 'older' ? 'restore, what is here aside' : 'restore'
}

const cases = Object.keys(locals).flatMap((local) =>
  Object.keys(manifests).flatMap((manifest) =>
    Object.keys(besides).map((beside) => ({ local, manifest, beside })),
  ),
)

describe('what a process does that starts', () => {
  test.each(cases)(
    'here: $local; manifest: $manifest; beside it: $beside',
    ({ local, manifest, beside }) => {
      const decision = decide(locals[local], manifests[manifest], besides[beside] ?? [])
      expect(
        `${decision.kind}${decision.kind === 'restore' && decision.aside ? ', what is here aside' : ''}`,
      ).toBe(expected(local, manifest, beside))
      if (decision.kind === 'restore')
        expect(decision.backup).toBe(manifest === 'with backups' ? last : undefined)
      if (decision.kind === 'refuse') expect(decision.remedy).toMatch(/BACKUP_URL|manifest\.json/)
    },
  )

  test('an empty database never takes the place of a backup', () => {
    for (const { local, manifest, beside } of cases) {
      const { kind } = decide(locals[local], manifests[manifest], besides[beside] ?? [])
      const backups =
        (manifests[manifest]?.copies.length ?? 0) +
        (besides[beside] ?? []).filter((key) => key.startsWith('copies/')).length
      if (kind === 'begin') expect(backups).toBe(0)
    }
  })
})
