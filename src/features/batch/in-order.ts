// Calls that are answered as if they had been made one after the other, with few commits. A wave of
// them is decided at once, on what was there before; the first ones of it are committed in one
// batch, as many as cannot have relied on each other. What a verb relies on is guarded in the batch,
// so that one that was overtaken, also by a call before it in the wave, makes the batch stale: then
// nothing of it happened, and fewer are decided again.
import { inTurn } from '../../core/bulk.ts'
import type { Ctx } from '../../core/context.ts'
import { DomainError } from '../../core/errors.ts'
import type { Ids } from '../../core/ids.ts'
import { slices } from '../../core/slices.ts'
import {
  commitTogether,
  createCollector,
  decidingOn,
  haveSameParties,
  RunsAlone,
} from '../../core/together.ts'
import type { Decided } from '../../core/unit-of-work.ts'
import { type Instant, instantOf } from '../../db/instant.ts'
import { isStorageFull } from '../../db/portable.ts'

export type Call<C extends Ctx, A> = {
  /** Answers a refusal or failure, and does not throw it; RunsAlone it throws. */
  run(ctx: C): Promise<A>
  /** The answer where the batch that it was a part of failed with this. */
  failed(error: unknown): A
  /** Is it one that is not to be made together with others? */
  readonly alone: boolean
}
type How<A> = {
  /** Must nothing be done behind a call that was answered so? */
  readonly stops: (answer: A) => boolean
  readonly lengthOf: (answer: A) => number
  /** Nothing is done behind the answer with which all of them are longer than this. */
  readonly mostLength: number
}

/** Calls in a wave. */
const MOST = 64
/** Calls of a wave that are decided at a time. */
const AT_ONCE = 8
/** Writes in a batch of several calls: about ten milliseconds of a database in a file. */
const MOST_WRITES = 400
/** Milliseconds after which other requests get their turn. */
const SLICE_MS = 8
/** Ids that a call of a wave may make in its place among the others. */
const RESERVED = 4

/**
 * The answers, in order, of each call that may have been made. It ends behind the first answer that
 * `stops`, and behind the one with which they are longer than `mostLength`. Where it cannot be known
 * whether a commit happened, it ends behind the answers of all calls that shared it. Leaving the
 * loop before it ends loses answers of calls that were made.
 */
export async function* inOrder<C extends Ctx, A>(
  ctx: C,
  calls: readonly Call<C, A>[],
  how: How<A>,
): AsyncGenerator<A> {
  const slice = createSlice()
  let [at, size, attempt] = [0, MOST, 0]
  let left = how.mostLength
  while (at < calls.length && left >= 0) {
    const wave = waveAt(calls, at, size)
    const within = { ...how, mostLength: left, attempt, slice }
    const done =
      wave.length > 1
        ? await inTurn(ctx, () => runWave(ctx, wave, within)).catch((error) =>
            failedAll(wave, error),
          )
        : nothing
    if (done === 'stale') {
      // Once more with a closer look, then step by step.
      if (attempt > 0) size = 1
      attempt++
      continue
    }
    let { answers, length } = done
    if (answers.length === 0) {
      const call = wave[0] as Call<C, A>
      await slice.giveWay()
      const answer = await call.run({ ...ctx, moment: {} })
      answers = [answer]
      length = how.lengthOf(answer)
      if (!call.alone) size = 2
    } else if (answers.length < wave.length) {
      size = answers.length
    } else {
      if (size === MOST) attempt = 0
      size = Math.min(MOST, 2 * size)
    }
    at += answers.length
    left -= length
    yield* answers
    if (answers.some(how.stops)) return
  }
}

/** Answers of the first calls of a wave, and how long they are. */
type Done<A> = { readonly answers: readonly A[]; readonly length: number }
const nothing = { answers: [], length: 0 }

const failedAll = <A>(wave: readonly Pick<Call<Ctx, A>, 'failed'>[], error: unknown): Done<A> => ({
  answers: wave.map(({ failed }) => failed(error)),
  length: 0,
})

