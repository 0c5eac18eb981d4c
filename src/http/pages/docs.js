if (matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.classList.add('dark-mode')

/** The switch above the document: the link to this address is the current one. */
const original = new URLSearchParams(location.search).get('contract') === 'original'
const links = [...document.querySelectorAll('a[data-document]')]
const current = links[original ? 1 : 0]
current.setAttribute('aria-current', 'page')

/** The documents have the tags by name. */
const order = [
  'Sign-in',
  'Account',
  'API keys',
  'Projects',
  'Tasks',
  'Comments',
  'Labels',
  'Reminders',
  'Batch',
  'System',
]
/** Of the original contract: its tags by name are the order of a first visit. */
const inOrder = (one, other) =>
  original ? one.localeCompare(other, 'en') : order.indexOf(one) - order.indexOf(other)

/**
 * Visitors of one service would all register the address of the examples, and only the first of
 * them could: each gets another one.
 */
const random = [...crypto.getRandomValues(new Uint8Array(6))]
const ownAddress = `you-${random.map((byte) => byte.toString(16).padStart(2, '0')).join('')}@example.org`
const shown = (response) => {
  if (response.url !== new URL(current.dataset.document, location.href).href) return response
  const document = JSON.parse(response.text.replaceAll('ada@example.org', ownAddress))
  // It is there for programs, which want one. People would write to a mailbox that may not exist.
  delete document.info.contact
  response.text = JSON.stringify(document)
  return response
}

window.SwaggerUIBundle({
  url: current.dataset.document,
  dom_id: '#swagger-ui',
  responseInterceptor: shown,
  deepLinking: true,
  // In the order of a first visit.
  tagsSorter: inOrder,
  // A reload keeps the token, on this computer.
  persistAuthorization: true,
  // The default asks a validator on another server.
  validatorUrl: null,
})
