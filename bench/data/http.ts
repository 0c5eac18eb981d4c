// The service, asked for one thing at a time.
import { type Ask, HOLE } from '../load/requests.ts'

export type SignedIn = { readonly access_token: string; readonly refresh_token: string }
export const PASSWORD = 'a heron on the pier'
export const emailOf = (name: string): string => `${name}@example.org`

/** Sends one request; throws on any other status than `status`. Answers the body as text. */
export const send = async (
  url: string,
  { method, path, headers, body }: Ask,
  token: string,
  status = 200,
  fill = '',
): Promise<string> => {
  const filled = (value: object) =>
    JSON.parse(JSON.stringify(value).replace(HOLE, fill)) as Record<string, string>
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(token !== '' && { Authorization: `Bearer ${token}` }),
      ...(body && { 'Content-Type': 'application/json' }),
      ...filled(headers ?? {}),
    },
    ...(body && { body: JSON.stringify(filled(body)) }),
  })
  const text = await response.text()
  if (response.status !== status)
    throw new Error(`${method} ${path}: ${response.status} instead of ${status}: ${text}`)
  return text
}

const enter = async (
  url: string,
  name: string,
  path: 'register' | 'login',
  status: number,
): Promise<SignedIn> =>
  JSON.parse(
    await send(
      url,
      {
        method: 'POST',
        path: `/api/v1/auth/${path}`,
        body: { email: emailOf(name), password: PASSWORD },
      },
      '',
      status,
    ),
  ) as SignedIn

export const register = (url: string, name: string): Promise<SignedIn> =>
  enter(url, name, 'register', 201)
export const login = (url: string, name: string): Promise<SignedIn> =>
  enter(url, name, 'login', 200)
