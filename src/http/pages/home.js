// Signs in with the OpenID provider in a tab of its own. Nothing is stored: framed by another site, a page may have no
// storage at all. The verifier and the tokens live as long as this page.
const at = (id) => document.getElementById(id)
const [link, form, field, said, done] = ['open', 'paste', 'code', 'said', 'done'].map(at)
let verifier
let tab

const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')

const prepare = async () => {
  const next = base64url(crypto.getRandomValues(new Uint8Array(32)))
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(next))
  const url = new URL(link.dataset.start)
  url.searchParams.set('challenge', base64url(new Uint8Array(digest)))
  verifier = next
  link.href = url.href
}

const redeem = async (code) => {
  said.textContent = 'Signing in …'
  const response = await fetch('api/v1/auth/openid/redeem', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ code, verifier }),
  })
  const answer = await response.json()
  if (!response.ok) {
    said.textContent = answer.detail
    return prepare()
  }
  at('name').textContent = answer.user.name || 'no name'
  at('token').value = answer.access_token
  for (const part of [link, at('by-hand'), said]) part.hidden = true
  done.hidden = false
  at('who').focus()
}
const attempt = (code) =>
  redeem(code).catch(() => {
    said.textContent = 'The service cannot be reached. Try again.'
  })

link.addEventListener('click', (event) => {
  tab = window.open(link.href, '_blank')
  // Where no tab may be opened this way, the link itself opens one, which then shows the code.
  if (tab) event.preventDefault()
  at('by-hand').hidden = false
})
addEventListener('message', ({ source, origin, data }) => {
  if (!tab || source !== tab || origin !== location.origin || data?.taskport !== 'code') return
  source.postMessage({ taskport: 'received' }, origin)
  attempt(String(data.code))
})
form.addEventListener('submit', (event) => {
  event.preventDefault()
  attempt(field.value.trim())
})
at('copy-token').addEventListener('click', async () => {
  at('token').select()
  await navigator.clipboard?.writeText(at('token').value)
  at('copy-token').textContent = navigator.clipboard ? 'Copied' : 'Selected'
})

if (crypto.subtle) prepare()
else said.textContent = 'Signing in takes https, or this page at localhost.'
