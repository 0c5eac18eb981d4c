import { ICON } from './html.ts'

/** Swagger UI over /openapi.json, from files of our own. */
export const docsPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Taskport API</title>
<link rel="icon" href="${ICON}">
<link rel="stylesheet" href="assets/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<noscript><p>This page needs JavaScript. The document itself is at <a href="openapi.json">/openapi.json</a>.</p></noscript>
<script src="assets/swagger-ui-bundle.js"></script>
<script src="assets/docs.js"></script>
</body>
</html>
`
