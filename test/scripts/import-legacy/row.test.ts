// Rows of other backends as tasks: what has a place here is taken, the rest is kept in extra, and what
// cannot be kept is named.
import { describe, expect, test } from 'vitest'
import type { TaskTable } from '../../../scripts/import-legacy/layout.ts'
import { taskIn } from '../../../scripts/import-legacy/row.ts'

const NOW = Date.UTC(2026, 10, 29)
const column = (name: string) => ({ name, type: 'text' })
const mapped = (values: Record<string, unknown>, tags: readonly string[] = []) => {
  const row = { id: 7, user_id: 1, title: 'Milk', ...values }
  const columns = Object.keys(row).map(column)
  const [id, title, user] = ['id', 'title', 'user_id'].map(column) as [any, any, any]
  const table: TaskTable = { name: 'tasks', columns, id, title, user }
  return taskIn(new Map(Object.entries(row)), { table, id: '7', tags, now: NOW })
}
const taken = (values: Record<string, unknown>, tags: readonly string[] = []) => {
  const result = mapped(values, tags)
  if ('refused' in result) throw new Error(result.refused)
  return result
}
const taskOf = (values: Record<string, unknown>, tags: readonly string[] = []) =>
  taken(values, tags).task
const reasons = (values: Record<string, unknown>, tags: readonly string[] = []) =>
  taken(values, tags).notes.map(({ column, reason }) => `${column}: ${reason}`)

test('a row with nothing but its title', () => {
  expect(taken({ description: null, completed: null, due_date: '' })).toEqual({
    task: {
      title: 'Milk',
      description: '',
      status: 'pending',
      priority: 'none',
      start: null,
      due: null,
      deadline: null,
      estimate_minutes: null,
      url: null,
      external_id: null,
      blocked_by: [],
      recurrence: null,
      labels: [],
      extra: { legacy_id: '7' },
      created_at: null,
      updated_at: null,
      completed_at: null,
    },
    written: null,
    notes: [],
  })
})

describe('completed and status', () => {
  test.each([
    [{ completed: 1 }, 'completed'],
    [{ is_completed: false }, 'pending'],
    [{ isCompleted: 't' }, 'completed'],
    [{ iscompleted: '1' }, 'completed'],
    [{ done: true }, 'completed'],
    [{ status: 'DONE' }, 'completed'],
    [{ status: 'IN_PROGRESS', completed: 0 }, 'in_progress'],
    [{ status: 'cancelled' }, 'cancelled'],
  ])('%o: %s', (values, status) => {
    expect(taskOf(values).status).toBe(status)
    expect(reasons(values)).toEqual([])
  })
  test.each([
    [{ status: 'pending', completed: 1 }, 'completed', 'contradict'],
    [{ status: 'done', completed: 0 }, 'completed', 'contradict'],
    [{ status: 'blocked' }, 'pending', 'status: The status is'],
    [{ status: 'blocked', completed: true }, 'completed', 'status: The status is'],
    [{ completed: 'maybe' }, 'pending', 'completed: completed is true or false'],
    [{ status: 7, completed: 0 }, 'pending', 'status: The status is'],
  ])('%o: %s, and the report says %s', (values, status, reason) => {
    expect(taskOf(values).status).toBe(status)
    expect(reasons(values)).toEqual([expect.stringContaining(reason)])
  })
  test('a word that means nothing is kept', () => {
    expect(taskOf({ status: 'blocked' }).extra).toMatchObject({ status: 'blocked' })
  })
})

describe('dues', () => {
  test.each([
    ['2026-12-01', { kind: 'day', date: '2026-12-01' }],
    ['2026-12-01 09:00:00', { kind: 'floating', datetime: '2026-12-01T09:00:00' }],
    [
      '2026-12-01 09:00:00+02',
      { kind: 'zoned', datetime: '2026-12-01T07:00:00', time_zone: 'UTC' },
    ],
    [1_796_115_600_000, { kind: 'zoned', datetime: '2026-12-01T09:00:00', time_zone: 'UTC' }],
  ])('%s', (given, due) => {
    for (const name of ['due_date', 'dueDate', 'duedate', 'deadline'])
      expect(taskOf({ [name]: given }).due).toEqual(due)
  })
  test.each([
    '2026-02-30',
    '0000-00-00 00:00:00',
    'infinity',
    '10000-01-01',
    'soon',
    true,
    {},
    20_261_201,
  ])('%o is kept, and named', (given) => {
    const { due, extra } = taskOf({ dueDate: given })
    expect(due).toBeNull()
    expect(Object.keys(extra)).toContain(typeof given === 'string' ? 'due_date' : 'due_date.json')
    expect(reasons({ dueDate: given })).toEqual([
      expect.stringMatching(/^dueDate: .*Kept in extra/),
    ])
  })
})

describe('tags', () => {
  test.each([
    [['b', 'a']],
    ['["b", "a"]'],
    ['b, a,'],
    ['{b,a}'],
    ['{"b","a"}'],
    ["['b', 'a']"],
    [[{ name: 'b' }, { name: 'a' }]],
  ])('%o', (tags) => {
    expect(taskOf({ tags }).labels).toEqual(['a', 'b'])
    expect(taskOf({ labels: tags }, ['c', 'a']).labels).toEqual(['a', 'b', 'c'])
  })
  test('numbers, none, and NFC', () => {
    expect(taskOf({ tags: '[1, 2]' }).labels).toEqual(['1', '2'])
    for (const tags of ['', '[]', '{}', [], ' , ']) expect(taskOf({ tags }).labels).toEqual([])
    expect(taskOf({ tags: ['e\u0301'] }, ['é']).labels).toEqual(['é'])
  })
  test('what is no label, and more than fifty, is kept', () => {
    const long = 'x'.repeat(61)
    expect(taskOf({ tags: ['a', long, 'b\nc'] })).toMatchObject({
      labels: ['a'],
      extra: { 'tags.json': JSON.stringify([long, 'b\nc']) },
    })
    const many = Array.from({ length: 60 }, (_, i) => `tag ${i}`)
    const { labels, extra } = taskOf({ tags: many })
    expect([labels.length, JSON.parse(extra['tags.json'] ?? '').length]).toEqual([50, 10])
    expect(reasons({ tags: many })).toEqual([expect.stringMatching(/^tags: .*10 kept in extra/)])
  })
})

