import { grouped } from '../../core/grouped.ts'
import { Id, Instant, isSeen, storable } from '../../core/schemas.ts'
import { utf8Length } from '../../core/stored-bytes.ts'
import { z } from '../../core/zod.ts'

export const MAX_COMMENT_BYTES = 16_384
const BYTES = `at most ${grouped(MAX_COMMENT_BYTES)} bytes in UTF-8`
/** What is not storable has no length in UTF-8, and is refused for that. */
const fits = (given: string): boolean =>
  !given.isWellFormed() ||
  (given.length <= MAX_COMMENT_BYTES && utf8Length(given) <= MAX_COMMENT_BYTES)
/** Kept as it was sent, as a title is. */
const CommentText = storable()
  .refine(fits, { error: `A comment has ${BYTES}.`, params: { code: 'length' } })
  .refine((given) => given !== '' && isSeen(given), {
    error: 'A comment is not blank.',
    params: { code: 'blank' },
  })
  .openapi({
    description: `Markdown, ${BYTES}.`,
    example: 'Called them. They come on *Tuesday*.',
    minLength: 1,
    // What has more characters has more bytes.
    maxLength: MAX_COMMENT_BYTES,
  })

export const Comment = z
  .object({
    id: Id,
    task_id: Id,
    text: z.string(),
    edited: z.boolean().openapi({ description: 'Whether its text was changed.' }),
    created_by: Id,
    created_at: Instant,
    updated_at: Instant,
    rev: Id,
  })
  .openapi('Comment', {
    example: {
      id: '0199c2f4-7c4d-7e5f-8061-7c8d9e0f1a2b',
      task_id: '0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1a',
      text: 'Called them. They come on *Tuesday*.',
      edited: false,
      created_by: '0199c2f4-0000-7000-8000-000000000001',
      created_at: '2026-11-23T09:00:00.000Z',
      updated_at: '2026-11-23T09:00:00.000Z',
      rev: '0199c2f4-7c4d-7e5f-8061-7c8d9e0f1a2c',
    },
  })
export type Comment = z.infer<typeof Comment>

const example = { text: 'Called them. They come on *Tuesday*.' }
export const NewComment = z.strictObject({ text: CommentText }).openapi('NewComment', { example })
export type NewComment = z.output<typeof NewComment>

export const CommentPatch = z
  .strictObject({ text: CommentText })
  .partial()
  .openapi('CommentPatch', {
    description: 'A merge patch (RFC 7396): what it does not name stays.',
    example: { text: 'Called them. They come on *Wednesday*.' },
  })
export type CommentPatch = z.output<typeof CommentPatch>
