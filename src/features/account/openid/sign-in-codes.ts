// One-time codes: with one, the client that opened a sign-in learns who came back from the
// provider.
import { and, eq, gt } from 'drizzle-orm'
import { isOpen } from '../../../core/clock.ts'
import { type Ctx, now } from '../../../core/context.ts'
import { type DomainError, invalid } from '../../../core/errors.ts'
import { randomText, s256, sha256 } from '../../../core/secrets.ts'
import { perDialect } from '../../../db/database.ts'
import { type Instant, instantOf } from '../../../db/instant.ts'
import { compile, everyColumn, query, value, type Write, write } from '../../../db/statement.ts'
import type { OpenIdClaims } from './openid.ts'
import type { Flow, Purpose } from './openid-flow.ts'

const CODE_MS = 120_000

type Row = OpenIdClaims & { challenge: string; expiresAt: Instant }
type CodeCtx = Pick<Ctx, 'db' | 'clock'>

const statements = perDialect(({ q, t: { signInCodes } }) => {
  const byHash = eq(signInCodes.hash, value(signInCodes.hash, 'hash'))
  return {
    insert: compile(q.insert(signInCodes).values(everyColumn(signInCodes))),
    find: query<Row>(
      q
        .select({
          issuer: signInCodes.issuer,
          subject: signInCodes.subject,
          name: signInCodes.name,
          challenge: signInCodes.challenge,
          expiresAt: signInCodes.expiresAt,
        })
        .from(signInCodes)
        .where(byHash),
    ),
    spend: compile(
      q
        .delete(signInCodes)
        .where(and(byHash, gt(signInCodes.expiresAt, value(signInCodes.expiresAt, 'now')))),
    ),
    burn: compile(q.delete(signInCodes).where(byHash)),
  }
})

/**
 * The purpose is part of what is stored: under another one, a code is as unknown as any other text.
 */
const hashOf = (purpose: Purpose, code: string): Promise<string> => sha256(`${purpose}:${code}`)

/**
 * A code for the client that knows the verifier of `challenge`: 256 random bits, good once, for one
 * purpose and for two minutes.
 */
export const newSignInCode = async (
  ctx: CodeCtx,
  claims: OpenIdClaims,
  { challenge, purpose }: Pick<Flow, 'challenge' | 'purpose'>,
): Promise<string> => {
  const code = randomText()
  const expiresAt = instantOf(ctx.clock.now() + CODE_MS)
  await ctx.db.atomic([
    write(statements(ctx.db).insert, {
      ...claims,
      hash: await hashOf(purpose, code),
      challenge,
      expiresAt,
    }),
  ])
  return code
}

const badCode = (at: readonly string[]): DomainError =>
  invalid({
    at: [...at, 'code'],
    code: 'unknown',
    detail:
      'The code is unknown, was used, is older than two minutes, or is for another purpose. Sign in again.',
  })

/**
 * Who a code of this purpose speaks of, and the write that spends it: it touches no row where
 * another request was faster. A wrong verifier burns the code: it has got into the wrong hands.
 * Throws `invalid` for any fault, naming a field below `at`.
 */
export const openSignInCode = async (
  ctx: CodeCtx,
  purpose: Purpose,
  { code, verifier }: { readonly code: string; readonly verifier: string },
  at: readonly string[] = [],
): Promise<{ readonly claims: OpenIdClaims; readonly spend: Write }> => {
  const { find, spend, burn } = statements(ctx.db)
  const hash = await hashOf(purpose, code)
  const found = await ctx.db.one(find, { hash })
  if (!found || !isOpen(CODE_MS, Date.parse(found.expiresAt), ctx.clock.now())) throw badCode(at)
  const { challenge, expiresAt: _, ...claims } = found
  if ((await s256(verifier)) !== challenge) {
    await ctx.db.atomic([write(burn, { hash })])
    throw badCode(at)
  }
  return { claims, spend: write(spend, { hash, now: now(ctx) }) }
}