describe('texts', () => {
  test.each([null, '', '   ', '\u200b'])('the title %o', (title) => {
    expect(taskOf({ title }).title).toBe('(no title)')
    expect(reasons({ title })).toEqual([expect.stringMatching(/^title: it is blank/)])
  })
  test('a title that is too long begins the description', () => {
    const title = '🥛'.repeat(501)
    const { title: cut, description } = taskOf({ title, description: 'more' })
    expect([...cut]).toHaveLength(500)
    expect(description).toBe(`${title}\n\nmore`)
    expect(reasons({ title })).toEqual([expect.stringContaining('501 characters')])
    expect(taskOf({ title: '🥛'.repeat(500) }).description).toBe('')
  })
  test('a description that is too long loses its end, and no part of a letter', () => {
    const { description } = taskOf({ description: `x${'ü'.repeat(33_000)}` })
    expect(Buffer.byteLength(description)).toBe(65_535)
    expect(description).toMatch(/^xü+$/)
    expect(reasons({ description: `x${'ü'.repeat(33_000)}` })).toEqual([
      'description: it has 66001 bytes: the last 466 are left out',
    ])
  })
  test('NUL, controls and halves of letters are taken out', () => {
    const given = 'a\u0000b\u0007c\ud800d\te\n'
    expect(taskOf({ title: given, description: given, notes: given })).toMatchObject({
      title: 'abc\ufffdd\te\n',
      description: 'abc\ufffdd\te\n',
      extra: { notes: 'abc\ufffdd\te\n' },
    })
    expect(reasons({ title: given, description: given })).toHaveLength(2)
  })
})

describe('what there is no field for', () => {
  test('is kept under its name, as the contract keeps it', () => {
    expect(
      taskOf({
        category: 'chores',
        isRecurring: true,
        recurrence_pattern: { every: 'week' },
        color: 'red',
        list_id: 4,
        nothing: null,
      }).extra,
    ).toEqual({
      legacy_id: '7',
      category: 'chores',
      'is_recurring.json': 'true',
      'recurrence_pattern.json': '{"every":"week"}',
      color: 'red',
      'list_id.json': '4',
    })
  })
  test('and what does not fit is named: the fields of the contract come first', () => {
    const values = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`x${i}`, 'y']))
    const { extra } = taskOf({ ...values, category: 'chores' })
    expect(Object.keys(extra)).toHaveLength(20)
    expect(extra).toMatchObject({ legacy_id: '7', category: 'chores' })
    expect(reasons({ ...values, category: 'chores' })).toHaveLength(12)
    expect(taskOf({ notes: 'x'.repeat(5_000), color: 'red' }).extra).toEqual({
      legacy_id: '7',
      color: 'red',
    })
    expect(reasons({ notes: 'x'.repeat(5_000) })).toEqual([
      expect.stringMatching(/^notes: it is left out/),
    ])
  })
  test('a second column for a field is one of them', () => {
    expect(taskOf({ due_date: '2026-12-01', deadline: '2026-12-02' })).toMatchObject({
      due: { date: '2026-12-01' },
      extra: { deadline: '2026-12-02' },
    })
  })
})

describe('times', () => {
  test('of the row, which may lie in no order', () => {
    const { task, written } = taken({
      created_at: '2026-01-02 10:00:00',
      updatedAt: '2026-01-01 10:00:00',
      completed_at: '2026-01-03 10:00:00',
      completed: 1,
    })
    expect(written).toBe(Date.UTC(2026, 0, 2, 10))
    expect(task).toMatchObject({
      created_at: '2026-01-02T10:00:00.000Z',
      updated_at: '2026-01-02T10:00:00.000Z',
      completed_at: '2026-01-03T10:00:00.000Z',
    })
  })
  test.each(['2099-01-01 10:00:00', '1969-12-31 23:59:59', 'infinity', 'long ago'])(
    '%s is no time at which something was made',
    (created_at) => {
      expect(taskOf({ created_at })).toMatchObject({ created_at: null, extra: { created_at } })
      expect(reasons({ created_at })).toEqual([expect.stringMatching(/^created_at: it /)])
    },
  )
  test('of an open task, when it was completed is kept', () => {
    expect(taskOf({ completed_at: '2026-01-03T10:00:00' })).toMatchObject({
      completed_at: null,
      extra: { completed_at: '2026-01-03T10:00:00' },
    })
  })
})

test.each([
  [{ deleted_at: '2026-01-01' }, 'deleted_at'],
  [{ isDeleted: 1 }, 'isDeleted'],
  [{ is_deleted: '0', deleted_at: '2026-01-01' }, 'deleted_at'],
  [{ deleted: false, is_deleted: 0, deletedAt: 'yes' }, 'deletedAt'],
])('%o is deleted there', (values, name) => {
  expect(mapped(values)).toEqual({ refused: `it is deleted there (${name})` })
})
test.each([{ is_deleted: 0 }, { deleted: false }, { deleted_at: null }])('%o is not', (values) => {
  expect('task' in mapped(values)).toBe(true)
})
