// The end of a sign-in: the code goes to the page that opened this tab, if that is one of ours.
const code = document.getElementById('code').textContent
const copy = document.getElementById('copy-code')

/** Milliseconds that the warning stands there before a click meant for something else could copy the code. */
const PAUSE = 700

// The provider's answer is spent, and is not needed in the history.
history.replaceState(null, '', location.pathname)

addEventListener('message', ({ source, origin, data }) => {
  if (source !== window.opener || origin !== location.origin || data?.taskport !== 'received')
    return
  document.getElementById('by-hand').hidden = true
  document.getElementById('said').textContent = 'That is done. You can close this tab.'
  window.close()
})
window.opener?.postMessage({ taskport: 'code', code }, location.origin)

if (navigator.clipboard) {
  copy.hidden = false
  document.getElementById('outside').addEventListener('toggle', () => {
    setTimeout(() => {
      copy.disabled = false
    }, PAUSE)
  })
  copy.addEventListener('click', async () => {
    await navigator.clipboard.writeText(code)
    copy.textContent = 'Copied'
  })
}
