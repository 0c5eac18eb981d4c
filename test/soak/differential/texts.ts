// Texts that databases, or versions of them, may compare, sort or store differently.
import { pick } from '../../../bench/data/random.ts'

const pieces = [
  'HOME',
  'home',
  'Home',
  'hom\u00e9',
  'home\u0301',
  'ho',
  'ｈｏｍｅ',
  '𝐡𝐨𝐦𝐞',
  'straße',
  'STRASSE',
  'ΟΔΟΣ',
  'οδος',
  'İi',
  'ıI',
  'ﬁ',
  '漢字',
  '漢',
  '🦊',
  '👩‍🌾',
  '\ue000',
  '\uffdc',
  '𐐀',
  '\u{10ffff}',
  '\u0e33',
  'zz',
  'Zz',
  'a_b',
  'a%b',
  'a\\b',
  '!',
  '"',
  "'",
  '--',
  'null',
  '1',
  '01',
  '1.0',
  '\u007f',
  '-',
] as const
const blanks = [
  '',
  ' ',
  '  ',
  '\t',
  '\n',
  '\u00a0',
  '\u3000',
  '\u200b',
  '\u00ad',
  '\u2800',
] as const

type Random = () => number

/** A text of one or two pieces, which may begin or end with what cannot be seen. */
export const textOf = (random: Random): string => {
  const around = () => (random() < 0.3 ? pick(random, blanks) : '')
  const inner = pick(random, pieces)
  const text = random() < 0.5 ? inner : `${inner}${around()}${pick(random, pieces)}`
  return random() < 0.03 ? pick(random, blanks) : `${around()}${text}${around()}`
}

/** Of few, so that many things have the same. */
export const nameOf = (random: Random): string => {
  const around = () => (random() < 0.15 ? pick(random, blanks) : '')
  return `${around()}${pick(random, pieces.slice(0, 16))}${around()}`
}
