/** Where a frame of the console gets the empty document that it fills with a foreign page. */
export const FRAME_PATH = '/frame.html'

/** A report logged with a run brings scripts and styles along, and may use them: they are all it reaches. The sandbox
 *  stands in the answer and not only at the frame, so that the document has no origin wherever it is opened: no cookies,
 *  no storage, no form, no window but its own. It asks nobody, and only pages of this server may hold it. */
const POLICY = [
  'sandbox allow-scripts',
  "default-src 'none'",
  "script-src 'unsafe-inline' 'unsafe-eval'",
  "style-src 'unsafe-inline'",
  'img-src data: blob:',
  'media-src data: blob:',
  'font-src data:',
  'worker-src blob:',
  "connect-src 'none'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'self'",
].join('; ')

export const FRAME_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': POLICY,
  // Browsers that know `frame-ancestors` go by that; for the others this says the same.
  'x-frame-options': 'SAMEORIGIN',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), display-capture=(), clipboard-write=(), payment=()',
  'cache-control': 'no-store',
}

/** Becomes the page that the one who holds the frame sends: once, for writing a page anew forgets who listens. It has
 *  nothing in it that anybody could be led to. */
export const FRAME_PAGE = `<!doctype html>
<meta charset="utf-8">
<title>Page</title>
<script>
addEventListener('message', ({ source, origin, data }) => {
  if (source !== parent || origin !== new URL(document.URL).origin || typeof data !== 'string') return
  document.open()
  document.write(data)
  document.close()
})
parent.postMessage('ready', '*')
</script>
`
