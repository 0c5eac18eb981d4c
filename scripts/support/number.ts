/** A whole number as people read it: `1,234`. */
export const number = new Intl.NumberFormat('en').format
