import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Asset, Assets } from '../../http/deps.ts'
import { root } from './root.ts'

const PAGES = join(root, 'src/http/pages')
const types = { css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8' } as const

/** The files of the pages, our own and Swagger UI's, read once. */
export const readAssets = (): Assets => {
  const swagger = join(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'), '..')
  const read = (folder: string, name: string, type: keyof typeof types): [string, Asset] => [
    name,
    { body: new Uint8Array(readFileSync(join(folder, name))), type: types[type] },
  ]
  const files = new Map([
    read(PAGES, 'page.css', 'css'),
    read(PAGES, 'docs.js', 'js'),
    read(PAGES, 'home.js', 'js'),
    read(PAGES, 'sign-in.js', 'js'),
    read(swagger, 'swagger-ui.css', 'css'),
    read(swagger, 'swagger-ui-bundle.js', 'js'),
  ])
  return (name) => files.get(name)
}
