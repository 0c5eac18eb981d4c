// The packages that bundles leave outside: found by asking the bundles, so that no list of them can
// go stale.
import { existsSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'

/** A package that is installed: its name and its folder. */
export type Package = { readonly name: string; readonly folder: string }
type Manifest = { readonly dependencies?: object; readonly optionalDependencies?: object }

/** The binaries of the other C library are installed beside those of this one, and never loaded. */
const { header } = process.report.getReport() as unknown as {
  header: { glibcVersionRuntime?: string }
}
const OTHER_LIBC = header.glibcVersionRuntime === undefined ? '-gnu' : '-musl'

/**
 * The packages that `files` import at run time, and those that these depend on, from the
 * node_modules of `root` and inside it.
 */
export const packagesOf = async (files: readonly string[], root: string): Promise<Package[]> => {
  const found = new Map<string, Package>()
  const add = (name: string, from: string): void => {
    const folder = installed(name, from, root)
    if (folder === undefined || found.has(folder)) return
    found.set(folder, { name, folder })
    const { dependencies, optionalDependencies } = JSON.parse(
      readFileSync(join(folder, 'package.json'), 'utf8'),
    ) as Manifest
    for (const other of Object.keys({ ...dependencies, ...optionalDependencies }))
      if (!other.endsWith(OTHER_LIBC) && !other.startsWith('@types/')) add(other, folder)
  }
  for (const name of await importsOf(files)) add(name, root)
  return [...found.values()]
}

const importsOf = async (files: readonly string[]): Promise<Set<string>> => {
  const { metafile } = await build({
    entryPoints: [...files],
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    outdir: 'unwritten',
    write: false,
    metafile: true,
    logLevel: 'error',
  })
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports)
  const names = imports
    .filter(({ external, path }) => external && !isBuiltin(path))
    .map(({ path }) => packageOf(path))
  return new Set(names)
}

/** `@scope/name` or `name` of a module's specifier. */
const packageOf = (specifier: string): string =>
  /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier

/**
 * Where `name` is, as seen from `folder`: the nearest node_modules that has it. Optional packages
 * may be nowhere.
 */
const installed = (name: string, folder: string, root: string): string | undefined => {
  const place = join(folder, 'node_modules', name)
  if (existsSync(place)) return place
  return folder === root ? undefined : installed(name, dirname(folder), root)
}
