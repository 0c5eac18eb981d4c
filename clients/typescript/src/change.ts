// Changes as they are put into the queue.
import type { FetchOptions } from 'openapi-fetch'
import type { paths } from './schema.ts'
import type { Entry } from './store.ts'
import { uuidv7 } from './uuid.ts'

export type ChangeMethod = 'post' | 'put' | 'patch' | 'delete'
type Operation<M extends ChangeMethod, P extends keyof paths> = NonNullable<paths[P][M]>
export type ChangePath<M extends ChangeMethod> = {
  [P in keyof paths]: paths[P][M] extends undefined ? never : P
}[keyof paths]
/** Parameters and body, as the document has them for the operation. */
export type ChangeInit<M extends ChangeMethod, P extends keyof paths> = Pick<
  FetchOptions<Operation<M, P>>,
  'params' | 'body'
>

type Untyped = {
  readonly params?: { readonly path?: { readonly id?: string } }
  readonly body?: { readonly id?: string }
}

/** What these make takes an id of the client, by which a repetition is known for what it is. */
const TAKE_IDS: ReadonlySet<string> = new Set<keyof paths>([
  '/api/v1/tasks',
  '/api/v1/projects',
  '/api/v1/labels',
])

/** The entry of a change that is made now. Something new gets its id here. */
export const entryOf = (method: ChangeMethod, path: string, { params, body }: Untyped): Entry => {
  const isNew = method === 'post' && TAKE_IDS.has(path)
  const sent = isNew ? { id: uuidv7(), ...body } : body
  return {
    id: uuidv7(),
    thing: params?.path?.id ?? sent?.id,
    at: Date.now(),
    method,
    path,
    params,
    body: sent,
    refusal: undefined,
  }
}
