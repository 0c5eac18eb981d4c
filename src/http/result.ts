/**
 * What a handler answers: rendered into a Response in one place. `body` is made JSON unless it is
 * text or a stream of it.
 */
export type Answer = {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

type Revised = { readonly rev: string }

const etagOf = ({ rev }: Revised): string => `"${rev}"`

/** 200 with a thing that has no revision, or a list. */
export const ok = (body: unknown): Answer => ({ status: 200, body })
/** 200 with one resource and its ETag. */
export const resource = (body: Revised): Answer => ({
  status: 200,
  body,
  headers: { ETag: etagOf(body) },
})
/** 201 with the new resource, where it is, and its ETag where it has one. */
export const created = (body: object, location: string): Answer => ({
  status: 201,
  body,
  headers:
    'rev' in body ? { Location: location, ETag: etagOf(body as Revised) } : { Location: location },
})
export const noContent: Answer = { status: 204 }

/** A page of a list, with the next page's address as a relative `Link` (RFC 8288). */
export const list = (page: { items: unknown[]; next: string | null }, url: string): Answer => {
  const body = { items: page.items, next_cursor: page.next }
  if (page.next === null) return { status: 200, body }
  const { pathname, searchParams } = new URL(url)
  searchParams.set('cursor', page.next)
  return { status: 200, body, headers: { Link: `<${pathname}?${searchParams}>; rel="next"` } }
}
