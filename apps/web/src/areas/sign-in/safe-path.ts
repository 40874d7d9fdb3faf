/** An address of this console, or its root: a link to the sign-in must not lead elsewhere. */
export function safePath(to: string | undefined): string {
  if (to === undefined || !URL.canParse(to, location.origin)) return '/'
  const { origin, pathname, search, hash } = new URL(to, location.origin)
  return origin === location.origin && pathname !== '/sign-in' ? pathname + search + hash : '/'
}
