// The body of a request of the original contract, and what is made of it.
import type { TaskPatch } from '../../features/tasks/index.ts'
import { type ExtraPatch, keep } from './kept.ts'

/** A schema of the document (JSON Schema 2020-12). */
export type Schema = Readonly<Record<string, unknown>>
export type Body = Readonly<Record<string, unknown>>
/** What a request changes, as the other API takes it. */
export type Change = Omit<TaskPatch, 'extra'> & { readonly extra?: ExtraPatch }

/** The first of these names that a body has. */
export const nameIn = (body: Body, names: readonly string[]): string | undefined =>
  names.find((name) => Object.hasOwn(body, name) && body[name] !== undefined)

/** Keeps how a client spells something, where that is not the standard's way. */
export const spelled = (name: string, given: unknown, standard: string): ExtraPatch =>
  keep(name, given === standard ? null : given)
