import { ICON } from './html.ts'

/** Swagger UI over /openapi.json, from files of our own. */
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
.back { max-width: 1460px; margin: 0 auto; padding: 1rem 20px 0; box-sizing: border-box; font-family: sans-serif }
.back a { color: light-dark(#1d4ed8, #8ab4ff) }
html.dark-mode body { background: #1c2022 }
.swagger-ui .responses-inner, .swagger-ui .table-container { overflow-x: auto }
</style>
</head>
<body>
<p class="back"><a href="./">← Start page</a></p>
<div id="swagger-ui"></div>
<noscript><p>This page needs JavaScript. The document itself is at <a href="openapi.json">/openapi.json</a>.</p></noscript>
<script src="assets/swagger-ui-bundle.js"></script>
<script src="assets/docs.js"></script>
</body>
</html>
`
