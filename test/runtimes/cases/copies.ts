import { expect, test } from 'vitest'
import { enter } from '../../soak/person.ts'
import { startS3 } from '../../support/servers/s3.ts'
import type { MakeDatabase } from '../databases.ts'
import type { Runtime } from '../suite.ts'

export const copies = (runtime: Runtime, make: MakeDatabase): void =>
  test('ended on one disk and started on an empty one: what was acknowledged comes back from the bucket, encrypted there', async () => {
    const s3 = await startS3()
    s3.redirect = true // as stores do that hand large objects out from elsewhere
    const env = {
      ...s3.env('here'),
      BACKUP_ENCRYPTION_KEY: 'a key of thirty-two characters!!',
      RATE_LIMIT: 'off',
    }
    const [disk, other] = [await make(), await make()]
    const first = await runtime.start({ database: disk.url, env })
    const titles = Array.from({ length: 40 }, (_, i) => `task ${i}`)
    try {
      const ada = await enter(first.url, 'ada', 'register')
      await Promise.all(titles.map((title) => ada.post(title)))
    } finally {
      expect(await first.stop(), first.said()).toBe(0)
    }
    const [copy] = [...s3.objects].filter(([key]) => key.startsWith('here/copies/')).at(-1) ?? []
    expect(copy).toMatch(/\.db\.gz\.enc$/)
    const second = await runtime.start({ database: other.url, env })
    try {
      const tasks = await (await enter(second.url, 'ada', 'login')).tasks()
      expect(tasks.map(({ title }) => title).toSorted()).toEqual(titles.toSorted())
    } finally {
      expect(await second.stop(), second.said()).toBe(0)
    }
    await Promise.all([disk.drop(), other.drop(), s3.close()])
  })
