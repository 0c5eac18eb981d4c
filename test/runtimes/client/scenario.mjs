// What a program does with the package taskport-client, the same on every platform. `url` is the
// service, `control` takes it away and brings it back.
import { createTaskport, follow, memoryStore, memoryTokens, uuidv7 } from 'taskport-client'

const check = (holds, what, found) => {
  if (!holds) throw new Error(`${what}: ${JSON.stringify(found)}`)
}
const until = async (holds) => {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20))
}
const good = ({ data, error, response }) => {
  check(response.ok, response.url, error)
  return data
}

/** A client that counts what it asks for, by method and path. */
const counted = (url, tokens) => {
  const asked = []
  const send = (request) => {
    asked.push(`${request.method} ${new URL(request.url).pathname}`)
    return fetch(request)
  }
  const taskport = createTaskport({ url, tokens, fetch: send })
  const count = (what) => asked.filter((one) => one === what).length
  return { ...taskport, count }
}

const pages = async (list) => {
  const items = []
  for (let cursor; cursor !== null; ) {
    const page = good(await list({ limit: 200, ...(cursor && { cursor }) }))
    items.push(...page.items)
    cursor = page.next_cursor ?? null
  }
  return items
}
const byId = (all) => [...all].sort((a, b) => (a.id < b.id ? -1 : 1))

/** What the lists say, in the form of `copied`. */
const listed = async (api) => {
  const of = (path) => pages((query) => api.GET(path, { params: { query } }))
  const trash = (query) =>
    api.GET('/api/v1/tasks', { params: { query: { ...query, deleted: true } } })
  const tasks = [...(await of('/api/v1/tasks')), ...(await pages(trash))]
  // One after the other: a user may have few lists waiting.
  const below = async (path) => {
    const found = []
    for (const { id } of tasks)
      found.push(
        ...(await pages((query) =>
          api.GET(path, { params: { path: { id }, ...(path.endsWith('comments') && { query }) } }),
        )),
      )
    return byId(found)
  }
  return JSON.stringify([
    byId(await of('/api/v1/projects')),
    byId(tasks),
    byId(await of('/api/v1/labels')),
    await below('/api/v1/tasks/{id}/comments'),
    await below('/api/v1/tasks/{id}/reminders'),
  ])
}
const copied = ({ projects, tasks, labels, comments, reminders }) =>
  JSON.stringify(
    [projects, tasks, labels, comments, reminders].map((things) => byId(things.values())),
  )

