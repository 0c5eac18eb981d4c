// Clients of a service, wherever it is: in this process, or at an address.

/** Tests read what they expect, and fail where it is not there. */
type Json = any
export type Answer = {
  readonly status: number
  readonly headers: Headers
  readonly body: Json
  readonly text: string
}
type Headers_ = Record<string, string>

/** A client with one credential. */
export type Client = {
  readonly token: string
  readonly headers: Headers_
  send(method: string, path: string, body?: unknown, headers?: Headers_): Promise<Answer>
  get(path: string, headers?: Headers_): Promise<Answer>
  post(path: string, body?: unknown, headers?: Headers_): Promise<Answer>
  patch(path: string, body: unknown, headers?: Headers_): Promise<Answer>
  put(path: string, body: unknown, headers?: Headers_): Promise<Answer>
  delete(path: string, headers?: Headers_): Promise<Answer>
}
export type User = Client & {
  readonly id: string
  readonly email: string
  readonly password: string
  readonly refreshToken: string
  readonly sessionId: string
}

export type Clients = {
  readonly anonymous: Client
  client(token: string): Client
  register(name: string): Promise<User>
}

/** Those who speak to the service by way of `fetch`, which takes paths. */
export const clientsOf = (
  fetch: (path: string, init: RequestInit) => Promise<Response>,
): Clients => {
  const client = (token: string): Client => {
    const headers: Headers_ = token === '' ? {} : { Authorization: `Bearer ${token}` }
    const send: Client['send'] = async (method, path, body, extra = {}) => {
      const response = await fetch(path, {
        method,
        headers: {
          ...headers,
          ...(body !== undefined && { 'Content-Type': 'application/json' }),
          ...extra,
        },
        ...(body !== undefined && {
          body:
            typeof body === 'string' || body instanceof Uint8Array
              ? (body as string)
              : JSON.stringify(body),
        }),
      })
      const text = await response.text()
      const isJson = response.headers.get('Content-Type')?.includes('json')
      return {
        status: response.status,
        headers: response.headers,
        text,
        body: text !== '' && isJson ? JSON.parse(text) : undefined,
      }
    }
    return {
      token,
      headers,
      send,
      get: (path, extra) => send('GET', path, undefined, extra),
      post: (path, body, extra) => send('POST', path, body, extra),
      patch: (path, body, extra) => send('PATCH', path, body, extra),
      put: (path, body, extra) => send('PUT', path, body, extra),
      delete: (path, extra) => send('DELETE', path, undefined, extra),
    }
  }
  const anonymous = client('')
  return {
    anonymous,
    client,
    register: async (name) => {
      const [email, password] = [`${name.toLowerCase()}@example.org`, `${name} likes long walks`]
      const { status, body } = await anonymous.post('/api/v1/auth/register', {
        email,
        password,
        name,
      })
      if (status !== 201) throw new Error(`registering ${name}: ${status} ${JSON.stringify(body)}`)
      const { sid } = JSON.parse(
        atob(body.access_token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')),
      )
      return {
        ...client(body.access_token),
        id: body.user.id,
        email,
        password,
        refreshToken: body.refresh_token,
        sessionId: sid,
      }
    },
  }
}
