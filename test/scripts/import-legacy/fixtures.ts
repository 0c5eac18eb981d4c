// Databases of the family, as its backends make them, each with the same users and what is typical of
// its tools.
import { join } from 'node:path'
import Libsql from 'libsql'
import mysql from 'mysql2/promise'
import postgres from 'postgres'
import { onTestFinished } from 'vitest'
import { freshDatabases } from '../../support/fresh.ts'
import { temporaryFolder } from '../../support/process.ts'

type Made = { readonly url: string }

const onPostgres = async (statements: readonly string[]): Promise<Made> => {
  const fresh = await freshDatabases().Postgres?.()
  if (!fresh) throw new Error('Postgres is not here')
  onTestFinished(fresh.drop)
  const sql = postgres(fresh.url, { max: 1, onnotice: () => {} })
  for (const text of statements) await sql.unsafe(text)
  await sql.end()
  return { url: fresh.url }
}

const onMySql = async (statements: readonly string[]): Promise<Made> => {
  const fresh = await freshDatabases().MariaDB?.()
  if (!fresh) throw new Error('MariaDB is not here')
  onTestFinished(fresh.drop)
  const connection = await mysql.createConnection(fresh.url)
  for (const text of statements) await connection.query(text)
  await connection.end()
  return { url: fresh.url }
}

type Values = readonly (string | number | null | Buffer)[]
/** A file, with rows that take values. */
export const onFile = async (
  statements: readonly string[],
  rows: readonly (readonly [string, Values])[] = [],
): Promise<Made> => {
  const path = join(temporaryFolder(), 'todo.db')
  const db = new Libsql(path)
  for (const text of statements) db.exec(text)
  for (const [text, values] of rows) db.prepare(text).run(values)
  db.close()
  return { url: `sqlite:///${path}` }
}

/** SQLModel, with the users of Better Auth, whose tokens name them by `id`. */
export const sqlModel = () =>
  onPostgres([
    `create table "user" ("id" text primary key, "name" text not null, "email" text not null unique, "emailVerified" boolean not null, "image" text, "createdAt" timestamptz not null default now(), "updatedAt" timestamptz not null default now())`,
    "create type priority as enum ('LOW', 'MEDIUM', 'HIGH')",
    'create table tasks (id serial primary key, user_id varchar not null, title varchar(200) not null, description varchar(1000), completed boolean not null, priority priority not null, due_date timestamptz, tags varchar[], category varchar, recurrence_pattern json, is_recurring boolean, created_at timestamp not null, updated_at timestamp not null, completed_at timestamp)',
    `insert into "user" values ('dJ2qPz1Vw0', 'Ada', 'ada@example.org', true), ('k9XbN4', 'Bob', 'bob@example.org', false)`,
    `insert into tasks (user_id, title, description, completed, priority, due_date, tags, category, recurrence_pattern, is_recurring, created_at, updated_at, completed_at) values
      ('dJ2qPz1Vw0', 'Milk', '2 %', false, 'HIGH', '2026-12-01 09:00:00+05:30', array['home', 'corner, shop', 'a"b'], 'chores', '{"every": "week"}', true, '2026-01-01 10:00:00.123456', '2026-02-01 10:00:00', null),
      ('dJ2qPz1Vw0', 'Bread', null, true, 'LOW', null, null, null, null, null, '2026-01-02 10:00:00', '2026-02-02 10:00:00', '2026-02-01 08:00:00'),
      ('k9XbN4', 'Nails', '', false, 'MEDIUM', 'infinity', '{}', null, null, false, '2026-01-03 10:00:00', '2026-01-03 10:00:00', null)`,
  ])

