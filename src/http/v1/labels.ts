import { z } from '@hono/zod-openapi'
import { pageQuery, pageSchema } from '../../core/schemas.ts'
import {
  createLabel,
  deleteLabel,
  getLabel,
  Label,
  LabelPatch,
  listLabels,
  NewLabel,
  updateLabel,
} from '../../features/labels/index.ts'
import { created, list, noContent, resource } from '../result.ts'
import type { Api } from '../router.ts'

const tag = 'Labels'
const one = (description: string) => ({ 200: { description, schema: Label, etag: true } }) as const

export const labelRoutes = (api: Api): void => {
  api.operation(
    {
      id: 'listLabels',
      method: 'get',
      path: '/labels',
      tag,
      summary: 'List labels',
      description: 'By name.',
      query: z.object(pageQuery).strict(),
      answers: {
        200: { description: 'A page of labels.', schema: pageSchema('LabelPage', Label) },
      },
    },
    async ({ ctx, query, url }) => list(await listLabels(ctx, query), url),
  )

  api.operation(
    {
      id: 'createLabel',
      method: 'post',
      path: '/labels',
      tag,
      summary: 'Make a label',
      body: NewLabel,
      idempotent: true,
      answers: { 201: { description: 'The new label.', schema: Label, etag: true } },
      refuses: ['name_taken', 'write_conflict'],
    },
    ({ body, once }) =>
      once(
        (ctx) => createLabel(ctx, body),
        (label) => created(label, `/api/v1/labels/${label.id}`),
      ),
  )

  api.operation(
    {
      id: 'getLabel',
      method: 'get',
      path: '/labels/{id}',
      tag,
      summary: 'Read a label',
      answers: one('The label.'),
    },
    async ({ ctx, id }) => resource(await getLabel(ctx, id)),
  )

  api.operation(
    {
      id: 'updateLabel',
      method: 'patch',
      path: '/labels/{id}',
      tag,
      summary: 'Change a label',
      description:
        'A new name shows on every task that has the label, so each of them gets a new revision.',
      body: LabelPatch,
      ifMatch: 'optional',
      answers: one('The changed label.'),
      refuses: ['name_taken', 'quota_exceeded', 'write_conflict'],
    },
    async ({ ctx, id, ifMatch, body }) =>
      resource(await updateLabel(ctx, { id, ifMatch, patch: body })),
  )

  api.operation(
    {
      id: 'deleteLabel',
      method: 'delete',
      path: '/labels/{id}',
      tag,
      summary: 'Delete a label',
      description: 'Takes it off every task.',
      ifMatch: 'optional',
      answers: { 204: { description: 'Deleted.' } },
      refuses: ['write_conflict'],
    },
    async ({ ctx, id, ifMatch }) => {
      await deleteLabel(ctx, { id, ifMatch })
      return noContent
    },
  )
}
