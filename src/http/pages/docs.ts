import { ICON } from './html.ts'

/**
 * Swagger UI over one of the documents, from files of our own; `assets/docs.js` reads which one from
 * the address.
 */
export const docsPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Taskport API</title>
<link rel="icon" href="${ICON}">
<meta name="color-scheme" content="light dark">
<link rel="stylesheet" href="assets/swagger-ui.css">
<style>
body { margin: 0 }
.top { max-width: 1460px; margin: 0 auto; padding: 1rem 20px 0; box-sizing: border-box; font-family: sans-serif; display: flex; flex-wrap: wrap; gap: .5rem 1.5rem }
.top a { color: light-dark(#1d4ed8, #8ab4ff) }
.top nav { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem }
.top a[aria-current] { color: inherit; font-weight: bold; text-decoration: none }
html.dark-mode .top { color: #e4e6e6 }
html.dark-mode body { background: #1c2022 }
.swagger-ui .responses-inner, .swagger-ui .table-container { overflow-x: auto }
</style>
</head>
<body>
<header class="top">
<a href="./">← Start page</a>
<nav aria-label="Contract">
<a href="docs" data-document="openapi.json">The API, /api/v1</a>
<a href="docs?contract=original" data-document="openapi-original.json">The original contract</a>
</nav>
</header>
<div id="swagger-ui"></div>
<noscript><p>This page needs JavaScript. The documents themselves are at <a href="openapi.json">/openapi.json</a> and <a href="openapi-original.json">/openapi-original.json</a>.</p></noscript>
<script src="assets/swagger-ui-bundle.js"></script>
<script src="assets/docs.js"></script>
</body>
</html>
`
