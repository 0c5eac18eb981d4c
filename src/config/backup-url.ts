/** A bucket with a prefix, or a folder. */
export const parseBackupUrl = (
  text: string,
): { bucket: string; prefix: string } | { path: string } | undefined => {
  const s3 = /^s3:\/\/([a-z0-9][a-z0-9._-]{1,62})((?:\/(?!\.{1,2}(?:\/|$))[\w.-]+)*)\/?$/i.exec(
    text,
  )
  if (s3) return { bucket: s3[1] as string, prefix: s3[2] ? `${s3[2].slice(1)}/` : '' }
  const path = /^file:(?:\/\/(?=\/))?((?:[^%]|%[0-9a-f]{2})+)$/i.exec(text)?.[1]
  return path === undefined || path.startsWith('//') ? undefined : { path: decoded(path) }
}

/** Percent-encoded bytes need not be UTF-8. If they are not, they stay as they are. */
const decoded = (path: string): string => {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
