// Clients that generators make of the OpenAPI document compile, and hold a session each. Their
// tools are installed for the run, from their registries; what this machine cannot build is named.
import { type SpawnOptions, spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { startTaskport, temporaryFolder } from '../support/process.ts'

const SESSIONS = join(import.meta.dirname, 'clients')
const BIN = join(import.meta.dirname, '../../node_modules/.bin')
const PYTHON = join(import.meta.dirname, '../../.cache/openapi-python-client')
const found = new Set(
  (process.env['PATH'] ?? '').split(delimiter).flatMap((folder) => {
    try {
      return readdirSync(folder)
    } catch {
      return []
    }
  }),
)

/** A generator in a folder of its own; `document` is the path of the document. */
type Making = {
  readonly folder: string
  readonly document: string
  /** Runs a command in the folder; answers what it said, and throws that if it fails. */
  run(command: string, ...args: string[]): Promise<string>
  write(file: string, text: string): void
  /** The program that holds the session, as this file. */
  session(name: string, file: string): void
}
type Generator = {
  readonly name: string
  /** Commands that it takes. */
  readonly needs: readonly string[]
  /** Installs, generates and compiles; answers the command that holds the session, if one is written. */
  make(making: Making): Promise<readonly [string, ...string[]] | undefined>
}

/** The versions are those of docs/api.md. */
const typescript = (
  name: string,
  packages: readonly string[],
  generate: (making: Making) => Promise<unknown>,
): Generator => ({
  name,
  needs: ['npm'],
  make: async (making) => {
    const { run, write, session } = making
    write('package.json', '{"type":"module","private":true}')
    write('tsconfig.json', '{}') // or generators look for one in the folders above
    await run(
      'npm',
      'install',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      'typescript@5.9.3',
      '@types/node@24.10.1',
      ...packages,
    )
    await generate(making)
    session(`${name}.ts.txt`, 'session.ts')
    const strict = ['--noEmit', '--strict', '--target', 'es2023', '--module', 'esnext']
    const resolve = [
      '--moduleResolution',
      'bundler',
      '--types',
      'node',
      '--lib',
      'es2023,dom,dom.iterable',
    ]
    await run('node', 'node_modules/typescript/bin/tsc', ...strict, ...resolve, 'session.ts')
    const bundle = ['--bundle', '--platform=node', '--format=esm', '--outfile=session.mjs']
    await run(join(BIN, 'esbuild'), 'session.ts', ...bundle)
    return ['node', 'session.mjs']
  },
})

const GO_MODULE = `module example.org/session

go 1.24

require (
	github.com/oapi-codegen/runtime v1.9.0
)
`

const VERSION = '7.25.0'
const JAR = `m2/org/openapitools/openapi-generator-cli/${VERSION}/openapi-generator-cli-${VERSION}.jar`
const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1'

/** Gets the generator as JAR, into a repository of its own; answers the option that names that one. */
const openApiGenerator = async ({
  folder,
  run,
}: Pick<Making, 'folder' | 'run'>): Promise<string> => {
  const repository = `-Dmaven.repo.local=${join(folder, 'm2')}`
  const artifact = `-Dartifact=org.openapitools:openapi-generator-cli:${VERSION}`
  await run('mvn', '-q', '-B', repository, `${PLUGIN}:get`, artifact, '-Dtransitive=false')
  return repository
}

const generators: readonly Generator[] = [
  {
    name: 'oapi-codegen (Go)',
    needs: ['go'],
    make: async ({ document, run, write, session }) => {
      write('go.mod', GO_MODULE)
      const tool = 'github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2'
      write('taskport/.keep', '')
      const options = ['-generate', 'types,client', '-package', 'taskport']
      await run('go', 'run', tool, ...options, '-o', 'taskport/client.gen.go', document)
      session('session.go.txt', 'main.go')
      await run('go', 'mod', 'tidy')
      await run('go', 'vet', './...')
      await run('go', 'build', '-o', 'session', '.')
      return ['./session']
    },
  },
  {
    name: 'openapi-generator (Java)',
    needs: ['java', 'mvn'],
    make: async ({ folder, document, run, session }) => {
      const repository = await openApiGenerator({ folder, run })
      const options = ['-g', 'java', '--library', 'native', '-o', 'client']
      await run('java', '-jar', JAR, 'generate', '-i', document, ...options)
      session('Session.java.txt', 'client/src/main/java/Session.java')
      const pom = ['-f', 'client/pom.xml', '-DskipTests']
      await run('mvn', '-q', '-B', repository, ...pom, 'package', `${PLUGIN}:copy-dependencies`)
      const classpath = ['client/target/classes', 'client/target/dependency/*'].join(delimiter)
      return ['java', '-cp', classpath, 'Session']
    },
  },
  {
    name: 'openapi-generator (C#)',
    needs: ['java', 'mvn', 'dotnet'],
    make: async ({ folder, document, run }) => {
      await openApiGenerator({ folder, run })
      const options = ['-g', 'csharp', '--library', 'httpclient', '-o', 'client']
      await run('java', '-jar', JAR, 'generate', '-i', document, ...options)
      await run('dotnet', 'build', 'client/src/Org.OpenAPITools')
      return undefined
    },
  },
  {
    name: 'openapi-python-client',
    needs: ['python3'],
    make: async ({ document, run, session }) => {
      // Kept: it takes longer to install than all the rest.
      await run('python3', '-m', 'venv', PYTHON)
      const tools = ['openapi-python-client==0.29.1', 'mypy==2.4.1']
      await run(join(PYTHON, 'bin/pip'), 'install', '--quiet', ...tools)
      const python = join(PYTHON, 'bin/python')
      const generator = join(PYTHON, 'bin/openapi-python-client')
      const options = ['--meta', 'none', '--output-path', 'taskport']
      await run(generator, 'generate', '--path', document, ...options)
      session('session.py.txt', 'session.py')
      await run(python, '-m', 'mypy', '--strict', 'taskport', 'session.py')
      return [python, 'session.py']
    },
  },
  typescript(
    'openapi-typescript',
    ['openapi-typescript@7.13.0', 'openapi-fetch@0.17.0'],
    ({ document, run }) =>
      run('node', 'node_modules/openapi-typescript/bin/cli.js', document, '-o', 'schema.d.ts'),
  ),
  typescript('hey-api', ['@hey-api/openapi-ts@0.95.0'], ({ document, run }) =>
    run(
      'node_modules/.bin/openapi-ts',
      '-i',
      document,
      '-o',
      'client',
      '-c',
      '@hey-api/client-fetch',
    ),
  ),
  typescript('orval', ['orval@7.13.2'], ({ document, run }) =>
    run(
      'node_modules/.bin/orval',
      '--input',
      document,
      '--output',
      'client.ts',
      '--client',
      'fetch',
    ),
  ),
]

const said = (command: string, args: readonly string[], options: SpawnOptions): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    let text = ''
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
      })
    child.once('error', reject)
    child.once('close', (code) =>
      code === 0
        ? resolve(text)
        : reject(new Error(`${command} ${args.join(' ')} → ${code}\n${text.slice(-6_000)}`)),
    )
  })

