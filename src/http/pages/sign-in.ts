// The pages on which a sign-in with an OpenID provider ends.
import type { Flow } from '../../identity/openid-flow.ts'
import { escapeHtml, ICON } from './html.ts'

export type Message = { readonly title: string; readonly text: string }

const page = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)} · Taskport</title>
<link rel="icon" href="${ICON}">
<link rel="stylesheet" href="../../assets/page.css">
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${body}
</main>
</body>
</html>
`

/** Why a sign-in did not come about. */
export const messagePage = ({ title, text }: Message): string => page(title, `<p class="lead">${escapeHtml(text)}</p>`)

type CodeShown = { readonly code: string; readonly label: string; readonly name: string } & Pick<Flow, 'purpose'>

/** Hands the code to the page that opened this one, or shows it. */
export const codePage = ({ code, label, name, purpose }: CodeShown): string =>
  page(
    purpose === 'link' ? 'Almost linked' : 'Almost signed in',
    `<p class="lead" role="status" id="said">${escapeHtml(label)} knows you${name === '' ? '' : ` as <strong>${escapeHtml(name)}</strong>`}.</p>
<section aria-labelledby="copy" id="by-hand">
<h2 id="copy">Copy the code to the app that sent you here</h2>
<p class="code"><code id="code">${escapeHtml(code)}</code> <button type="button" class="button" id="copy-code" hidden>Copy</button></p>
<p class="note ephemeral"><strong>Give it to nobody.</strong> Whoever asks you for this code wants to sign in as you. If you did not begin this yourself, close the tab:
the code ends by itself in two minutes.</p>
</section>
<script src="../../assets/sign-in.js"></script>`,
  )
