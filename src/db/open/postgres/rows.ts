/** What the driver answers. `count` is how many rows the server has sent. */
export type Result<Row> = readonly Row[] & { readonly count: number }

/**
 * The rows of a result. Works around a fault of postgres.js 3.4: where a query fails in the middle of
 * its rows (its time is over), the driver puts the rows of the next one on that connection behind as
 * many empty places (porsager/postgres#1119, #1181).
 */
export const rowsOf = <Row>(result: Result<Row>): readonly Row[] =>
  result.length === result.count ? result : result.slice(result.length - result.count)
