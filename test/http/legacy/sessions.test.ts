// One session in the words of a client of the family (create, list, toggle, edit, filter, delete,
// reload) with the tokens of each kind of issuer that it may have: a real Better Auth server, a
// hand-made one with a shared secret, and the accounts of this service.
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BetterAuth, startBetterAuth } from '../../support/better-auth.ts'
import { createWorld, testClock, type World } from '../../support/world.ts'

const SECRET = 'what two services share, of thirty-two bytes'

let issuer: BetterAuth
let world: World
beforeAll(async () => {
  issuer = await startBetterAuth()
  // Tokens of another server have the time of this machine.
  world = await createWorld({
    env: { BETTER_AUTH_URL: issuer.url, BETTER_AUTH_SECRET: SECRET },
    clock: { ...testClock(), now: () => Date.now() },
  })
})
afterAll(async () => {
  await world.close()
  await issuer.stop()
})

/** Who signs in: the id that the client puts into paths, and the token. */
type Person = { readonly id: string; readonly token: string }
let people = 0

const handMade = async (claim: string): Promise<Person> => {
  const id = `user-${people++}`
  const token = await new SignJWT({ [claim]: id, email: `${id}@example.org` })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuedAt()
    .setExpirationTime('7d')
    .sign(new TextEncoder().encode(SECRET))
  return { id, token }
}
const account = async (paths: readonly [string, string]): Promise<Person> => {
  const form = { email: `own${people++}@example.org`, password: 'a heron on the pier' }
  const post = async (path: string, body: string | URLSearchParams) => {
    const headers = typeof body === 'string' ? { 'Content-Type': 'application/json' } : undefined
    const response = await world.fetch(path, { method: 'POST', body, ...(headers && { headers }) })
    expect(response.ok, path).toBe(true)
    return (await response.json()) as { access_token: string; user: { id: string } }
  }
  await post(paths[0], JSON.stringify({ ...form, name: 'Own' }))
  const signedIn = await post(
    paths[1],
    paths[1].endsWith('token')
      ? new URLSearchParams({ username: form.email, password: form.password })
      : JSON.stringify(form),
  )
  return { id: signedIn.user.id, token: signedIn.access_token }
}

const issuers: Readonly<Record<string, () => Promise<Person>>> = {
  'a Better Auth server (EdDSA, JWKS)': () => issuer.signUp(`ada${people++}`),
  'a hand-made issuer (HS256, user_id)': () => handMade('user_id'),
  'a hand-made issuer (HS256, sub)': () => handMade('sub'),
  'our own accounts': () => account(['/api/auth/register', '/api/auth/login']),
  'our own accounts, by a form': () => account(['/auth/signup', '/auth/token']),
}

type Shown = Readonly<Record<string, unknown>> & { readonly id: string }
/** As frontends of the family wrap fetch: JSON in, JSON out, an error with what `detail` says. */
const clientOf = (base: string, { token }: Person) => {
  const call = async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await world.fetch(base + path, {
      method,
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
      ...(body && { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(((await response.json()) as { detail: string }).detail)
    return response.status === 204 ? null : response.json()
  }
  return {
    list: (query = '') => call('GET', `/tasks${query}`) as Promise<Shown[]>,
    read: (id: string) => call('GET', `/tasks/${id}`) as Promise<Shown>,
    create: (task: object) => call('POST', '/tasks', task) as Promise<Shown>,
    edit: (id: string, task: object) => call('PUT', `/tasks/${id}`, task) as Promise<Shown>,
    toggle: (id: string) => call('PATCH', `/tasks/${id}/complete`) as Promise<Shown>,
    remove: (id: string) => call('DELETE', `/tasks/${id}`),
  }
}
const idsOf = (tasks: readonly Shown[]) => tasks.map(({ id }) => id)

describe.each(Object.entries(issuers))('with the token of %s', (_, signIn) => {
  test.each([
    ['/api/{user_id}', ({ id }: Person) => `/api/${encodeURIComponent(id)}`],
    ['/api', () => '/api'],
  ])('a session below %s', async (_, baseOf) => {
    const person = await signIn()
    const api = clientOf(baseOf(person), person)
    expect(await api.list()).toEqual([])

    const milk = await api.create({ title: 'Milk', description: 'two litres', priority: 'high' })
    const rent = await api.create({ title: 'Rent', due_date: '2030-01-01', tags: ['home'] })
    expect(milk).toMatchObject({ title: 'Milk', completed: false, user_id: person.id })
    expect(idsOf(await api.list())).toEqual([rent.id, milk.id])

    expect(await api.toggle(milk.id)).toMatchObject({ completed: true, status: 'completed' })
    expect(await api.toggle(milk.id)).toMatchObject({ completed: false })
    expect(await api.toggle(milk.id)).toMatchObject({ completed: true })

    const edited = await api.edit(rent.id, { title: 'Pay the rent', tags: ['home', 'money'] })
    expect(edited).toMatchObject({ title: 'Pay the rent', due_date: '2030-01-01' })
    expect(await api.edit(milk.id, { ...milk, completed: true, status: undefined })).toMatchObject({
      description: 'two litres',
      completed: true,
    })

    expect(idsOf(await api.list('?status=pending'))).toEqual([rent.id])
    expect(idsOf(await api.list('?completed=true'))).toEqual([milk.id])
    expect(idsOf(await api.list('?tags=money&sort=due_date&order=asc'))).toEqual([rent.id])
    expect(idsOf(await api.list('?search=milk'))).toEqual([milk.id])

    await api.remove(milk.id)
    await expect(api.read(milk.id)).rejects.toThrow(/no such task/)

    // The page is opened again: the same token, and everything is there.
    const again = clientOf(baseOf(person), person)
    expect(await again.list()).toEqual([await again.read(rent.id)])
    expect(await again.read(rent.id)).toMatchObject({ tags: ['home', 'money'], completed: false })
  })
})

test('a token of the Better Auth server is no key to the paths of its other users', async () => {
  const [one, two] = [await issuer.signUp('one'), await issuer.signUp('two')]
  await clientOf(`/api/${one.id}`, one).create({ title: 'hers' })
  await expect(clientOf(`/api/${one.id}`, two).list()).rejects.toThrow(/another user/)
  expect(await clientOf('/api', two).list()).toEqual([])
})
