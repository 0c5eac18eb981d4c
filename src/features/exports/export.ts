import type { Ctx } from '../../core/context.ts'
import type { Download } from '../../core/operation.ts'
import type { Format } from './schemas.ts'

/** Loaded when they are asked for. */
const makers: Readonly<Record<Format, () => Promise<(ctx: Ctx) => AsyncIterable<string>>>> = {
  json: async () => (await import('./json.ts')).jsonOf,
  ics: async () => (await import('./ics.ts')).icsOf,
  csv: async () => (await import('./csv.ts')).csvOf,
}
const mediaTypes: Readonly<Record<Format, string>> = {
  json: 'application/json',
  ics: 'text/calendar',
  csv: 'text/csv',
}

/** Everything of the caller, read while it is sent. */
export const exportAll = async (ctx: Ctx, format: Format): Promise<Download> => {
  const { moment: _ofTheRequest, ...rest } = ctx
  const day = new Date(ctx.clock.now()).toISOString().slice(0, 10)
  return {
    type: mediaTypes[format],
    name: `taskport-${day}.${format}`,
    chunks: (await makers[format]())(rest),
  }
}
