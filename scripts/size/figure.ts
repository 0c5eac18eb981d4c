/** A figure, and the most that it may be; `detail` says how it came about. */
export type Figure = {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly most?: number
  readonly detail?: string
}
