import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Asset, Assets } from '../../http/deps.ts'
import { root } from './root.ts'

const PAGES = join(root, 'src/http/pages')
const types = { css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8' } as const

/** The files of the pages, our own and Swagger UI's. Each is read when it is first asked for, and kept. */
export const readAssets = (): Assets => {
  const swagger = join(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'), '..')
  const places = new Map<string, { folder: string; type: keyof typeof types }>([
    ['page.css', { folder: PAGES, type: 'css' }],
    ['docs.js', { folder: PAGES, type: 'js' }],
    ['home.js', { folder: PAGES, type: 'js' }],
    ['sign-in.js', { folder: PAGES, type: 'js' }],
    ['swagger-ui.css', { folder: swagger, type: 'css' }],
    ['swagger-ui-bundle.js', { folder: swagger, type: 'js' }],
  ])
  const read = new Map<string, Asset>()
  return (name) => {
    const place = places.get(name)
    if (place && !read.has(name)) read.set(name, { body: new Uint8Array(readFileSync(join(place.folder, name))), type: types[place.type] })
    return read.get(name)
  }
}
