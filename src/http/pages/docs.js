if (matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.classList.add('dark-mode')

window.SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  // A reload keeps the token, on this computer.
  persistAuthorization: true,
  // The default asks a validator on another server.
  validatorUrl: null,
})
