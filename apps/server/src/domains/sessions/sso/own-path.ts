const NOWHERE = 'http://nowhere.invalid'
const LONGEST = 1_000

/** A place of this console that a browser may be sent to afterwards, or its root: a link to the sign-in must not lead
 *  to another site, however it is written. */
export function ownPath(to: string): string {
  const url = to.length <= LONGEST && to.startsWith('/') ? URL.parse(to, NOWHERE) : null
  if (url?.origin !== NOWHERE || /^\/(?:[/\\]|api\/|sign-in(?:\/|$))/.test(url.pathname)) return '/'
  return url.pathname + url.search + url.hash
}
