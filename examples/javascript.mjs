// Taskport from JavaScript, with nothing but fetch: node examples/javascript.mjs
// TASKPORT is the address of a service that runs; EMAIL and PASSWORD make or enter the account.
// Node 20 or newer.
const base = `${process.env.TASKPORT ?? 'http://localhost:7860'}/api/v1`
const account = {
  email: process.env.EMAIL ?? `js-${crypto.randomUUID().slice(0, 8)}@example.org`,
  password: process.env.PASSWORD ?? 'a heron on the pier',
}
let token

const unreachable = () => {
  console.error(`${base} cannot be reached: start the service, or set TASKPORT to its address`)
  process.exit(1)
}

/** Sends a request; waits as long as the service says where it asks for that. */
const call = async (method, path, body, headers = {}) => {
  for (;;) {
    const response = await fetch(base + path, {
      method,
      headers: {
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(body && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
    }).catch(unreachable)
    const wait = response.headers.get('Retry-After')
    if ([429, 503].includes(response.status) && wait !== null) {
      await new Promise((resolve) => setTimeout(resolve, Number(wait) * 1000))
      continue
    }
    const answer = response.status === 204 ? undefined : await response.json()
    if (response.ok) return { answer, etag: response.headers.get('ETag') }
    throw Object.assign(new Error(`${answer.code}: ${answer.detail}`), { code: answer.code })
  }
}

const enter = async () => {
  try {
    return await call('POST', '/auth/register', account)
  } catch (error) {
    if (error.code !== 'email_taken') throw error
    return call('POST', '/auth/login', account)
  }
}
token = (await enter()).answer.access_token

// With a key it may be sent again when the answer is lost: the task is made once.
const created = await call(
  'POST',
  '/tasks',
  { title: 'Sweep the chimney', labels: ['home'], due: { date: '2030-12-01' } },
  { 'Idempotency-Key': crypto.randomUUID() },
)
const { id } = created.answer

// Only as it was read: a change that another client made meanwhile is not overwritten.
const changed = await call(
  'PATCH',
  `/tasks/${id}`,
  { priority: 'high' },
  { 'If-Match': created.etag },
)
console.log(changed.answer.title, changed.answer.priority)

/** Every task that is open, page after page. */
async function* openTasks() {
  let cursor
  do {
    const query = new URLSearchParams({ status: 'pending', limit: '2', ...(cursor && { cursor }) })
    const { answer } = await call('GET', `/tasks?${query}`)
    yield* answer.items
    cursor = answer.next_cursor
  } while (cursor)
}
for await (const task of openTasks()) console.log('-', task.title)

await call('POST', `/tasks/${id}/complete`)
await call('DELETE', `/tasks/${id}`)
console.log('done')
