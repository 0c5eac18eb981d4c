import {
  type OpenAPIRegistry,
  OpenApiGeneratorV31,
  zodToOpenAPIRegistry,
} from '@asteasolutions/zod-to-openapi'
import { baseUrlOf } from '../config.ts'
import { described } from '../core/zod.ts'
import { withComponents } from './component-schemas.ts'
import type { Deps } from './deps.ts'

/** What a document says of itself. */
export type About = {
  readonly title: string
  readonly description: string
  /** What its tags are about; those that no operation has are left out. */
  readonly tags: Readonly<Record<string, string>>
  /** Its examples of problems, by their codes. */
  readonly examples: Readonly<Record<string, object>>
}

/** The operator, at the mailbox of a web service (RFC 2142, 5); without an address there is none. */
const contactOf = (config: Deps['config']) => {
  const url = baseUrlOf(config)
  const { hostname } = new URL(url)
  const domain = hostname.includes('.') ? hostname : 'taskport.invalid'
  return { name: 'The operator of this service', url, email: `webmaster@${domain}` }
}

/** The address that paths of a document begin with. */
export const serverOf = ({ config }: Pick<Deps, 'config'>): string => config.publicUrl ?? '/'

/** Tells the library of the descriptions, where it looks for what its own `.openapi(…)` was told. */
const registerDescriptions = (): void => {
  for (const [schema, { name, shown }] of described)
    if (!zodToOpenAPIRegistry.has(schema))
      zodToOpenAPIRegistry.add(schema, {
        ...shown,
        ...(name !== undefined && { _internal: { refId: name } }),
      })
}

/** The OpenAPI 3.1 document of what is registered, as text. */
export const documentOf = (
  registry: OpenAPIRegistry,
  deps: Pick<Deps, 'config' | 'about'>,
  { title, description, tags: descriptions, examples }: About,
): string => {
  const { config, about } = deps
  registerDescriptions()
  registry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    description: 'An access token or an API key.',
  })
  registry.registerComponent('securitySchemes', 'apiKey', {
    type: 'apiKey',
    in: 'header',
    name: 'X-API-Key',
    description:
      'The same, where Authorization is taken: a private Hugging Face Space keeps it for itself. This one wins.',
  })
  for (const [name, example] of Object.entries(examples))
    registry.registerComponent('examples', name, example)
  const used = new Set(
    registry.definitions.flatMap((d) => (d.type === 'route' ? (d.route.tags ?? []) : [])),
  )
  const tags = Object.keys(descriptions).filter((name) => used.has(name))
  return JSON.stringify(
    withComponents(
      new OpenApiGeneratorV31(registry.definitions).generateDocument({
        openapi: '3.1.0',
        info: {
          title,
          version: about.version,
          description,
          contact: contactOf(config),
          license: { name: 'MIT', url: 'https://spdx.org/licenses/MIT.html' },
        },
        servers: [{ url: serverOf(deps) }],
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
