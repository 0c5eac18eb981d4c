type Patch<T> = { readonly [F in keyof T]?: T[F] | undefined }

/** The fields that a patch names (RFC 7396): one that is undefined changes nothing. */
export const named = <T extends object>(patch: Patch<T>): Partial<T> =>
  Object.fromEntries(Object.entries(patch).filter(([, given]) => given !== undefined)) as Partial<T>

/** `thing` with the fields that `patch` names. */
export const patched = <T extends object>(thing: T, patch: Patch<T>): T => ({
  ...thing,
  ...named(patch),
})

/** Do two values of a field say the same? Text and numbers by value, objects by their parts. */
export const isSameField = (a: unknown, b: unknown): boolean =>
  a === b || (typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b))

/** Do two things say the same in all their fields? */
export const isUnchanged = <T extends object>(before: T, after: T): boolean =>
  (Object.keys(after) as (keyof T)[]).every((field) => isSameField(before[field], after[field]))
