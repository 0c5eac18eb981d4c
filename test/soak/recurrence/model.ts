// Tasks of one user in memory, as the documentation says that they behave: all-day dues, rules of
// every so many days, subtasks, the trash, and what waits for what.

const DAY = 24 * 60 * 60 * 1000
export const plus = (date: string, days: number): string =>
  new Date(Date.parse(date) + days * DAY).toISOString().slice(0, 10)
const daysBetween = (a: string, b: string): number => (Date.parse(b) - Date.parse(a)) / DAY

export type Series = {
  readonly every: number
  readonly count: number | null
  readonly anchor: 'due' | 'completion'
  readonly missed: 'skip' | 'keep'
}
type Running = Series & {
  readonly id: number
  readonly starts: string
  slot: string
  left: number | null
}
type Done = {
  readonly id: number
  readonly slot: string
  readonly due: string
  readonly start: string | null
  readonly status: string
  readonly left: number | null
  readonly series: Series & { readonly id: number }
  readonly starts: string
}
export type Model = {
  readonly key: number
  parent: Model | null
  status: string
  due: string | null
  start: string | null
  series: Running | null
  done: Done[]
  /** What it waits for. */
  blockedBy: Model[]
  /** When it went to the trash. */
  trashed: number | null
  completedAt: number | null
  /** What changed its status from above, and what it was. */
  by: {
    readonly event: string
    readonly status: string
    readonly completedAt: number | null
  } | null
}

const isDone = (status: string) => status === 'completed' || status === 'cancelled'

/** Does it wait for a task that is open? */
export const isBlocked = ({ blockedBy }: Model): boolean =>
  blockedBy.some(({ status, trashed }) => !isDone(status) && trashed === null)
/** Does one wait for the other, directly or through others? */
const waitsFor = (task: Model, other: Model): boolean =>
  task === other || task.blockedBy.some((blocker) => waitsFor(blocker, other))

