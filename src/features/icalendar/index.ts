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
export { zoneOf } from './zones.ts'