export const run = async ({ url, control }) => {
  const tell = async (what) => check((await fetch(`${control}/${what}`)).ok, what)
  const tokens = memoryTokens()
  const { api, enter, leave, count } = counted(url, tokens)

  // Signing up, making, listing.
  const email = `client-${uuidv7()}@example.org`
  const password = 'a heron on the pier'
  await enter(good(await api.POST('/api/v1/auth/register', { body: { email, password } })))
  for (const title of ['Sweep the chimney', 'Buy a brush'])
    good(await api.POST('/api/v1/tasks', { body: { title, labels: ['home'] } }))
  check(good(await api.GET('/api/v1/tasks')).items.length === 2, 'two tasks')

  // Twenty callers, one refresh.
  await tokens.write({ ...tokens.read(), access_token: 'expired' })
  const twenty = Array.from({ length: 20 }, () => api.GET('/api/v1/me'))
  for (const answer of await Promise.all(twenty)) check(good(answer).email === email, 'me')
  check(count('POST /api/v1/auth/refresh') === 1, 'one refresh', count('POST /api/v1/auth/refresh'))
  // A wrong password is no expired token.
  const wrong = await api.POST('/api/v1/auth/login', { body: { email, password: 'a guess here' } })
  check(wrong.error.code === 'invalid_credentials', 'a wrong password', wrong.error)
  check(count('POST /api/v1/auth/refresh') === 1, 'still one refresh')

  // Another client writes, and the copy follows by the pokes of one stream.
  const store = memoryStore()
  const begun = []
  const apply = (page) => {
    if (page.begins) begun.push(page)
    return store.apply(page)
  }
  const states = []
  const onState = ({ kind }) => states.push(kind)
  const following = follow(api, { ...store, apply }, { onState })
  const equal = () => until(async () => copied(store) === (await listed(other.api)))
  const other = counted(url, memoryTokens())
  await other.enter(good(await other.api.POST('/api/v1/auth/login', { body: { email, password } })))
  await equal()
  await until(() => count('GET /api/v1/events') === 1)
  const make = async (path, body) => good(await other.api.POST(path, { body }))
  const project = await make('/api/v1/projects', { name: 'House' })
  const rent = await make('/api/v1/tasks', {
    title: 'Pay the rent',
    project_id: project.id,
    due: { date: '2030-11-30' },
    recurrence: { rule: 'FREQ=MONTHLY' },
  })
  const inRent = { params: { path: { id: rent.id } } }
  good(await other.api.POST('/api/v1/tasks/{id}/comments', { ...inRent, body: { text: 'Soon' } }))
  const trigger = { kind: 'days', before: 'due', days: 1 }
  good(await other.api.POST('/api/v1/tasks/{id}/reminders', { ...inRent, body: { trigger } }))
  await equal()
  check(count('GET /api/v1/events') === 1, 'the stream holds', count('GET /api/v1/events'))

  // The service cannot be reached: changes wait, and are made in their order.
  await tell('cut')
  await until(() => states.at(-1) === 'waiting')
  const { thing: roof } = await following.send('post', '/api/v1/tasks', { body: { title: 'Roof' } })
  const { thing: tile } = await following.send('post', '/api/v1/tasks', {
    body: { title: 'Tile', parent_id: roof },
  })
  const inTile = { params: { path: { id: tile } } }
  await following.send('patch', '/api/v1/tasks/{id}', { ...inTile, body: { priority: 'high' } })
  await following.send('post', '/api/v1/tasks/{id}/comments', { ...inTile, body: { text: 'Red' } })
  await following.complete({ id: tile, occurrence: null })
  await following.complete(store.tasks.get(rent.id))
  await following.complete(store.tasks.get(rent.id))
  const wanting = await following.send('post', '/api/v1/tasks', { body: { title: '' } })
  const gone = { params: { path: { id: uuidv7() } } }
  await following.send('delete', '/api/v1/tasks/{id}', gone)
  check(store.entries().length === 9, 'nine changes wait', store.entries())
  await tell('restore')
  await until(() => store.entries().length === 1 && states.at(-1) === 'current')
  await equal()
  const [refused] = store.entries()
  check(refused.id === wanting.id && refused.refusal.body.code === 'invalid', 'refused', refused)
  store.remove(refused.id)
  check(store.tasks.get(tile).status === 'completed', 'the tile', store.tasks.get(tile))
  check(store.tasks.get(tile).priority === 'high', 'its priority', store.tasks.get(tile))
  check(store.tasks.get(rent.id).due.date === '2030-12-30', 'once', store.tasks.get(rent.id))

  // The process dies in the middle of a queue: each change is made once.
  const sending = Array.from({ length: 30 }, (_, i) =>
    following.send('post', '/api/v1/tasks', { body: { title: `Shingle ${i}` } }),
  )
  await Promise.all(sending)
  await until(() => store.entries().length < 25)
  await tell('kill')
  await until(() => store.entries().length === 0 && states.at(-1) === 'current')
  await equal()
  const shingles = [...store.tasks.values()].filter(({ title }) => title.startsWith('Shingle'))
  check(shingles.length === 30, 'thirty shingles', shingles.length)

  // A backup was restored: the copy begins anew, and what is not there any more goes.
  check(begun.length === 1, 'begun once', begun.length)
  store.labels.set('ghost', { ...store.labels.values().next().value, id: 'ghost' })
  await tell('forget')
  await until(() => begun.length === 2 && states.at(-1) === 'current')
  await equal()
  check(!store.labels.has('ghost'), 'no ghost')

  // Signing out ends it.
  await leave()
  following.wake()
  const ending = await following.done
  check(ending.kind === 'signed_out', 'signed out', ending)
  return 'the client holds'
}
