if (matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.classList.add('dark-mode')

const order = ['Sign-in', 'Account', 'API keys', 'Projects', 'Tasks', 'Labels', 'System']

window.SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  // In the order of a first visit; the document has them by name.
  tagsSorter: (one, other) => order.indexOf(one) - order.indexOf(other),
  // A reload keeps the token, on this computer.
  persistAuthorization: true,
  // The default asks a validator on another server.
  validatorUrl: null,
})
