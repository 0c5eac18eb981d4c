// One of two services that get the same requests, and its answers in a form that can be compared.
import type { Answer, User } from '../../support/world.ts'

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

export type Request = {
  readonly method: string
  readonly path: string
  readonly body?: object | undefined
  readonly headers?: Record<string, string> | undefined
}
/** An answer in which ids are numbered in the order in which they appear, and times are alike. */
export type Compared = { readonly status: number; readonly etag: string; readonly body: unknown }

/** How ids are written in requests, which both services get: `#12#`. */
export const idOf = (number: number): string => `#${number}#`
const REFERENCE = /#(\d+)#/g

export type Side = {
  send(request: Request): Promise<Compared>
  /** The list, read to its end, a page after the other. */
  list(path: string): Promise<Compared[]>
}

export const createSide = (user: User): Side => {
  const numbers = new Map<string, number>()
  const ids: string[] = []
  const numberOf = (id: string): number => {
    const known = numbers.get(id) ?? numbers.size
    if (known === numbers.size) {
      numbers.set(id, known)
      ids.push(id)
    }
    return known
  }
  numberOf(user.id)

  const without = (value: unknown, field = ''): unknown => {
    if (Array.isArray(value)) return value.map((item) => without(item))
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(
        Object.entries(value).map(([name, member]) => [name, without(member, name)]),
      )
    if (typeof value !== 'string') return value
    if (field === 'next_cursor' || field === 'position' || field === 'request_id') return 'one'
    if (INSTANT.test(value)) return 'an instant'
    return value.replace(ID, (id) => idOf(numberOf(id)))
  }
  const named = (text: string) =>
    text.replace(REFERENCE, (_, number) => ids[Number(number)] ?? 'unknown')
  const ask = ({ method, path, body, headers = {} }: Request): Promise<Answer> =>
    user.send(
      method,
      named(path),
      body && JSON.parse(named(JSON.stringify(body))),
      Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, named(text)])),
    )
  const compared = ({ status, headers, body }: Answer): Compared => ({
    status,
    etag: without(headers.get('ETag') ?? '') as string,
    body: without(body),
  })
  return {
    send: async (request) => compared(await ask(request)),
    list: async (path) => {
      const pages: Compared[] = []
      for (let cursor: string | null = ''; cursor !== null; ) {
        const page = await ask({ method: 'GET', path: `${path}${cursor && `&cursor=${cursor}`}` })
        pages.push(compared(page))
        cursor = page.status === 200 ? page.body.next_cursor : null
      }
      return pages
    },
  }
}