type Row = { generator: string; compiles: string; session: string }
const table: Row[] = []
afterAll(() => console.table(table))

describe('clients that generators make', () => {
  for (const { name, needs, make } of generators) {
    const absent = needs.filter((command) => !found.has(command))
    const row: Row = { generator: name, compiles: 'no', session: 'no' }
    table.push(row)
    if (absent.length > 0) row.compiles = row.session = `not tried: no ${absent.join(', ')} here`
    test.skipIf(absent.length > 0)(`${name}: it compiles, and its session holds`, async () => {
      const { url } = await startTaskport({ RATE_LIMIT: 'off' })
      const folder = temporaryFolder()
      const options = { cwd: folder, env: { ...process.env, TASKPORT: url, GOFLAGS: '-mod=mod' } }
      const document = join(folder, 'openapi.json')
      writeFileSync(document, await (await fetch(`${url}/openapi.json`)).text())
      const session = await make({
        folder,
        document,
        run: (program, ...given) => said(program, given, options),
        write: (file, text) => {
          mkdirSync(join(folder, file, '..'), { recursive: true })
          writeFileSync(join(folder, file), text)
        },
        session: (file, to) => copyFileSync(join(SESSIONS, file), join(folder, to)),
      })
      row.compiles = 'yes'
      row.session = 'none is written'
      if (session === undefined) return
      const [command, ...args] = session
      expect(await said(command, args, options)).toContain('session held')
      row.session = 'holds'
    })
  }
})
