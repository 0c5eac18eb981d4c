import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { extname, join } from 'node:path'
import type { Assets } from '../../http/deps.ts'
import type { Content } from '../../http/static-content.ts'
import { root } from './package-root.ts'

const PAGES = join(root, 'src/http/pages')
const types = new Map([
  ['.css', 'text/css; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
])

/** Where a single file holds it; packages cannot be resolved there. */
const SWAGGER = join(root, 'swagger-ui-dist')
const swaggerFolder = (): string =>
  existsSync(SWAGGER)
    ? SWAGGER
    : join(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'), '..')

/**
 * The files of the pages, with those of Swagger UI. Each is read when it is first needed, and kept.
 */
export const readAssets = (): Assets => {
  const swagger = swaggerFolder()
  const own = readdirSync(PAGES).filter((name) => types.has(extname(name)))
  const folders = new Map([
    ...own.map((name): [string, string] => [name, PAGES]),
    ...['swagger-ui.css', 'swagger-ui-bundle.js'].map((name): [string, string] => [name, swagger]),
  ])
  const read = new Map<string, Content>()
  return (name) => {
    const [folder, type] = [folders.get(name), types.get(extname(name))]
    if (folder && type && !read.has(name))
      read.set(name, { body: new Uint8Array(readFileSync(join(folder, name))), type })
    return read.get(name)
  }
}
