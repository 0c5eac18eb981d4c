export { zoneLines } from './print-zone.ts'
export { durationOf, triggerOf } from './triggers.ts'
export {
  ESTIMATE,
  extraKey,
  extraValue,
  lineOfExtra,
  OF_COMMENT,
  OWN,
  priorityNumber,
  priorityOf,
  statusOf,
  statusWord,
} from './words.ts'
export { zoneOf } from './zones.ts'
