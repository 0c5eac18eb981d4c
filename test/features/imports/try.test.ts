import { test } from 'vitest'
import { imported, sample } from './harness.ts'
import { createWorld } from '../../support/world.ts'
test.each(['todo.txt','todoist.csv','todoist-old.csv','taskwarrior.json','thunderbird.ics','reminders.ics','tasksorg.ics'])('%s', async (name) => {
  const world = await createWorld()
  const ann = await world.register('ann')
  await ann.patch('/api/v1/me', { time_zone: 'Europe/Berlin' })
  const i = await imported(world, ann, sample(name), {name})
  console.log(JSON.stringify({...i, report: 0}))
  console.log(i.report.map((x: any) => JSON.stringify(x)).join('\n'))
  console.log((await ann.get('/api/v1/tasks?limit=50')).body.items.map((x: any) => JSON.stringify(x)).join('\n'))
  const j = await imported(world, ann, sample(name), {name})
  console.log(JSON.stringify(j.counts))
  console.log((await ann.get('/api/v1/export')).text)
  console.log((await ann.get('/api/v1/export?format=ics')).text)
  console.log((await ann.get('/api/v1/export?format=csv')).text)
  await world.close()
})
