// The pages on which a sign-in with an OpenID provider ends.
import type { Purpose } from '../../features/account/openid/openid-flow.ts'
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
export const messagePage = ({ title, text }: Message): string =>
  page(title, `<p class="lead">${escapeHtml(text)}</p>`)

type CodeShown = {
  readonly code: string
  readonly label: string
  readonly name: string
  readonly purpose: Purpose
}

/** What a person wants who asks for someone's code. */
const purposes = {
  'sign-in': { title: 'Almost signed in', theft: 'sign in as you' },
  link: {
    title: 'Almost linked',
    theft: 'keep what you do with this account, or take it from you',
  },
  prove: { title: 'Almost confirmed', theft: 'take your account from you' },
} as const

/** Hands the code to the page that opened this one, or shows it to the person who asks for it. */
export const codePage = ({ code, label, name, purpose }: CodeShown): string =>
  page(
    purposes[purpose].title,
    `<p class="lead" role="status" id="said">${escapeHtml(label)} knows you${name === '' ? '' : ` as <strong>${escapeHtml(name)}</strong>`}.</p>
<section id="by-hand">
<p class="note ephemeral"><strong>Did you begin this yourself?</strong> If not, close this tab: nothing has happened, and nothing will.</p>
<details id="outside">
<summary>Show the code for a program outside this page</summary>
<p>Give it only to a program that you started yourself. Anyone else who asks you for it wants to ${purposes[purpose].theft}. It ends by itself in two minutes.</p>
<p class="code"><code id="code">${escapeHtml(code)}</code> <button type="button" class="button" id="copy-code" disabled hidden>Copy</button></p>
</details>
</section>
<script src="../../assets/sign-in.js"></script>`,
  )
