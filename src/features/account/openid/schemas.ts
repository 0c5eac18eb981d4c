// What a sign-in with an OpenID provider takes and answers, and what proves who asks.
import { Id, Instant } from '../../../core/schemas.ts'
import { z } from '../../../core/zod.ts'
import { Password } from '../schemas.ts'

/**
 * Proves that the user has just signed in with an OpenID provider, and that the caller opened that
 * sign-in (RFC 7636).
 */
const Code = z
  .string()
  .regex(/^[\w-]{43}$/, 'A code is 43 characters: letters, digits, - and _.')
  .openapi({
    description: 'The one-time code that the sign-in ended with. Good once, for two minutes.',
  })
const Verifier = z
  .string()
  .regex(/^[\w.~-]{43,128}$/, 'A verifier is 43 to 128 characters: letters, digits, -, ., _ and ~.')
  .openapi({
    description:
      'The verifier whose S256 challenge the sign-in was begun with (RFC 7636). A wrong one spends the code.',
  })
const redemption = {
  code: 'q7Zk2m0Zr6mXo0m4bB0xXy4yq7sT1k9uQe3wJc8vNf5',
  verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
}
export const CodeRedemption = z
  .strictObject({ code: Code, verifier: Verifier })
  .openapi('CodeRedemption', { example: redemption })
export type CodeRedemption = z.output<typeof CodeRedemption>

/** The challenge of a verifier, in base64url (RFC 7636, 4.2). */
export const Challenge = z.string().regex(/^[\w-]{43}$/)

/** Shows that the owner asks, and not a thief of an access token. */
export const Proof = z
  .strictObject({
    password: Password.optional(),
    code: Code.optional(),
    verifier: Verifier.optional(),
  })
  .refine(
    ({ password, code, verifier }) =>
      password === undefined
        ? code !== undefined && verifier !== undefined
        : (code ?? verifier) === undefined,
    {
      error: 'This takes the password; or for an account without one, a code and its verifier.',
      params: { code: 'proof' },
    },
  )
  .openapi('Proof', {
    example: { password: 'a heron on the pier' },
    description:
      'The password; or for an account without one, code and verifier of a sign-in just now, begun at `/auth/openid/start?purpose=prove&challenge=…`, with an identity of this account.',
  })
export type Proof = z.output<typeof Proof>

export const IdentityLink = z
  .strictObject({ code: Code, verifier: Verifier, proof: Proof })
  .openapi('IdentityLink', {
    example: { ...redemption, proof: { password: 'a heron on the pier' } },
  })
export type IdentityLink = z.output<typeof IdentityLink>

export const LinkedIdentity = z
  .object({
    id: Id,
    issuer: z.string().openapi({ description: 'The OpenID provider.' }),
    subject: z.string().openapi({ description: 'What the provider calls the user: its `sub`.' }),
    created_at: Instant,
    last_used_at: Instant.openapi({ description: 'When it was last used to sign in.' }),
  })
  .openapi('Identity', {
    example: {
      id: '0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f',
      issuer: 'https://huggingface.co',
      subject: '62f3c1a9e0b4d5f6a7b8c9d0',
      created_at: '2026-12-01T09:00:00.000Z',
      last_used_at: '2026-12-01T09:15:00.000Z',
    },
  })
export type LinkedIdentity = z.infer<typeof LinkedIdentity>
