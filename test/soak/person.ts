// Somebody with an account, as seen through HTTP.
export type Task = { readonly id: string; readonly title: string; readonly rev: string }
type Reply = { readonly status: number; readonly headers: Headers; readonly body: Task }
export type Person = {
  readonly id: string
  post(title: string, key?: string): Promise<Reply>
  patch(id: string, title: string, rev?: string): Promise<Reply>
  get(id: string): Promise<Reply>
  tasks(): Promise<Task[]>
}

const PASSWORD = 'a heron on the pier'

/**
 * Registers, or after the first time signs in. Throws when there is no answer, and on any other
 * than the expected one.
 */
export const enter = async (
  url: string,
  name: string,
  how: 'register' | 'login',
): Promise<Person> => {
  const send = async (
    method: string,
    path: string,
    body?: object,
    extra: Record<string, string> = {},
  ) => {
    const headers = { ...(body && { 'Content-Type': 'application/json' }), ...extra }
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return { status: response.status, headers: response.headers, body: JSON.parse(text) }
  }
  const signedIn = await send('POST', `/auth/${how}`, {
    email: `${name}@example.org`,
    password: PASSWORD,
  })
  const token = { Authorization: `Bearer ${signedIn.body.access_token}` }
  return {
    id: signedIn.body.user.id,
    post: (title, key) =>
      send(
        'POST',
        '/tasks',
        { title, labels: ['soak'] },
        { ...token, ...(key !== undefined && { 'Idempotency-Key': key }) },
      ),
    patch: (id, title, rev) =>
      send(
        'PATCH',
        `/tasks/${id}`,
        { title },
        { ...token, ...(rev !== undefined && { 'If-Match': `"${rev}"` }) },
      ),
    get: (id) => send('GET', `/tasks/${id}`, undefined, token),
    tasks: async () => {
      const all: Task[] = []
      let cursor: string | null = ''
      while (cursor !== null) {
        const page: { items: Task[]; next_cursor: string | null } = (
          await send('GET', `/tasks?limit=200${cursor && `&cursor=${cursor}`}`, undefined, token)
        ).body as never
        all.push(...page.items)
        cursor = page.next_cursor
      }
      return all
    },
  }
}
