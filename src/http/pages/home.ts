import type { About } from '../deps.ts'
import {
  createTaskCommand,
  listTasksCommand,
  ownAddress,
  refreshCommand,
  signInCommand,
} from './first-commands.ts'
import { escapeHtml, ICON } from './html.ts'

/** What the page says: `base` is the address for its examples, without a trailing slash. */
export type Home = Pick<About, 'version' | 'engine' | 'durability'> & {
  readonly base: string
  readonly registration: 'open' | 'closed'
  /** The OpenID provider that people sign in with, and where that begins. */
  readonly signIn: { readonly label: string; readonly start: string } | undefined
}

const first = {
  open: 'Make an account, and keep its tokens. The address is yours alone; put in another one, and a passphrase of your own, if you want to stay.',
  closed:
    'Registration is closed here. Put in the address and the passphrase of the account that you were given.',
} as const

const commandBox = (command: string): string =>
  `<pre tabindex="0"><code>${escapeHtml(command)}</code></pre>`

const signInSection = (
  base: string,
  { label, start }: NonNullable<Home['signIn']>,
): string => `<section aria-labelledby="who" id="sign-in">
<h2 id="who" tabindex="-1">Sign in</h2>
<p><a class="button" id="open" target="_blank" rel="opener" data-start="${escapeHtml(start)}">Sign in with ${escapeHtml(label)}</a></p>
<p role="status" id="said"></p>
<form id="paste">
<div id="by-hand" hidden>
<label for="code">Does the other tab show a code? Paste it here:</label>
<div class="row"><input id="code" autocomplete="off" spellcheck="false" required> <button class="button">Go on</button></div>
</div>
</form>
<div id="done" hidden>
<p>You are <strong id="name"></strong>. Your access token, for 15 minutes:</p>
<div class="row"><input id="token" readonly aria-label="Access token"> <button type="button" class="button" id="copy-token">Copy</button></div>
${commandBox(listTasksCommand(base))}
</div>
<noscript><p>This takes JavaScript.</p></noscript>
<script src="assets/home.js"></script>
</section>
`

/** The page that people see at `/`. */
export const homePage = ({
  version,
  engine,
  durability,
  base,
  registration,
  signIn,
}: Home): string => {
  const email = registration === 'open' ? ownAddress() : 'you@example.org'
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Taskport</title>
<link rel="icon" href="${ICON}">
<link rel="stylesheet" href="assets/page.css">
</head>
<body>
<main>
<header>
<h1>Taskport</h1>
<p class="lead">A task backend for many users: projects, tasks, labels and due dates behind one REST API.</p>
<nav aria-label="Documentation">
<a class="button" href="docs">API documentation</a>
<a href="openapi.json">OpenAPI document</a>
<a href="status">Status</a>
</nav>
</header>
<section aria-labelledby="data">
<h2 id="data">Where the data lives</h2>
<p class="note ${durability.kind}"><strong>${durability.kind === 'durable' ? 'Kept across restarts.' : 'Not kept: this disk forgets.'}</strong>
${escapeHtml(durability.reason)} <span class="quiet">(${escapeHtml(engine)})</span></p>
</section>
${signIn ? signInSection(base, signIn) : ''}<section aria-labelledby="start">
<h2 id="start">Try it</h2>
<p>${first[registration]}</p>
${commandBox(signInCommand({ base, registration, email }))}
<p>Make a task.</p>
${commandBox(createTaskCommand)}
<p>The access token lasts 15 minutes. The refresh token gets the next pair, once:</p>
${commandBox(refreshCommand)}
</section>
<footer><p>Taskport ${escapeHtml(version)}</p></footer>
</main>
</body>
</html>
`
}
