// What is outside /api/v1: pages for people, and what platforms ask. Open to everybody, except the
// metrics.
import { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { accepts } from 'hono/accepts'
import { baseUrlOf } from '../config.ts'
import { instantOf } from '../db/instant.ts'
import type { Asset, Deps } from './deps.ts'
import { backupNow, durabilityNow } from './durability.ts'
import { digestTag, unlessKnown } from './etags.ts'
import { withFallback } from './fallback.ts'
import type { Metrics } from './metrics.ts'
import { documentOf } from './openapi.ts'
import { docsPage } from './pages/docs.ts'
import { homePage } from './pages/home.ts'
import { type Csp, pageHeaders } from './pages/html.ts'
import { HttpProblem } from './problem.ts'
import { requestIdOf } from './request.ts'
import { responder } from './respond.ts'
import { START, signInRoutes } from './sign-in.ts'
import { storageNow } from './storage.ts'
import { describeSystem } from './system-operations.ts'

const notHere = () =>
  new HttpProblem(
    'not_a_route',
    'There is nothing at this path. GET /openapi.json lists what there is.',
  )
const idOf = (c: Context): string => requestIdOf(c.req.header('x-request-id'))
const ONE_HOUR = 'public, max-age=3600'

export const createSystem = (
  deps: Deps,
  { v1, metrics }: { v1: OpenAPIHono; metrics: Metrics },
): OpenAPIHono => {
  const { config, about, assets, credentials, openid, clock } = deps
  const app = new OpenAPIHono()
  const respond = {
    unkept: responder(config, 'no-store'),
    checked: responder(config, 'no-cache'),
    fiveMinutes: responder(config, 'public, max-age=300'),
  }
  const json = (
    c: Context,
    body: unknown,
    { status = 200, keep = 'unkept' as keyof typeof respond, headers = {} } = {},
  ) => respond[keep](c, { status, body, headers }, idOf(c))

  const page = async (c: Context, body: string, csp: Csp) =>
    unlessKnown(c, body, { ...pageHeaders(config, idOf(c), csp), ETag: await digestTag(body) })
  const tags = new WeakMap<Asset, string>()
  /** Worked out once: one of the files has a megabyte. */
  const tagOf = async (asset: Asset): Promise<string> => {
    const tag = tags.get(asset) ?? (await digestTag(asset.body))
    tags.set(asset, tag)
    return tag
  }

  const { version, runtime, engine } = about
  const status = async () => ({
    name: 'Taskport',
    version,
    runtime,
    engine,
    durability: await durabilityNow(about, clock),
    backup: await backupNow(about, clock),
    storage: await storageNow(deps.db),
    sign_in: { registration: config.registration, openid: openid?.label ?? null },
    started_at: instantOf(about.startedAt),
  })
  const base = baseUrlOf(config)
  const home = async () =>
    homePage({
      version,
      engine,
      durability: await durabilityNow(about, clock),
      base,
      registration: config.registration,
      signIn: openid && { label: openid.label, start: base + START },
    })
  const links = {
    api: '/api/v1',
    docs: '/docs',
    openapi: '/openapi.json',
    health: '/health',
    ready: '/ready',
    status: '/status',
  }
  app.get('/', async (c) => {
    const type = accepts(c, {
      header: 'Accept',
      supports: ['text/html', 'application/json'],
      default: 'text/html',
    })
    const response =
      type === 'text/html'
        ? await page(c, await home(), { connect: "'self'" })
        : json(c, { ...(await status()), links })
    response.headers.append('Vary', 'Accept')
    return response
  })

  app.get('/health', (c) => json(c, { status: 'ok' }))
  app.get('/ready', async (c) => {
    if (!(await deps.readiness())) return json(c, { status: 'unavailable' }, { status: 503 })
    // Still 200: what asks here decides whether requests are sent, and most of them can be served.
    const { state } = await storageNow(deps.db)
    return json(c, { status: 'ready', ...(state === 'full' && { storage: state }) })
  })
  app.get('/status', async (c) => json(c, await status()))
  app.get('/.well-known/jwks.json', async (c) =>
    json(c, await credentials.jwks(), { keep: 'fiveMinutes' }),
  )
  describeSystem(app)
  signInRoutes(app, deps)

  // Made when it is first asked for: that takes longer than the rest of a start.
  let document: { readonly text: string; readonly ETag: string } | undefined
  const describe = async () => {
    const text = documentOf([v1, app], deps)
    return { text, ETag: await digestTag(text) }
  }
  app.get('/openapi.json', async (c) => {
    document ??= await describe()
    const { text, ETag } = document
    return json(c, text, { keep: 'checked', headers: { ETag } })
  })
  // Swagger UI sets styles on its elements and draws its icons from data: URLs; scripts stay our
  // own files.
  const connect = [
    "'self'",
    ...(config.publicUrl === undefined ? [] : [new URL(config.publicUrl).origin]),
  ].join(' ')
  app.get('/docs', (c) => page(c, docsPage, { style: " 'unsafe-inline'", connect }))
  app.get('/assets/:name', async (c) => {
    const asset = assets(c.req.param('name'))
    if (!asset) throw notHere()
    return unlessKnown(c, asset.body, {
      'Content-Type': asset.type,
      'Cache-Control': ONE_HOUR,
      'X-Content-Type-Options': 'nosniff',
      'X-Request-Id': idOf(c),
      ETag: await tagOf(asset),
    })
  })

  app.get('/metrics', async (c) => {
    if (!(await metrics.admits(c.req.header('authorization')))) throw notHere()
    return json(c, await metrics.text(), {
      headers: { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' },
    })
  })
  return withFallback(app, deps)
}