export const createModel = () => {
  const tasks: Model[] = []
  let [events, begun] = [0, 0]

  const begin = (series: Series, due: string): Running => ({
    ...series,
    id: ++begun,
    starts: due,
    slot: due,
    left: series.count === null ? null : series.count - 1,
  })

  const below = (root: Model, follows: (task: Model) => boolean): Model[] =>
    tasks
      .filter((task) => task.parent === root && follows(task))
      .flatMap((task) => [task, ...below(task, follows)])
  const followers = (root: Model) => below(root, ({ series }) => series === null)

  const close = (root: Model, event: string, at: number) => {
    for (const task of followers(root)) {
      if (task.trashed !== null || isDone(task.status)) continue
      task.by = { event, status: task.status, completedAt: task.completedAt }
      Object.assign(task, { status: 'completed', completedAt: at })
    }
  }
  const renew = (root: Model, event: string) => {
    for (const task of followers(root)) {
      if (task.trashed !== null || task.status !== 'completed') continue
      task.by = { event, status: task.status, completedAt: task.completedAt }
      Object.assign(task, { status: 'pending', completedAt: null })
    }
  }
  const undo = (root: Model, event: string, at?: number | null) => {
    for (const task of followers(root)) {
      if (
        task.trashed !== null ||
        task.by?.event !== event ||
        (at !== undefined && task.completedAt !== at)
      )
        continue
      const { status, completedAt } = task.by
      Object.assign(task, { status, completedAt, by: null })
    }
  }

  const nextSlot = (
    { id, starts, every, slot, anchor, missed, left }: Running,
    done: readonly Done[],
    today: string,
    isSkip: boolean,
  ) => {
    if (left === 0) return undefined
    if (anchor === 'completion') {
      const from = isSkip && slot > today ? slot : today
      const stood = [slot, ...done.filter(({ series }) => series.id === id).map((one) => one.slot)]
      let next = plus(from, every)
      while (stood.some((one) => next <= one)) next = plus(next, every)
      return { slot: next, passed: 1 }
    }
    const after = missed === 'skip' && today > slot ? today : slot
    if (after < starts) return { slot: starts, passed: 1 }
    const next = plus(starts, (Math.floor(daysBetween(starts, after) / every) + 1) * every)
    const first = slot < starts ? 1 : 0
    const passed =
      slot < starts
        ? daysBetween(starts, next) / every + first
        : Math.ceil(daysBetween(slot, next) / every)
    return left !== null && passed > left ? undefined : { slot: next, passed }
  }

  const finish = (task: Model, now: number, isSkip: boolean) => {
    const series = task.series as Running
    const id = ++events
    const event = `occurrence ${id}`
    const { id: of, every, count, anchor, missed, starts, slot, left } = series
    const today = new Date(now).toISOString().slice(0, 10)
    const next = nextSlot(series, task.done, today, isSkip)
    task.done.push({
      id,
      slot,
      due: task.due as string,
      start: task.start,
      status: task.status,
      left,
      series: { id: of, every, count, anchor, missed },
      starts,
    })
    task.by = null
    if (next) {
      const days = daysBetween(task.due as string, next.slot)
      Object.assign(task, {
        status: 'pending',
        due: next.slot,
        start: task.start && plus(task.start, days),
      })
      series.slot = next.slot
      if (left !== null) series.left = left - next.passed
      renew(task, event)
    } else if (isSkip) task.status = 'cancelled'
    else {
      Object.assign(task, { status: 'completed', completedAt: now })
      close(task, event, now)
    }
  }

  const undoLatest = (task: Model): boolean => {
    const series = task.series
    const latest = task.done.at(-1)
    if (!series || !latest || (isDone(task.status) && latest.slot !== series.slot)) return false
    task.done.pop()
    const isSame =
      latest.starts === series.starts &&
      latest.series.every === series.every &&
      latest.series.count === series.count
    const { due, start, status, slot } = latest
    const before = task.status
    Object.assign(task, { due, start, status })
    if (status !== before) task.by = null
    task.completedAt = null
    series.slot = slot
    series.left = isSame ? latest.left : series.left === null ? null : series.left + 1
    undo(task, `occurrence ${latest.id}`)
    return true
  }

  return {
    tasks,
    create: (
      given: Pick<Model, 'parent' | 'due' | 'start' | 'blockedBy'> & { series: Series | null },
    ): Model => {
      const { parent, due, start, series, blockedBy } = given
      const task: Model = {
        key: tasks.length,
        parent,
        status: 'pending',
        due,
        start,
        series: null,
        done: [],
        blockedBy,
        trashed: null,
        completedAt: null,
        by: null,
      }
      if (series && due) task.series = begin(series, due)
      tasks.push(task)
      return task
    },
    complete: (task: Model, now: number, named?: string): number => {
      if (task.trashed !== null) return 409
      if (named !== undefined && !(named === task.series?.slot && !isDone(task.status))) {
        if (task.done.some(({ slot }) => slot === named)) return 200
        if (named !== task.series?.slot) return 409
      }
      if (task.status === 'completed') return 200
      if (task.series) finish(task, now, false)
      else {
        Object.assign(task, { status: 'completed', completedAt: now, by: null })
        close(task, `task ${task.key}`, now)
      }
      return 200
    },
    skip: (task: Model, now: number): number => {
      if (task.trashed !== null) return 409
      if (isDone(task.status)) return 200
      if (!task.series) return 409
      finish(task, now, true)
      return 200
    },
    reopen: (task: Model): number => {
      if (task.trashed !== null) return 409
      if (undoLatest(task) || !isDone(task.status)) return 200
      const { status, completedAt } = task
      Object.assign(task, { status: 'pending', completedAt: null, by: null })
      if (status === 'completed') undo(task, `task ${task.key}`, completedAt)
      return 200
    },
    postpone: (task: Model, due: string): number => {
      if (task.trashed !== null) return 409
      task.due = due
      return 200
    },
    recur: (task: Model, series: Series | null): number => {
      if (task.trashed !== null) return 409
      if (series === null) task.series = null
      else if (task.due === null) return 422
      else {
        const { series: was } = task
        const isSame =
          was &&
          was.every === series.every &&
          was.count === series.count &&
          was.anchor === series.anchor
        task.series = isSame ? { ...was, missed: series.missed } : begin(series, task.due)
      }
      return 200
    },
    move: (task: Model, parent: Model | null): number => {
      if (task.trashed !== null) return 409
      for (let up = parent; up; up = up.parent) if (up === task) return 422
      if (parent && parent.trashed !== null) return 422
      task.parent = parent
      return 200
    },
    block: (task: Model, blockers: readonly Model[]): number => {
      if (task.trashed !== null) return 409
      const added = blockers.filter((blocker) => !task.blockedBy.includes(blocker))
      if (added.some((blocker) => waitsFor(blocker, task))) return 422
      task.blockedBy = [...blockers]
      return 200
    },
    remove: (task: Model, now: number): number => {
      if (task.trashed !== null) return 204
      for (const one of [task, ...below(task, () => true)]) one.trashed ??= now
      return 204
    },
    restore: (task: Model): number => {
      const was = task.trashed
      if (was === null) return 200
      for (const one of [task, ...below(task, () => true)])
        if (one.trashed === was) one.trashed = null
      if (task.parent && task.parent.trashed !== null) task.parent = null
      return 200
    },
  }
}
