import { withScope } from '../../core/access.ts'
import { defineOperation } from '../../core/operation.ts'
import { pageQuery, pageSchema } from '../../core/schemas.ts'
import { z } from '../../core/zod.ts'
import { createLabel } from './create.ts'
import { deleteLabel } from './delete.ts'
import { getLabel } from './get.ts'
import { listLabels } from './list.ts'
import { Label, LabelPatch, NewLabel } from './schemas.ts'
import { updateLabel } from './update.ts'

const read = withScope('labels:read')
const write = withScope('labels:write')
const label = (description: string) => ({ description, schema: Label })

export const labelOperations = [
  defineOperation({
    id: 'listLabels',
    summary: 'List labels',
    description: 'By name.',
    access: read,
    query: z.object(pageQuery).strict(),
    output: { description: 'A page of labels.', schema: pageSchema('LabelPage', Label) },
    run: (ctx, { query }) => listLabels(ctx, query),
  }),
  defineOperation({
    id: 'createLabel',
    summary: 'Make a label',
    access: write,
    body: NewLabel,
    idempotent: true,
    output: label('The new label.'),
    refuses: ['name_taken', 'write_conflict'],
    run: (ctx, { body }) => createLabel(ctx, body),
  }),
  defineOperation({
    id: 'getLabel',
    summary: 'Read a label',
    access: read,
    takesId: true,
    output: label('The label.'),
    run: (ctx, { id }) => getLabel(ctx, id),
  }),
  defineOperation({
    id: 'updateLabel',
    summary: 'Change a label',
    description:
      'A new name shows on every task that has the label, so each of them gets a new revision.',
    access: write,
    takesId: true,
    body: LabelPatch,
    ifMatch: 'optional',
    output: label('The changed label.'),
    refuses: ['name_taken', 'quota_exceeded', 'write_conflict'],
    run: (ctx, { id, ifMatch, body }) => updateLabel(ctx, { id, ifMatch, patch: body }),
  }),
  defineOperation({
    id: 'deleteLabel',
    summary: 'Delete a label',
    description: 'Takes it off every task.',
    access: write,
    takesId: true,
    ifMatch: 'optional',
    output: { description: 'Deleted.' },
    refuses: ['write_conflict'],
    run: (ctx, { id, ifMatch }) => deleteLabel(ctx, { id, ifMatch }),
  }),
] as const
