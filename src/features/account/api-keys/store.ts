import { desc, eq, lt, type SQL, sql } from 'drizzle-orm'
import type { Ctx } from '../../../core/context.ts'
import type { Place } from '../../../core/paging.ts'
import { accountIdOf, readerIdOf } from '../../../core/parties.ts'
import { ofAccount } from '../../../core/visibility.ts'
import { perDialect } from '../../../db/database.ts'
import { compile, everyColumn, query, value, type Write, write } from '../../../db/statement.ts'
import { scopesIn } from '../credentials/api-keys.ts'
import type { ApiKey } from './schemas.ts'

type Stored = Omit<ApiKey, 'scopes'> & { readonly scopes: readonly string[] }

const statements = perDialect(({ q, t: { apiKeys, users } }) => {
  const shape = {
    id: apiKeys.id,
    name: apiKeys.name,
    prefix: apiKeys.prefix,
    scopes: apiKeys.scopes,
    expires_at: apiKeys.expiresAt,
    last_used_at: apiKeys.lastUsedAt,
    created_at: apiKeys.createdAt,
  }
  const page = (...seek: SQL[]) =>
    query<Stored>(
      q
        .select(shape)
        .from(apiKeys)
        .where(ofAccount(apiKeys.userId, ...seek))
        .orderBy(desc(apiKeys.id))
        .limit(sql.placeholder('limit')),
    )
  const byId = ofAccount(apiKeys.userId, eq(apiKeys.id, value(apiKeys.id, 'id')))
  return {
    byId: query<Stored>(q.select(shape).from(apiKeys).where(byId)),
    first: page(),
    after: page(lt(apiKeys.id, value(apiKeys.id, 'id'))),
    insert: compile(q.insert(apiKeys).values(everyColumn(apiKeys))),
    remove: compile(q.delete(apiKeys).where(byId)),
    removeAll: compile(q.delete(apiKeys).where(ofAccount(apiKeys.userId))),
    countNone: compile(q.update(users).set({ keyCount: 0 }).where(ofAccount(users.id))),
  }
})

const shown = (key: Stored): ApiKey => ({ ...key, scopes: scopesIn(key.scopes) })

export const findApiKey = async (ctx: Ctx, id: string): Promise<ApiKey | undefined> => {
  const found = await ctx.db.one(statements(ctx.db).byId, { reader: readerIdOf(ctx), id })
  return found && shown(found)
}

/** The caller's keys, newest first, from behind `place`. */
export const pageOfApiKeys = async (
  ctx: Ctx,
  limit: number,
  place: Place | undefined,
): Promise<ApiKey[]> => {
  const { first, after } = statements(ctx.db)
  const rows = await ctx.db.all(place ? after : first, {
    reader: readerIdOf(ctx),
    limit,
    ...place,
  })
  return rows.map(shown)
}

/** `hash` is what stands for the key. */
export const insertApiKey = (ctx: Ctx, hash: string, key: ApiKey): Write => {
  const {
    id,
    name,
    prefix,
    scopes,
    expires_at: expiresAt,
    last_used_at: lastUsedAt,
    created_at: createdAt,
  } = key
  return write(statements(ctx.db).insert, {
    id,
    userId: accountIdOf(ctx),
    name,
    prefix,
    hash,
    scopes,
    expiresAt,
    lastUsedAt,
    createdAt,
  })
}

export const removeApiKey = (ctx: Ctx, id: string): Write =>
  write(statements(ctx.db).remove, { reader: readerIdOf(ctx), id })

/** Deletes every key of the caller and sets their counter to none. */
export const deleteAllApiKeys = (ctx: Ctx): Write[] => {
  const { removeAll, countNone } = statements(ctx.db)
  const reader = { reader: readerIdOf(ctx) }
  return [write(removeAll, reader), write(countNone, reader)]
}
