// Marks of devices that have signed in to an account before. They open nothing: they only keep a
// device apart from the strangers who guess its owner's password.

import { hmac, isHmac, randomText } from '../../../core/secrets.ts'
import { fixedSetting } from '../../../core/settings.ts'
import type { Database } from '../../../db/database.ts'

/** The account that a device signed in to; with another password it is another one. */
type Account = { readonly id: string; readonly passwordHash: string | null }

export type DeviceTokens = {
  /**
   * A token for a device that has just signed in to `account`; `device` where it is known already.
   */
  issue(account: Account, device?: string): Promise<string>
  /** The device that a token was issued to, for this account and its present password. */
  deviceOf(token: string, account: Account | undefined): Promise<string | undefined>
}

const ID_BYTES = 16
const TOKEN = /^tpd_([\w-]{22})([\w-]{43})$/

const marked = (device: string, account: Account | undefined): string =>
  `${device} ${account?.id ?? ''} ${account?.passwordHash ?? ''}`

/**
 * Tokens are `tpd_`, a random id and an HMAC of id, account and password hash, so nothing is stored
 * of them and a change of the password ends all. Their key is made once for a database: every
 * process on it knows it.
 */
export const createDeviceTokens = async (db: Database): Promise<DeviceTokens> => {
  const key = await fixedSetting(db, 'device_token_key', randomText)
  return {
    issue: async (account, device = randomText(ID_BYTES)) =>
      `tpd_${device}${await hmac(key, marked(device, account))}`,
    deviceOf: async (token, account) => {
      const [, device, mac] = TOKEN.exec(token) ?? []
      if (device === undefined || mac === undefined) return undefined
      // Also without an account, so that its answer takes as long.
      const genuine = await isHmac(key, marked(device, account), mac)
      return genuine && account !== undefined ? device : undefined
    },
  }
}
