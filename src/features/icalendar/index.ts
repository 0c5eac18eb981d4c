export { zoneLines } from './print-zone.ts'
export {
  ESTIMATE,
  extraKey,
  extraValue,
  lineOfExtra,
  OWN,
  priorityNumber,
  priorityOf,
  statusOf,
  statusWord,
} from './words.ts'
export { type Definition, zoneOf } from './zones.ts'
