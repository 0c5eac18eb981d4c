// Tables and columns under the names that the family uses, and databases that have none.
import { expect, test } from 'vitest'
import { layoutOf } from '../../../scripts/import-legacy/layout.ts'

const tableOf = (name: string, ...columns: readonly string[]) => ({
  name,
  columns: columns.map((column) => ({ name: column, type: 'text' })),
})

test.each(['tasks', 'task', 'todos', 'todo', 'Task', 'TODOS'])('the table %s', (name) => {
  for (const user of ['user_id', 'userId', 'userid', 'owner_id'])
    expect(layoutOf([tableOf(name, 'id', 'title', user)]).tasks).toMatchObject([
      { name, id: { name: 'id' }, title: { name: 'title' }, user: { name: user } },
    ])
})

test.each([
  [[], 'without a table tasks, task, todos, todo; its tables are: none'],
  [[tableOf('items', 'id')], 'its tables are: items'],
  [
    [tableOf('todos', 'id', 'text', 'done')],
    'the table todos lacks the column title and user_id (or userId, owner_id); its columns are: id, text, done',
  ],
  [[tableOf('tasks', 'title', 'user_id')], 'the table tasks lacks the column id;'],
  [
    [
      tableOf('users', 'id', 'checked_seq'),
      tableOf('tasks', 'id', 'title', 'owner_id', 'title_key'),
    ],
    'a database of Taskport itself: npm run db:copy moves it',
  ],
] as const)('%o is refused', (tables, reason) => {
  expect(() => layoutOf(tables)).toThrow(reason)
})

test('a table that cannot be read beside one that can is named', () => {
  const { tasks, left } = layoutOf([
    tableOf('task', 'id', 'name'),
    tableOf('tasks', 'id', 'title', 'user_id'),
  ])
  expect(tasks.map(({ name }) => name)).toEqual(['tasks'])
  expect(left).toEqual([
    expect.stringContaining('the table task lacks the column title and user_id'),
  ])
})

test('beside the tables of Taskport those of the other backend are read', () => {
  const { tasks, users, tags } = layoutOf([
    tableOf('labels', 'id', 'owner_id', 'name'),
    tableOf('task_labels', 'task_id', 'label_id'),
    tableOf('tasks', 'id', 'title', 'owner_id', 'title_key'),
    tableOf('todos', 'id', 'title', 'user_id'),
    tableOf('user', 'id', 'email'),
    tableOf('users', 'id', 'email', 'checked_seq'),
  ])
  expect([tasks, users, tags].map((found) => found.map(({ name }) => name))).toEqual([
    ['todos'],
    ['user'],
    [],
  ])
})

test.each([
  [[tableOf('tags', 'id', 'name'), tableOf('task_tags', 'task_id', 'tag_id')], 'task_tags'],
  [[tableOf('Tag', 'id', 'name'), tableOf('TaskTag', 'taskId', 'tagId')], 'TaskTag'],
  [
    [tableOf('labels', 'id', 'title'), tableOf('tasktaglink', 'task_id', 'label_id')],
    'tasktaglink',
  ],
  [[tableOf('Tag', 'id', 'name'), tableOf('_TagToTask', 'A', 'B')], '_TagToTask'],
  [[tableOf('Label', 'id', 'name'), tableOf('_TodoToLabel', 'A', 'B')], '_TodoToLabel'],
  [[tableOf('task_tags', 'task_id', 'tag')], undefined],
  [[tableOf('tags', 'id', 'task_id', 'name')], undefined],
] as const)('the tags of %o', (tables, link) => {
  const { tags } = layoutOf([tableOf('tasks', 'id', 'title', 'user_id'), ...tables])
  expect(tags).toHaveLength(1)
  expect(tags[0]?.link?.name).toBe(link)
})
