// How often a task of Taskwarrior recurs, as a rule of RFC 5545.
import { inTable } from '../values.ts'

const RULES: Readonly<Record<string, string>> = {
  daily: 'FREQ=DAILY',
  day: 'FREQ=DAILY',
  weekdays: 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR',
  weekly: 'FREQ=WEEKLY',
  sennight: 'FREQ=WEEKLY',
  biweekly: 'FREQ=WEEKLY;INTERVAL=2',
  fortnight: 'FREQ=WEEKLY;INTERVAL=2',
  monthly: 'FREQ=MONTHLY',
  month: 'FREQ=MONTHLY',
  bimonthly: 'FREQ=MONTHLY;INTERVAL=2',
  quarterly: 'FREQ=MONTHLY;INTERVAL=3',
  semiannual: 'FREQ=MONTHLY;INTERVAL=6',
  annual: 'FREQ=YEARLY',
  yearly: 'FREQ=YEARLY',
  biannual: 'FREQ=YEARLY;INTERVAL=2',
  biyearly: 'FREQ=YEARLY;INTERVAL=2',
}
const UNITS: Readonly<Record<string, string>> = {
  d: 'DAILY',
  day: 'DAILY',
  days: 'DAILY',
  w: 'WEEKLY',
  wk: 'WEEKLY',
  wks: 'WEEKLY',
  week: 'WEEKLY',
  weeks: 'WEEKLY',
  mo: 'MONTHLY',
  month: 'MONTHLY',
  months: 'MONTHLY',
  y: 'YEARLY',
  yr: 'YEARLY',
  yrs: 'YEARLY',
  year: 'YEARLY',
  years: 'YEARLY',
}

/** Undefined for what no rule here says. */
export const ruleOf = (recur: string): string | undefined => {
  const known = inTable(RULES, recur.toLowerCase())
  if (known) return known
  const [, count = '', unit = ''] =
    /^(\d{1,3})\s?([a-z]+)$/.exec(recur.toLowerCase()) ??
    /^p(\d{1,3})([dwy])$/.exec(recur.toLowerCase()) ??
    []
  const frequency = inTable(UNITS, unit)
  if (frequency && Number(count) > 0) return `FREQ=${frequency};INTERVAL=${Number(count)}`
  const months = /^p(\d{1,3})m$/i.exec(recur)?.[1]
  return months && Number(months) > 0 ? `FREQ=MONTHLY;INTERVAL=${Number(months)}` : undefined
}
