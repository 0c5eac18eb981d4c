// What is outside /api/v1: pages for people, and what platforms ask. Open to everybody, except the
// metrics.
import { type Context, Hono } from 'hono'
import { accepts } from 'hono/accepts'
import { baseUrlOf } from '../config.ts'
import { instantOf } from '../db/instant.ts'
import type { Deps } from './deps.ts'
import { backupNow, durabilityNow } from './durability.ts'
import { withFallback } from './fallback.ts'
import type { Metrics } from './metrics.ts'
import { openRoutes } from './open-routes.ts'
import { docsPage } from './pages/docs.ts'
import { homePage } from './pages/home.ts'
import { PAGE, pageHeaders } from './pages/html.ts'
import { HttpProblem } from './problem.ts'
import { headersOf, responder } from './respond.ts'
import { START, signInRoutes } from './sign-in.ts'
import type { Static } from './static-content.ts'
import { storageNow } from './storage.ts'
import { V1 } from './v1/routes.ts'

const notHere = () =>
  new HttpProblem(
    'not_a_route',
    'There is nothing at this path. GET /openapi.json lists what there is.',
  )
const ONE_HOUR = 'public, max-age=3600'

export const createSystem = (deps: Deps, metrics: Metrics): Hono => {
  const { config, about, assets, asStatic, credentials, openid, clock } = deps
  const app = new Hono()
  const get = openRoutes(app, deps)
  const respond = {
    unkept: responder(config, 'no-store'),
    fiveMinutes: responder(config, 'public, max-age=300'),
  }
  const json = (
    c: Context,
    requestId: string,
    body: unknown,
    { status = 200, keep = 'unkept' as keyof typeof respond, headers = {} } = {},
  ) => respond[keep](c, { status, body, headers }, requestId)

  const { version, runtime, engine } = about
  const status = async () => ({
    name: 'Taskport',
    version,
    commit: about.commit ?? null,
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
    api: V1,
    docs: '/docs',
    openapi: '/openapi.json',
    openapi_original: '/openapi-original.json',
    health: '/health',
    ready: '/ready',
    status: '/status',
  }
  get('/', async (c, requestId) => {
    const type = accepts(c, {
      header: 'Accept',
      supports: ['text/html', 'application/json'],
      default: 'text/html',
    })
    const response =
      type === 'text/html'
        ? new Response(await home(), {
            headers: pageHeaders(config, requestId, { connect: "'self'" }),
          })
        : json(c, requestId, { ...(await status()), links })
    response.headers.append('Vary', 'Accept')
    return response
  })

  get('/health', (c, requestId) => json(c, requestId, { status: 'ok' }))
  get('/ready', async (c, requestId) => {
    if (!(await deps.readiness()))
      return json(c, requestId, { status: 'unavailable' }, { status: 503 })
    // Still 200: what asks here decides whether requests are sent, and most of them can be served.
    const { state } = await storageNow(deps.db)
    return json(c, requestId, { status: 'ready', ...(state === 'full' && { storage: state }) })
  })
  get('/status', async (c, requestId) => {
    const isOperator = await metrics.admits(c.req.header('authorization'))
    const jobs = isOperator && { jobs: await deps.jobReports() }
    return json(c, requestId, { ...(await status()), ...jobs })
  })
  get('/.well-known/jwks.json', async (c, requestId) =>
    json(c, requestId, await credentials.jwks(), { keep: 'fiveMinutes' }),
  )
  signInRoutes(app, deps)

  const documentHeaders = headersOf(config, 'no-cache')
  const document = (path: string, make: () => Promise<string>): void => {
    let made: Static | undefined
    get(path, async (c, requestId) => {
      made ??= asStatic({ body: await make(), type: 'application/json' })
      return made(c, documentHeaders(c, requestId))
    })
  }
  // Loaded and made when it is first asked for: that takes longer than the rest of a start.
  const documents = () => import('./documents.ts')
  document('/openapi.json', async () => (await documents()).serviceDocument(deps))
  document('/openapi-original.json', async () => (await documents()).originalDocument(deps))
  // Swagger UI sets styles on its elements and draws its icons from data: URLs; scripts stay our
  // own files.
  const connect = [
    "'self'",
    ...(config.publicUrl === undefined ? [] : [new URL(config.publicUrl).origin]),
  ].join(' ')
  const docs = asStatic({ body: docsPage, type: PAGE })
  get('/docs', (c, requestId) =>
    docs(c, pageHeaders(config, requestId, { style: " 'unsafe-inline'", connect })),
  )
  const known = new Map<string, Static>()
  get('/assets/:name', (c, requestId) => {
    const name = c.req.param('name') ?? ''
    const asset = assets(name)
    if (!asset) throw notHere()
    const answer = known.get(name) ?? asStatic(asset)
    known.set(name, answer)
    return answer(c, {
      'Cache-Control': ONE_HOUR,
      'X-Content-Type-Options': 'nosniff',
      'X-Request-Id': requestId,
    })
  })

  get('/metrics', async (c, requestId) => {
    if (!(await metrics.admits(c.req.header('authorization')))) throw notHere()
    return json(c, requestId, await metrics.text(), {
      headers: { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' },
    })
  })
  return withFallback(app, deps)
}
