// Accounts, tokens, and issuers.
import { z } from 'zod'
import { SHARED_SECRET_ISSUER } from '../issuers.ts'
import {
  anyText,
  keySetUrl,
  oneOf,
  onOff,
  openIdScopes,
  providerUrl,
  secret,
  webUrl,
} from '../values.ts'
import { NONE, variable } from '../variable.ts'

const anotherName = variable(
  NONE,
  secret(32, 'bytes'),
  'Another name of `BETTER_AUTH_SECRET`. If several of them are set, their values have to be the same.',
)

export const signIn = {
  REGISTRATION: variable(
    '`open`',
    oneOf('open', 'closed'),
    'Can visitors make an account (`open`), or not (`closed`)? Closed, an OpenID provider lets in only whom there is an account for; users of other issuers, whose tokens are accepted, are made when they are first seen, either way.',
  ),
  AUTH_SECRET: variable(
    NONE,
    secret(32, 'characters'),
    'At least 32 characters. Encrypts the private signing keys in the database. Without it they lie there in the clear. Lost or changed, all have to sign in again.',
  ),
  BETTER_AUTH_SECRET: variable(
    NONE,
    secret(32, 'bytes'),
    'At least 32 bytes. Accepts HS256 tokens that another backend signs with this shared secret. [Which user they name](api.md#tokens-of-other-issuers).',
  ),
  JWT_SECRET: anotherName,
  JWT_SECRET_KEY: anotherName,
  SECRET_KEY: anotherName,
  BETTER_AUTH_URL: variable(
    NONE,
    webUrl,
    'The address of a Better Auth server whose tokens are accepted, with or without the path of its API (`https://app.example.org/api/auth`).',
  ),
  AUTH_JWKS_URL: variable(
    '`$BETTER_AUTH_URL/jwks`, or without a path `$BETTER_AUTH_URL/api/auth/jwks`',
    keySetUrl,
    'Where an issuer publishes its keys (JWKS). Its tokens are accepted. Redirects are not followed.',
  ),
  AUTH_ISSUER: variable(
    'the origin of `$BETTER_AUTH_URL`',
    z
      .string()
      .max(191, 'is longer than 191 characters')
      .refine(
        (issuer) => issuer !== SHARED_SECRET_ISSUER,
        'is what the issuer of tokens with a shared secret is called here',
      ),
    'The `iss` that those tokens must have. Required with `AUTH_JWKS_URL`.',
  ),
  AUTH_AUDIENCE: variable(
    'the origin of `$BETTER_AUTH_URL`',
    anyText,
    'The `aud` that those tokens must have. Required with `AUTH_JWKS_URL`.',
  ),
  AUTH_SUBJECT_CLAIM: variable(
    '`sub`; with a shared secret `user_id`, `userId`, `uid`, `id`, `sub`',
    z.string().regex(/^[\w.:/-]{1,100}$/, 'is not the name of a claim'),
    'The one claim that names the user, in tokens of either kind. Choose one whose values are never given to another user (an e-mail address may be), and keep to it: with another claim users are others.',
  ),
  OPENID_PROVIDER_URL: variable(
    NONE,
    providerUrl,
    'An OpenID provider with which people can [sign in](sign-in.md): its issuer, such as `https://huggingface.co`. A Space with `hf_oauth: true` sets this and the next three.',
  ),
  OAUTH_CLIENT_ID: variable(
    NONE,
    anyText,
    'The name under which that provider knows this service. Required with `OPENID_PROVIDER_URL`.',
  ),
  OAUTH_CLIENT_SECRET: variable(
    NONE,
    secret(1, 'characters'),
    'What proves to that provider that it is this service. Required with `OPENID_PROVIDER_URL`.',
  ),
  OAUTH_SCOPES: variable(
    '`openid profile`',
    openIdScopes,
    'What that provider is asked for: `openid` at least, `profile` for the name.',
  ),
  EXTERNAL_API_KEYS: variable('`off`', onOff, '`on` lets users of other issuers make API keys.'),
  METRICS_TOKEN: variable(
    NONE,
    secret(16, 'characters'),
    'At least 16 characters. Opens `/metrics` (Prometheus) to clients that send it as a bearer token.',
  ),
} as const
