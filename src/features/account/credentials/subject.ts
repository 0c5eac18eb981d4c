// Which user the claims of a token name.
import type { JWTPayload } from 'jose'
import { isBlank, isStorable } from '../../../core/text.ts'
import { isAddress } from '../schemas.ts'
import { unauthenticated } from './jwt-errors.ts'

const MAX_SUBJECT = 191
const MAX_NAME = 120
const length = (text: string): number => [...text].length

/** The claims in which backends with a secret of their own name a user. `sub` may be an address. */
const ID_CLAIMS = ['user_id', 'userId', 'uid', 'id'] as const
const names = [...ID_CLAIMS, 'sub']

/** The user in this claim, as it is. Throws `unauthenticated`. */
export const subjectOf = (payload: JWTPayload, claim: string): string => {
  if (Object.hasOwn(payload, claim)) return subjectIn(payload[claim])
  throw unauthenticated(`The token names no user: it needs the claim ${claim}.`)
}

/**
 * The one user whom `user_id`, `userId`, `uid`, `id` and `sub` name. An e-mail address in `sub` says
 * nothing beside an id: addresses are given up and taken by others, ids are not. Throws
 * `unauthenticated`, also where two of them differ.
 */
export const agreedSubject = (payload: JWTPayload): string => {
  const given = names
    .filter((name) => Object.hasOwn(payload, name))
    .map((name) => ({ name, subject: subjectIn(payload[name]) }))
  const [first] = given
  if (first === undefined)
    throw unauthenticated(`The token names no user: it needs the claim ${names.join(' or ')}.`)
  const { subject } = first
  const other = given.find(
    (claim) =>
      claim.subject !== subject &&
      !(claim.name === 'sub' && isAddress(claim.subject) && !isAddress(subject)),
  )
  if (other)
    throw unauthenticated(
      `The token's claims ${first.name} and ${other.name} name different users. AUTH_SUBJECT_CLAIM can tell this service which of them counts.`,
    )
  return subject
}

/** A claim that names a user. Throws `unauthenticated` for what cannot be stored or compared. */
export const subjectIn = (claim: unknown): string => {
  const text = Number.isSafeInteger(claim) ? String(claim) : claim
  // Blanks at the ends would make two subjects one on MySQL, which pads before it compares.
  if (
    typeof text === 'string' &&
    text !== '' &&
    text.trim() === text &&
    isStorable(text) &&
    length(text) <= MAX_SUBJECT
  )
    return text
  throw unauthenticated(
    `The token's user is not text or an integer of 1 to ${MAX_SUBJECT} characters without blanks around it.`,
  )
}

/** A claim as a name to show; '' for what is none. */
export const nameOf = (claim: unknown): string =>
  typeof claim === 'string' && isStorable(claim) && !isBlank(claim)
    ? shortened(shortened(claim.replace(/\p{Cc}+/gu, ' ').trim()).normalize('NFC'))
    : ''
/** Composing can lengthen a text, and takes long where it is long. */
const shortened = (name: string): string => [...name].slice(0, MAX_NAME).join('').trim()
