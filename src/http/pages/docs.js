if (matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.classList.add('dark-mode')

const order = ['Sign-in', 'Account', 'API keys', 'Projects', 'Tasks', 'Labels', 'System']

/**
 * Visitors of one service would all register the address of the examples, and only the first of
 * them could: each gets another one.
 */
const random = [...crypto.getRandomValues(new Uint8Array(6))]
const ownAddress = `you-${random.map((byte) => byte.toString(16).padStart(2, '0')).join('')}@example.org`
const shown = (response) => {
  if (response.url !== new URL('openapi.json', location.href).href) return response
  const document = JSON.parse(response.text.replaceAll('ada@example.org', ownAddress))
  // It is there for programs, which want one. People would write to a mailbox that may not exist.
  delete document.info.contact
  response.text = JSON.stringify(document)
  return response
}

window.SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#swagger-ui',
  responseInterceptor: shown,
  deepLinking: true,
  // In the order of a first visit; the document has them by name.
  tagsSorter: (one, other) => order.indexOf(one) - order.indexOf(other),
  // A reload keeps the token, on this computer.
  persistAuthorization: true,
  // The default asks a validator on another server.
  validatorUrl: null,
})
