// The JSON of values that are answered again and again. Such a value must not change any more.
const texts = new WeakMap<object, string>()

/** Makes the JSON of `value` once, for as long as the value is kept. */
export const keepJson = (value: object): string => {
  const text = JSON.stringify(value)
  texts.set(value, text)
  return text
}

/** The JSON of `value`: what is kept of it, or made now. */
export const jsonOf = (value: object): string => texts.get(value) ?? JSON.stringify(value)
