import { OpenAPIHono } from '@hono/zod-openapi'
import { baseUrlOf } from '../config.ts'
import { withComponents } from './component-schemas.ts'
import type { Deps } from './deps.ts'
import { documentedCodes, exampleOf } from './problem-examples.ts'

/** What the tags are about. The page of the document orders them as here (`pages/docs.js`). */
const descriptions: Readonly<Record<string, string>> = {
  'Sign-in': 'Accounts, tokens and sessions.',
  Account: 'The account of the caller.',
  'API keys': 'Keys for programs, each with its scopes.',
  Projects: 'Projects; every user has an inbox.',
  Tasks: 'Tasks, their lists and their trash.',
  Labels: 'Labels, which tasks carry by name.',
  System: 'The service itself.',
}

/** The operator, at the mailbox of a web service (RFC 2142, 5); without an address there is none. */
const contactOf = (config: Deps['config']) => {
  const url = baseUrlOf(config)
  const { hostname } = new URL(url)
  const domain = hostname.includes('.') ? hostname : 'taskport.invalid'
  return { name: 'The operator of this service', url, email: `webmaster@${domain}` }
}

/** The OpenAPI 3.1 document of what is registered in `apps`, as text. */
export const documentOf = (
  apps: readonly OpenAPIHono[],
  { config, about }: Pick<Deps, 'config' | 'about'>,
): string => {
  const all = new OpenAPIHono()
  for (const app of apps) all.route('/', app)
  all.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    description: 'An access token or an API key.',
  })
  all.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', {
    type: 'apiKey',
    in: 'header',
    name: 'X-API-Key',
    description:
      'The same, where Authorization is taken: a private Hugging Face Space keeps it for itself. This one wins.',
  })
  for (const code of documentedCodes)
    all.openAPIRegistry.registerComponent('examples', code, exampleOf(code))
  const used = new Set(
    all.openAPIRegistry.definitions.flatMap((d) =>
      d.type === 'route' ? (d.route.tags ?? []) : [],
    ),
  )
  const tags = Object.keys(descriptions).filter((name) => used.has(name))
  return JSON.stringify(
    withComponents(
      all.getOpenAPI31Document({
        openapi: '3.1.0',
        info: {
          title: 'Taskport',
          version: about.version,
          description:
            'A task backend for many users. To try it here: execute register or login under Sign-in, copy `access_token` out of the answer, and paste it into Authorize. It lasts 15 minutes. Errors are application/problem+json (RFC 9457); lists are paged by cursor; ETag and If-Match guard changes.',
          contact: contactOf(config),
          license: { name: 'MIT', url: 'https://spdx.org/licenses/MIT.html' },
        },
        servers: [{ url: config.publicUrl ?? '/' }],
        tags: [...new Set([...tags, ...used])]
          .sort((a, b) => a.localeCompare(b, 'en'))
          .map((name) => ({
            name,
            description: descriptions[name] ?? name,
          })),
      }),
    ),
  )
}
