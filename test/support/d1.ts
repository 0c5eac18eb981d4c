// A D1 database in Cloudflare's simulator (workerd), of which a test uses the binding: a Worker
// runs each call of it for one HTTP request. `getPlatformProxy` of wrangler does that for any
// binding, and takes three times as long for each call.
import type { D1Database, D1PreparedStatement } from '@cloudflare/workers-types'

type Call = {
  readonly how: 'run' | 'all' | 'raw' | 'batch'
  readonly statements: readonly Prepared[]
}
type Prepared = { readonly sql: string; readonly params: readonly unknown[] }

const worker = `
const prepared = (db, { sql, params }) => (params.length > 0 ? db.prepare(sql).bind(...params) : db.prepare(sql))
export default {
  fetch: async (request, { DB }) => {
    const { how, statements } = await request.json()
    const all = statements.map((statement) => prepared(DB, statement))
    try {
      return Response.json({ result: how === 'batch' ? await DB.batch(all) : await all[0][how]() })
    } catch (error) {
      return Response.json({ error: error.message })
    }
  },
}`

export const startD1 = async (): Promise<{
  readonly binding: D1Database
  stop(): Promise<void>
}> => {
  // Half a second of work, which only the suites on D1 need.
  const { convertV4MiniflareOptions, Miniflare } = await import('miniflare')
  const compatibilityDate = '2026-11-01'
  const simulator = new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      script: worker,
      compatibilityDate,
      d1Databases: ['DB'],
    }),
  )
  const url = await simulator.ready
  const call = async (asked: Call) => {
    const response = await fetch(url, { method: 'POST', body: JSON.stringify(asked) })
    const { result, error } = (await response.json()) as { result: never; error?: string }
    if (error !== undefined) throw new Error(error)
    return result
  }
  const known = new WeakMap<object, Prepared>()
  const statementOf = (prepared: Prepared): D1PreparedStatement => {
    const statement = {
      bind: (...params: unknown[]) => statementOf({ sql: prepared.sql, params }),
      run: () => call({ how: 'run', statements: [prepared] }),
      all: () => call({ how: 'all', statements: [prepared] }),
      raw: () => call({ how: 'raw', statements: [prepared] }),
    }
    known.set(statement, prepared)
    return statement as unknown as D1PreparedStatement
  }
  const binding = {
    prepare: (sql: string) => statementOf({ sql, params: [] }),
    batch: (all: object[]) =>
      call({ how: 'batch', statements: all.map((statement) => known.get(statement) as Prepared) }),
  }
  return { binding: binding as unknown as D1Database, stop: () => simulator.dispose() }
}