/** Those that may be decided together: the first one of them may be one that is made alone. */
const waveAt = <T extends { readonly alone: boolean }>(
  calls: readonly T[],
  at: number,
  size: number,
): readonly T[] => {
  let end = at + 1
  while (end < calls.length && end - at < size && !calls[end - 1]?.alone && !calls[end]?.alone)
    end++
  return calls.slice(at, end)
}

type Slice = { giveWay(): Promise<void> }
/** Lets other requests have their turn when it has taken long enough. */
const createSlice = (): Slice => {
  let began = performance.now()
  return {
    giveWay: async () => {
      if (performance.now() - began < SLICE_MS) return
      await new Promise((resolve) => setTimeout(resolve, 0))
      began = performance.now()
    },
  }
}

type Tried<A> = { readonly answer: A; readonly plan: Decided | undefined } | 'alone'
type Wave<A> = How<A> & { readonly attempt: number; readonly slice: Slice }

/** What the first calls of a wave did, perhaps none of them, or `stale` where nothing happened. */
const runWave = async <C extends Ctx, A>(
  ctx: C,
  wave: readonly Call<C, A>[],
  { attempt, slice, ...how }: Wave<A>,
): Promise<Done<A> | 'stale'> => {
  const at = instantOf(ctx.clock.now())
  const places = wave.map((call) => ({ call, ctx: { ...placeIn(ctx, at) } }))
  const tried: Tried<A>[] = []
  for (const some of slices(places, AT_ONCE)) {
    await slice.giveWay()
    tried.push(...(await Promise.all(some.map((place) => decide(place.call, place.ctx, attempt)))))
  }
  const { plans, ...done } = firstOf(tried, how)
  if (plans.size === 0) return done
  try {
    const together = { ...ctx, moment: { at } }
    return (await commitTogether(together, [...plans.values()])) === 'stale' ? 'stale' : done
  } catch (error) {
    if (error instanceof DomainError || isStorageFull(error)) return 'stale'
    // Whether it happened may not be known.
    const answers = done.answers.map((answer, i) =>
      plans.has(i) ? (wave[i]?.failed(error) ?? answer) : answer,
    )
    return { ...done, answers }
  }
}

/** Ids in the order of the calls, however many each reads before it makes one. */
const placeIn = <C extends Ctx>(ctx: C, at: Instant): C => {
  const reserved = Array.from({ length: RESERVED }, () => ctx.ids.next())
  const ids: Ids = { next: () => reserved.shift() ?? ctx.ids.next() }
  const { queue: _waits, ...bulk } = ctx.bulk ?? {}
  return { ...ctx, ids, bulk, contention: undefined, db: decidingOn(ctx.db), moment: { at } }
}

const decide = async <C extends Ctx, A>(
  call: Call<C, A>,
  ctx: C,
  attempt: number,
): Promise<Tried<A>> => {
  const { collector, decided } = createCollector(ctx, attempt)
  try {
    return { answer: await call.run({ ...ctx, collector }), plan: decided() }
  } catch (error) {
    if (error instanceof RunsAlone) return 'alone'
    throw error
  }
}

/**
 * The calls of a wave that may be committed together. One that decided to change nothing may have
 * relied on what is changed before it: it is the first of the next wave.
 */
const firstOf = <A>(tried: readonly Tried<A>[], { stops, lengthOf, mostLength }: How<A>) => {
  const answers: A[] = []
  const plans = new Map<number, Decided>()
  let [writes, length, first] = [0, 0, undefined as Decided | undefined]
  for (const one of tried) {
    if (one === 'alone') break
    const { answer, plan } = one
    if (first) {
      if (!plan || !haveSameParties(first.parties, plan.parties)) break
      if (writes + plan.writes.length > MOST_WRITES) break
    }
    if (plan) {
      first ??= plan
      writes += plan.writes.length
      plans.set(answers.length, plan)
    }
    answers.push(answer)
    length += lengthOf(answer)
    if (stops(answer) || length > mostLength) break
  }
  return { answers, length, plans }
}
