// Imports of files, as their users make them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { until } from '../../support/size.ts'
import type { Answer, User, World } from '../../support/world.ts'

export const sample = (name: string): Uint8Array =>
  readFileSync(join(import.meta.dirname, 'samples', name))

type Way = {
  /** As a form that names the file; else as the body. */
  readonly name?: string
  readonly query?: Readonly<Record<string, string>>
  readonly type?: string
}

/** Sends a file. */
export const send = async (
  { fetch }: Pick<World, 'fetch'>,
  { headers }: Pick<User, 'headers'>,
  file: Uint8Array | string,
  { name, query = {}, type = 'application/octet-stream' }: Way = {},
): Promise<Answer> => {
  const bytes = typeof file === 'string' ? new TextEncoder().encode(file) : file
  const form = new FormData()
  if (name !== undefined) form.set('file', new File([bytes as Uint8Array<ArrayBuffer>], name))
  const response = await fetch(`/api/v1/import?${new URLSearchParams(query)}`, {
    method: 'POST',
    headers: { ...headers, ...(name === undefined && { 'Content-Type': type }) },
    body: name === undefined ? (bytes as Uint8Array<ArrayBuffer>) : form,
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, body: JSON.parse(text) }
}

type Line = { row: number; title: string; field: string; code: string; detail: string }
export type Imported = {
  readonly id: string
  readonly status: string
  readonly format: string
  readonly error: string | null
  readonly counts: Readonly<Record<string, number>>
  readonly report: readonly Line[]
}

const pagesOf = async ({ get }: Pick<User, 'get'>, path: string): Promise<Answer['body'][]> => {
  const items = []
  for (let cursor = ''; ; ) {
    const { body } = await get(
      `${path}limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
    )
    items.push(...body.items)
    if (body.next_cursor === null) return items
    cursor = body.next_cursor
  }
}

/** Waits for the end of an import. */
export const ended = async (user: Pick<User, 'get'>, id: string): Promise<Imported> => {
  let last: Answer['body']
  await until(async () => {
    last = (await user.get(`/api/v1/imports/${id}`)).body
    return !['receiving', 'reading', 'writing'].includes(last.status)
  })
  return { ...last, report: await pagesOf(user, `/api/v1/imports/${id}/report?`) }
}

/** Imports a file to its end. */
export const imported = async (
  world: Pick<World, 'fetch'>,
  user: User,
  file: Uint8Array | string,
  way: Way = {},
): Promise<Imported> => {
  const { status, text, body } = await send(world, user, file, way)
  expect(status, text).toBe(202)
  return ended(user, body.id)
}

/** All tasks of a user, those in the trash last, in the order of their positions. */
export const tasksOf = async (user: Pick<User, 'get'>): Promise<Answer['body'][]> => [
  ...(await pagesOf(user, '/api/v1/tasks?sort=position&')),
  ...(await pagesOf(user, '/api/v1/tasks?sort=position&deleted=true&')),
]
export const codesOf = ({ report }: Imported): string[] =>
  report.map(({ field, code }) => (field === '' ? code : `${code} ${field}`))
