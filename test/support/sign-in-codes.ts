// One-time codes as sign-ins with a provider end with them, for suites that are not about the
// provider.

import type { Purpose } from '../../src/features/account/openid/openid-flow.ts'
import { newSignInCode } from '../../src/features/account/openid/sign-in-codes.ts'
import type { Deps } from '../../src/http/deps.ts'

/** The pair of RFC 7636, appendix B. */
export const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
const ISSUER = 'https://provider.example'

let subjects = 0

/** What a code for `subject` (without one: somebody new) is used with, within two minutes. */
export const redemptionFor = async (
  { db, clock }: Pick<Deps, 'db' | 'clock'>,
  purpose: Purpose,
  subject = `subject ${++subjects}`,
) => {
  const code = await newSignInCode(
    { db, clock },
    { issuer: ISSUER, subject, name: subject },
    { challenge: CHALLENGE, purpose },
  )
  return { code, verifier: VERIFIER }
}
