// The schema of the export that is published: what is exported fits it, and it is the code's.
import { readFileSync, writeFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { expect, test } from 'vitest'
import { z } from '../../../src/core/zod.ts'
import { ExportDocument } from '../../../src/features/exports/index.ts'
import { createWorld } from '../../support/world.ts'
import { sample } from '../imports/harness.ts'

/** `RECORD=1 npx vitest run test/features/exports/document.test.ts` writes it anew. */
const FILE = new URL('../../../docs/export.schema.json', import.meta.url)
const schemaOf = () => ({
  $id: 'urn:taskport:export:1',
  title: 'An export of Taskport, version 1',
  ...z.toJSONSchema(ExportDocument, {
    io: 'output',
    unrepresentable: 'any',
    // What is transformed are instants.
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type === 'transform')
        Object.assign(jsonSchema, { type: 'string', format: 'date-time' })
    },
  }),
})

const validator = () => {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  ;(addFormats as unknown as (ajv: Ajv2020) => void)(ajv)
  return ajv.compile(JSON.parse(readFileSync(FILE, 'utf8')))
}

test('the published schema is that of the code', () => {
  const text = `${JSON.stringify(schemaOf(), undefined, 2)}\n`
  if (process.env['RECORD'] === '1') writeFileSync(FILE, text)
  expect(JSON.parse(readFileSync(FILE, 'utf8'))).toEqual(JSON.parse(text))
})

test('an export fits it, and so does the first version of an export', async () => {
  const world = await createWorld()
  const ann = await world.register('Ann')
  await ann.post('/api/v1/tasks', {
    title: 'Sweep',
    due: { datetime: '2026-12-01T09:00:00', time_zone: 'Europe/Berlin' },
    labels: ['house'],
    extra: { a: 'b' },
  })
  const { body, headers } = await ann.get('/api/v1/export')
  const validate = validator()
  expect([validate(body), validate.errors]).toEqual([true, null])
  expect(headers.get('Content-Disposition')).toBe('attachment; filename="taskport-2026-11-23.json"')
  const old: unknown = JSON.parse(Buffer.from(sample('taskport-1.json')).toString())
  expect([validate(old), validate.errors]).toEqual([true, null])
  await world.close()
})
