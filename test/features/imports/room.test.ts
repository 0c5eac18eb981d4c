import { expect, test } from 'vitest'
import { createRoom } from '../../../src/features/imports/room.ts'
import type { Item } from '../../../src/features/imports/row.ts'

test('tasks, what belongs to them, and projects take no room from each other', () => {
  const room = createRoom({ rows: 2, beside: 1, named: 1 })
  const kinds = ['comment', 'reminder', 'task', 'occurrence', 'task', 'project', 'label', 'done']
  expect(kinds.filter((kind) => room.take({ kind } as Item))).toEqual([
    'comment',
    'task',
    'occurrence',
    'project',
  ])
})
