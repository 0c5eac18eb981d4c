// What is looked at before an endpoint is stored, or sent to on request.
import type { Ctx } from '../../core/context.ts'
import { DomainError, invalid, unknownReference } from '../../core/errors.ts'
import { getProject } from '../projects/index.ts'
import type { WebhookCtx } from './context.ts'
import type { Stored } from './row.ts'
import { MAX_URL } from './schemas.ts'

/**
 * The URL as it is stored. Throws `invalid` where nothing would be sent there. What is sent looks
 * again: the addresses of a host change.
 */
export const checkedUrl = async (
  { webhooks: { targets } }: Pick<WebhookCtx, 'webhooks'>,
  given: string,
): Promise<string> => {
  if (!URL.canParse(given))
    throw invalid({ at: ['url'], code: 'malformed', detail: 'This is not an absolute URL.' })
  const url = new URL(given)
  url.hash = ''
  if (url.href.length > MAX_URL)
    throw invalid({
      at: ['url'],
      code: 'too_big',
      detail: `Encoded, it has more than ${MAX_URL} characters.`,
    })
  const refusal = await targets.refusal(url)
  if (refusal !== undefined)
    throw invalid({ at: ['url'], code: 'refused', detail: `Nothing is sent there. ${refusal}` })
  return url.href
}

/** Throws `invalid` where the caller sees no such project. */
export const checkProject = async (ctx: Ctx, id: string | null): Promise<void> => {
  if (id === null) return
  try {
    await getProject(ctx, id)
  } catch (error) {
    if (error instanceof DomainError) throw unknownReference('project_id', 'project')
    throw error
  }
}

/** Throws `webhook_inactive` where nothing is sent to it. */
export const requireActive = ({ active }: Stored): void => {
  if (!active)
    throw new DomainError('webhook_inactive', 'The webhook is switched off. Switch it on first.')
}