/** Prisma on Postgres: quoted names, its many-to-many table, times of UTC without a zone. */
export const prisma = () =>
  onPostgres([
    `create type "Status" as enum ('TODO', 'IN_PROGRESS', 'DONE')`,
    `create table "User" ("id" text primary key, "email" text not null, "name" text, "password" text)`,
    `create table "Task" ("id" uuid primary key, "title" text not null, "description" text, "status" "Status" not null, "priority" integer, "dueDate" timestamp(3), "reminderAt" timestamp(3), "userId" text not null references "User", "createdAt" timestamp(3) not null, "updatedAt" timestamp(3) not null, "deletedAt" timestamp(3))`,
    `create table "Tag" ("id" text primary key, "name" text not null)`,
    `create table "_TagToTask" ("A" text not null references "Tag", "B" uuid not null references "Task")`,
    `insert into "User" values ('cl1', 'Ada@Example.org', 'Ada', '$2b$10$x'), ('cl2', 'bob@example.org', null, null)`,
    `insert into "Tag" values ('t1', 'home'), ('t2', 'shop')`,
    `insert into "Task" values
      ('0199c2f4-5a2b-4c3d-8e4f-5a6b7c8d9e01', 'Milk', '2 %', 'IN_PROGRESS', 3, '2026-12-01 09:00:00', '2026-12-01 08:00:00', 'cl1', '2026-01-01 10:00:00.123', '2026-02-01 10:00:00', null),
      ('0199c2f4-5a2b-4c3d-8e4f-5a6b7c8d9e02', 'Bread', null, 'DONE', null, null, null, 'cl1', '2026-01-02 10:00:00', '2026-02-02 10:00:00', null),
      ('0199c2f4-5a2b-4c3d-8e4f-5a6b7c8d9e03', 'Gone', null, 'TODO', null, null, null, 'cl1', '2026-01-02 10:00:00', '2026-02-02 10:00:00', '2026-02-03 10:00:00'),
      ('0199c2f4-5a2b-4c3d-8e4f-5a6b7c8d9e04', 'Nails', null, 'TODO', 1, null, null, 'cl2', '2026-01-03 10:00:00', '2026-01-03 10:00:00', null)`,
    `insert into "_TagToTask" values ('t1', '0199c2f4-5a2b-4c3d-8e4f-5a6b7c8d9e01'), ('t2', '0199c2f4-5a2b-4c3d-8e4f-5a6b7c8d9e01')`,
  ])

/** SQLAlchemy on SQLite: integers as ids, JSON as text, a password's hash. */
export const sqlAlchemy = () =>
  onFile([
    'create table users (id integer primary key, email varchar(255), username varchar(50), hashed_password varchar)',
    'create table tasks (id integer primary key, owner_id integer references users, title varchar(200) not null, description text, is_completed boolean not null default 0, priority varchar(10), due_date date, tags json, category varchar, reminder_time datetime, created_at datetime, updated_at datetime, color varchar)',
    "insert into users values (1, 'ada@example.org', 'Ada', '$2b$12$x'), (2, 'bob@example.org', null, null)",
    `insert into tasks values
      (1, 1, 'Milk', '2 %', 0, 'high', '2026-12-01', '["home", "shop"]', 'chores', '2026-12-01 08:00:00.000000', '2026-01-01 10:00:00.123456', '2026-02-01 10:00:00', 'red'),
      (2, 1, 'Bread', null, 1, null, null, 'home, , shop', null, null, '2026-01-02 10:00:00', '2026-02-02 10:00:00', null),
      (3, 2, 'Nails', null, 0, 'low', null, null, null, null, '2026-01-03 10:00:00', null, null)`,
  ])

/** MySQL with a table `todos`, a table of tags, and flags that are numbers. */
export const todos = () =>
  onMySql([
    'create table user (id bigint unsigned auto_increment primary key, email varchar(190), full_name varchar(100))',
    'create table todos (id bigint unsigned auto_increment primary key, userId bigint unsigned not null, title varchar(255), description longtext, completed tinyint(1) default 0, priority enum("low", "medium", "high"), dueDate datetime, isRecurring bit(1), createdAt timestamp(6) null, updatedAt datetime(3))',
    'create table tags (id int primary key, name varchar(50))',
    'create table todo_tags (todo_id bigint unsigned, tag_id int)',
    'insert into user values (1, "ada@example.org", "Ada"), (2, "bob@example.org", "Bob")',
    'set time_zone = "+00:00"',
    `insert into todos values
      (1, 1, 'Milk', '2 %', 0, 'high', '2026-12-01 09:00:00', b'1', '2026-01-01 10:00:00.123456', '2026-02-01 10:00:00'),
      (2, 1, 'Bread 🥖', null, 1, null, null, b'0', '2026-01-02 10:00:00', null),
      (3, 2, 'Nails', '', 0, 'low', null, null, '2026-01-03 10:00:00', '2026-01-03 10:00:00')`,
    'insert into tags values (1, "home"), (2, "shop")',
    'insert into todo_tags values (1, 1), (1, 2)',
  ])
