// Hooks of node:module for versions of Node that do not run TypeScript themselves.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { transform } from 'esbuild'

/** The JavaScript of a module in TypeScript, and of one in JSON, for which they would warn. */
export const load = async (url, context, next) => {
  const { pathname } = new URL(url)
  const loader = pathname.endsWith('.ts') ? 'ts' : pathname.endsWith('.json') ? 'json' : undefined
  if (loader === undefined || !url.startsWith('file:') || pathname.includes('/node_modules/'))
    return next(url, context)
  const sourcefile = fileURLToPath(url)
  const text = await readFile(sourcefile, 'utf8')
  if (loader === 'json')
    return { format: 'module', source: `export default ${text}`, shortCircuit: true }
  const { code } = await transform(text, {
    loader,
    sourcefile,
    target: 'node20',
    sourcemap: 'inline',
  })
  return { format: 'module', source: code, shortCircuit: true }
}
