// A task's texts.
import { grouped } from '../../core/grouped.ts'
import { isSeen, storable, text } from '../../core/schemas.ts'
import { utf8Length } from '../../core/stored-bytes.ts'

export const MAX_TITLE = 500
export const Title = text(1, MAX_TITLE)
  .refine(isSeen, {
    error: 'A title is not blank.',
    params: { code: 'blank' },
  })
  .openapi({ example: 'Sweep the chimney' })
export const MAX_DESCRIPTION_BYTES = 65_536
const BYTES_OF_DESCRIPTION = `at most ${grouped(MAX_DESCRIPTION_BYTES)} bytes in UTF-8`
export const Description = storable()
  .refine((given) => fitsDescription(given), {
    error: `A description has ${BYTES_OF_DESCRIPTION}. Letters beyond ASCII take two to four bytes each.`,
    params: { code: 'length' },
  })
  .openapi({
    description: `Markdown, ${BYTES_OF_DESCRIPTION}: as many characters of ASCII, 21,845 Chinese ones.`,
    // What has more characters has more bytes.
    maxLength: MAX_DESCRIPTION_BYTES,
  })
/** What is not storable has no length in UTF-8, and is refused for that. */
const fitsDescription = (given: string): boolean =>
  !given.isWellFormed() ||
  (given.length <= MAX_DESCRIPTION_BYTES && utf8Length(given) <= MAX_DESCRIPTION_BYTES)
