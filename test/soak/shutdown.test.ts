// SIGTERM where the last backup cannot be made in time: it is given up, and said, and the process
// ends well.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { addBallast } from '../support/ballast.ts'
import { startTaskport, temporaryFolder } from '../support/process.ts'
import { startS3, type Trouble } from '../support/servers/s3.ts'
import { isSmall, sized, until } from '../support/size.ts'
import { faultsOf } from './file.ts'
import { enter } from './person.ts'

const SECONDS = sized('SHUTDOWN', { full: 10, small: 40 })
/** Packing so much takes longer than there is time. */
const MIB = sized('MIB', { full: 1_500, small: 1 })

type Case = { readonly trouble?: Trouble; readonly mebibytes: number }
const cases: Readonly<Record<string, Case>> = {
  'a bucket that hangs': {
    trouble: { matches: () => true, wait: new Promise(() => {}) },
    mebibytes: 1,
  },
  'a bucket that refuses': { trouble: { matches: () => true, status: 503 }, mebibytes: 1 },
  ...(!isSmall && { 'a backup that takes too long to pack': { mebibytes: MIB } }),
}

test.each(Object.entries(cases))(
  `SIGTERM with ${SECONDS} s and %s`,
  async (name, { trouble, mebibytes }) => {
    const s3 = await startS3()
    const folder = temporaryFolder()
    const path = join(folder, 'taskport.db')
    const first = await startTaskport({ DATA_DIR: folder, LOG_LEVEL: 'warning' })
    await enter(first.url, 'ada', 'register')
    first.child.kill('SIGTERM')
    await first.exit
    await addBallast(path, mebibytes)

    const service = await startTaskport({
      ...s3.env(),
      DATA_DIR: folder,
      SHUTDOWN_SECONDS: String(SECONDS),
    })
    const asked = s3.log.length
    if (trouble) s3.troubles = [trouble]
    const ada = await enter(service.url, 'ada', 'login')
    await ada.post('in no backup')
    if (trouble?.status !== undefined) await until(() => s3.log.length > asked)
    else await until(() => existsSync(`${path}.copy`))
    const began = performance.now()
    service.child.kill('SIGTERM')
    const code = await service.exit
    const ms = performance.now() - began
    const lines = service
      .out()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    const said = lines.filter(
      ({ message }) => message === 'no backup holds the last writes, they are on this disk only',
    )
    console.log(
      `${name}: ended with ${code} after ${Math.round(ms)} ms, and said that ${said[0]?.unsaved_seconds} s of writes are in no backup`,
    )
    await s3.close()
    expect(code).toBe(0)
    expect(said).toHaveLength(1)
    expect(lines.at(-1)).toMatchObject({ message: 'the process ends', reason: 'SIGTERM', code: 0 })
    expect(service.err().trimEnd().split('\n')).toHaveLength(1)
    expect(existsSync(`${path}.copy`)).toBe(false)
    expect(await faultsOf(path)).toEqual([])
    if (!isSmall) expect(ms).toBeLessThanOrEqual(SECONDS * 1_000)
  },
)
