// What an import says: a line for each row of which something was left out, and what it did in all.
import { number as n } from '../support/number.ts'
import { printable } from '../support/printable.ts'

/** A line belongs to a row of a table. */
export const lineOf = (table: string, id: string, text: string): string =>
  printable(`${table} ${id}${text}`)

export type Counts = {
  read: number
  imported: number
  present: number
  refused: number
  changed: number
  usersMade: number
  usersFound: number
  /** Accounts with a password that got tasks for their e-mail address. */
  byAddress: number
}
export const noCounts = (): Counts => ({
  read: 0,
  imported: 0,
  present: 0,
  refused: 0,
  changed: 0,
  usersMade: 0,
  usersFound: 0,
  byAddress: 0,
})

const some = (count: number, one: string, many: string): string =>
  `${n(count)} ${count === 1 ? one : many}`

type About = {
  readonly left: readonly string[]
  readonly byEmail: boolean
  readonly hasAddresses: boolean
  readonly dry: boolean
}

const NO_PASSWORD =
  'the new accounts have no password: npm run user -- reset-password EMAIL gives one to its owner'
const NO_ADDRESSES =
  'there is no table users or user with e-mail addresses: where tokens name the users, give this command the BETTER_AUTH_SECRET or BETTER_AUTH_URL of the service'
const byAddressText = (count: number): string =>
  `${some(count, 'account that has a password', 'accounts that have a password')} got tasks for the e-mail address, which nobody has verified here`

export const summaryOf = (counts: Counts, about: About): string[] => {
  const { read, imported, present, refused, changed, usersMade, usersFound, byAddress } = counts
  const { left, byEmail, hasAddresses, dry } = about
  return [
    `${dry ? 'a dry run, nothing was changed: ' : ''}${some(read, 'task', 'tasks')} read, ${n(imported)} imported, ${n(present)} here already, ${n(refused)} not imported; of ${n(changed)} something was changed or left out`,
    `${some(usersMade, 'account', 'accounts')} made, ${some(usersFound, 'user was', 'users were')} here already`,
    ...left.map((sentence) => `not read: ${printable(sentence)}`),
    ...(byEmail && usersMade > 0 ? [NO_PASSWORD] : []),
    ...(byEmail && !hasAddresses && refused > 0 ? [NO_ADDRESSES] : []),
    ...(byAddress > 0 ? [byAddressText(byAddress)] : []),
  ]
}
