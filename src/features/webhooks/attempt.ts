// One attempt to deliver: claimed, sent and noted.
import { onBehalfOf } from '../../core/context.ts'
import { type Instant, instantOf } from '../../db/instant.ts'
import type { SendingCtx } from './context.ts'
import { messageIdOf, type StoredDelivery } from './delivery-row.ts'
import { giveUpDeliveries } from './delivery-store.ts'
import { activeWebhook, type Claimed, claim, noteAttempt } from './due.ts'
import { type Attempt, FAILING_MS, type Verdict, verdictOf } from './outcome.ts'
import { payloadOf } from './payload.ts'
import type { Stored } from './row.ts'
import type { DisabledReason } from './schemas.ts'
import { openSecrets, signedHeaders } from './secrets.ts'
import { disableWebhook, noteFailing, noteWorking } from './store.ts'
import { SendFailure } from './targets.ts'

/** Characters of an answer that are kept. */
const EXCERPT = 1_000
/** Characters of an error that its column takes. */
const ERROR = 191

/** Tries a delivery once. Does nothing where another process does. Throws what the database does. */
export const attemptDelivery = async (ctx: SendingCtx, delivery: StoredDelivery): Promise<void> => {
  const began = ctx.clock.now()
  const claimed = await claim(ctx, delivery, began)
  if (!claimed) return
  const webhook = await activeWebhook(ctx, claimed.webhookId)
  // Switched off or deleted just now: what did that has decided about this one, too.
  if (!webhook) return
  const attempt = await send(ctx, webhook, claimed)
  // The process ends: the next one sends it again, under the same id.
  if (ctx.signal?.aborted && !('sent' in attempt)) return
  const now = ctx.clock.now()
  const { attempts } = claimed
  const verdict = verdictOf(attempt, { attempts, now, random: Math.random() })
  const ended = { webhook, claimed, attempt, verdict, now }
  const reason = disabledBy(webhook, verdict, now)
  const outcome = await ctx.db.atomic(...noting(ctx, ended, reason))
  // Where it has another address by now, that one is not switched off.
  if (outcome === 'stale' && reason === undefined) return
  if (outcome === 'stale' && (await ctx.db.atomic(...noting(ctx, ended))) === 'stale') return
  ctx.webhooks.counts.attempted(verdict.status === 'pending' ? 'retried' : verdict.status)
}

const send = async (ctx: SendingCtx, webhook: Stored, claimed: Claimed): Promise<Attempt> => {
  const { signal, webhooks } = ctx
  const { sealer, targets } = webhooks
  const at: Instant = claimed.lastAttemptAt
  const secrets = await openSecrets(sealer, webhook.id, webhook, at)
  if (!secrets)
    return { failure: 'its secret cannot be read any more: give it another one', isFinal: true }
  const body = await payloadOf(ctx, webhook, claimed)
  if (body === undefined) return { failure: 'the event is gone', isFinal: true }
  const message = { id: messageIdOf(claimed), at: Date.parse(at), body }
  const headers = { 'content-type': 'application/json', ...signedHeaders(secrets, message) }
  try {
    return { sent: await targets.send({ url: new URL(webhook.url), headers, body, signal }) }
  } catch (error) {
    if (!(error instanceof SendFailure)) throw error
    return { failure: error.message }
  }
}

type Ended = {
  readonly webhook: Stored
  readonly claimed: Claimed
  readonly attempt: Attempt
  readonly verdict: Verdict
  readonly now: number
}

/** The batch that notes an attempt: first what it says of the endpoint, whose row others lock first. */
const noting = (
  system: SendingCtx,
  { webhook, claimed, attempt, verdict, now }: Ended,
  reason?: DisabledReason,
): Parameters<SendingCtx['db']['atomic']> => {
  const ctx = onBehalfOf(system, webhook.userId)
  const at = instantOf(now)
  const failed = verdict.status !== 'delivered'
  // What is not the endpoint's fault says nothing of it.
  const isOwn = 'failure' in attempt && attempt.isFinal === true
  const ofEndpoint =
    reason !== undefined
      ? [disableWebhook(ctx, { id: webhook.id, url: webhook.url, at, reason })]
      : failed && !isOwn && webhook.failingSince === null
        ? [noteFailing(ctx, { id: webhook.id, at })]
        : !failed && webhook.failingSince !== null
          ? [noteWorking(ctx, { id: webhook.id, at })]
          : []
  const sent = 'sent' in attempt ? attempt.sent : undefined
  const noted = noteAttempt(ctx, claimed, {
    status: reason !== undefined && failed ? 'failed' : verdict.status,
    nextAt: reason === undefined && verdict.pause !== null ? instantOf(now + verdict.pause) : null,
    responseStatus: sent?.status ?? null,
    responseExcerpt: sent ? excerptOf(sent.text) : null,
    error: verdict.error?.slice(0, ERROR) ?? null,
    durationMs: Math.max(0, now - Date.parse(claimed.lastAttemptAt)),
  })
  const others = reason !== undefined ? [giveUpDeliveries(ctx, webhook.id)] : []
  return [
    [...ofEndpoint, noted, ...others],
    { mustTouch: [...(reason !== undefined ? [0] : []), ofEndpoint.length] },
  ]
}

/**
 * Why the endpoint is switched off now; undefined where it stays on. A delivery has to be tried to its
 * end for that: one attempt after a quiet week says little.
 */
const disabledBy = (
  { failingSince }: Stored,
  { status, isGone }: Verdict,
  now: number,
): DisabledReason | undefined => {
  if (isGone) return 'gone'
  if (status !== 'failed' || failingSince === null) return undefined
  return now - Date.parse(failingSince) >= FAILING_MS ? 'failing' : undefined
}

/** Text of another program that every database can store. */
const excerptOf = (text: string): string =>
  text
    .slice(0, EXCERPT)
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: taking them out is what this does.
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '\ufffd')
