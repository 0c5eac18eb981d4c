window.SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  // The default asks a validator on another server.
  validatorUrl: null,
})
