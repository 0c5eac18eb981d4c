// What the metrics count in this process. Processes of one service are added up series by series.
import type { Figures } from '../core/broadcast.ts'
import { createHistogram, type Histogram } from '../db/histogram.ts'

/** Counts an answer, and the milliseconds that it took. */
type Meter = (status: number, ms: number) => void
export type Meters = {
  /** Of a route, as in `PATCH /api/v1/tasks/:id`: never a path, of which there is no end. */
  of(route: string): Meter
  figures(): Figures
}

export const label = (value: string): string =>
  value.replace(/["\\\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`))

type Route = { readonly statuses: Map<number, number>; readonly took: Histogram }

export const createMeters = (): Meters => {
  const routes = new Map<string, Route>()
  return {
    of: (route) => {
      const { statuses, took } = routes.get(route) ?? {
        statuses: new Map<number, number>(),
        took: createHistogram(),
      }
      routes.set(route, { statuses, took })
      return (status, ms) => {
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
        took.observe(ms)
      }
    },
    figures: () => {
      const called = [...routes].filter(([, { statuses }]) => statuses.size > 0)
      return Object.fromEntries(
        called.flatMap(([route, { statuses, took }]): [string, number][] => {
          const operation = `operation="${label(route)}"`
          return [
            ...[...statuses].map(([status, total]): [string, number] => [
              `taskport_http_requests_total{${operation},status="${status}"}`,
              total,
            ]),
            ...took.figures('taskport_http_request_duration_seconds', operation),
          ]
        }),
      )
    },
  }
}
