// What Node has compiled of the server, for the image: a start that finds it saves a sixth of its
// time.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The user of the image. Node keeps what it has compiled apart for each user. */
const USER = 1000
const asUser = process.getuid?.() === 0 ? { uid: USER, gid: USER } : {}

/** The folder of the user alone, who writes to it. */
const give = (folder: string) => {
  if (asUser.uid !== undefined) chownSync(folder, asUser.uid, asUser.gid)
}

/**
 * Starts and ends the server that is laid out in `app`, an absolute path, with the flags of `npm start`,
 * which what is compiled depends on, and keeps what Node compiles in `app/compiled/`, for everyone
 * to read. As root it runs as the user of the image; anyone else compiles for himself. Rejects,
 * with what the server says, if it does not start, and if nothing was kept.
 */
export const compile = async (app: string, startScript: string): Promise<void> => {
  const compiled = join(app, 'compiled')
  mkdirSync(compiled)
  const data = mkdtempSync(join(tmpdir(), 'taskport-compile-'))
  for (const folder of [compiled, data]) give(folder)
  try {
    await startAndEnd(startScript, {
      cwd: app,
      env: {
        NODE_COMPILE_CACHE: compiled,
        NODE_COMPILE_CACHE_PORTABLE: '1',
        DATA_DIR: data,
        HOST: '127.0.0.1',
        PORT: '0',
      },
    })
  } finally {
    rmSync(data, { recursive: true })
  }
  const entries = readdirSync(compiled, { recursive: true, withFileTypes: true })
  if (entries.length === 0) throw new Error('Node has kept nothing of what it compiled.')
  for (const entry of entries)
    chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644)
}

type Place = { readonly cwd: string; readonly env: NodeJS.ProcessEnv }

const startAndEnd = async (script: string, { cwd, env }: Place): Promise<void> => {
  const [, ...args] = script.replace(/^exec /, '').split(' ')
  const child = spawn(process.execPath, args, {
    cwd,
    env,
    ...asUser,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const exit = once(child, 'exit')
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
    if (/^Taskport .* is at /m.test(said)) child.kill('SIGTERM')
  })
  const [code] = await exit
  if (code !== 0) throw new Error(`The server did not start, so nothing was compiled:\n${said}`)
}
